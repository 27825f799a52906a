// The home of a runner on its machine: who it is, its key, and that only one process works in it.
import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Answer, answer, refuse } from '../model/refusal.ts'
import { makeKeyPair } from './key-pair.ts'

export interface RunnerHome {
  directory: string
  runner: string
  /** PKCS #8 as PEM. */
  privateKey: string
  publicKey: string
  enrolled: boolean
  /** From now on it is. */
  keepEnrolled(): void
  close(): void
}

interface Kept {
  runner: string
  publicKey: string
  enrolled: boolean
}

/**
 * `runner`: what it is called where nothing is here yet; of one that is here its own name stays. Refuses where there is neither, or
 * another process works here. Everything in it is for its owner alone.
 */
export function openRunnerHome(directory: string, runner: string | undefined): Answer<RunnerHome> {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  chmodSync(directory, 0o700)
  const lock = join(directory, 'runner.pid')
  const busy = take(lock)
  if (busy !== undefined) {
    const holder = `pid ${busy}`
    return refuse({ code: 'busy', message: `busy: another runner works in ${directory} (${holder})`, holder })
  }
  const place = join(directory, 'runner.json')
  const keyPlace = join(directory, 'key.pem')
  const known = textOf(place)
  const privateKey = textOf(keyPlace)
  if (known !== undefined && privateKey !== undefined)
    return answer(homeOf(JSON.parse(known) as Kept, privateKey))
  if (runner === undefined) {
    rmSync(lock, { force: true })
    const message = `no runner has enrolled in ${directory} yet, and no enrolment token was given`
    return refuse({ code: 'unauthenticated', message })
  }
  const identity = makeKeyPair()
  writeFileSync(keyPlace, identity.privateKey, { mode: 0o600 })
  const kept: Kept = { runner, publicKey: identity.publicKey, enrolled: false }
  keep(place, kept)
  return answer(homeOf(kept, identity.privateKey))

  function homeOf(kept: Kept, key: string): RunnerHome {
    return {
      directory,
      ...kept,
      privateKey: key,
      keepEnrolled: () => keep(place, { ...kept, enrolled: true }),
      close: () => rmSync(lock, { force: true }),
    }
  }
}

function keep(place: string, kept: Kept): void {
  writeFileSync(`${place}.new`, `${JSON.stringify(kept)}\n`, { mode: 0o600 })
  renameSync(`${place}.new`, place)
}

/** The number of the process that has it; undefined when it is ours now. What a dead one left is taken over. */
function take(lock: string): number | undefined {
  for (let tries = 0; ; tries++) {
    try {
      writeFileSync(lock, `${process.pid}\n`, { flag: 'wx', mode: 0o600 })
      return undefined
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      const holder = Number(textOf(lock))
      if (tries > 0 || (holder > 0 && holder !== process.pid && isAlive(holder))) return holder
      rmSync(lock, { force: true })
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
