// The one setting of the machine that a lab may change: each systemd needs some inotify instances, and 128 are few.
import { readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { type Lab, siblingLabs } from './lab.ts'
import { readHosts } from './records.ts'
import type { Say } from './root.ts'

const LIMIT = '/proc/sys/fs/inotify/max_user_instances'
/** Seen: a limit of 128 carries about 22 systemd hosts. */
const PER_HOST = 6
const RAISED = 8192

/** Only root can raise it; anybody is told. */
export function raiseInotifyLimit(lab: Lab, say: Say): void {
  const labs = siblingLabs(lab).map((name) => ({
    ...lab,
    name,
    directory: resolve(lab.directory, '..', name),
  }))
  const hosts = labs.reduce((sum, each) => sum + readHosts(each).length, 0)
  const limit = Number(readFileSync(LIMIT, 'utf8'))
  if (hosts * PER_HOST <= limit) return
  const setting = `fs.inotify.max_user_instances`
  if (lab.mode === 'user') {
    say(
      `${setting} is ${limit}, which carries about ${Math.floor(limit / PER_HOST)} hosts; root may raise it`,
    )
    return
  }
  writeFileSync(LIMIT, String(RAISED))
  say(
    `raised ${setting} of this machine from ${limit} to ${RAISED}, until it restarts: ${hosts} hosts need it`,
  )
}
