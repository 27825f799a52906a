// A folder for all that a test run puts aside: when the run is over, also by Ctrl-C, its labs go down and it goes away.
import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** As open to everybody as the machine's own: some tests are other users for a moment. */
export function makeTestFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'anneal-'))
  chmodSync(folder, 0o1777)
  return folder
}

export function clearTestFolder(folder, node, anneal) {
  for (const [stateHome, lab] of labsIn(folder)) {
    const env = { ...process.env, XDG_STATE_HOME: stateHome }
    spawnSync(node, [anneal, 'lab', 'down', '--lab', lab], { env, stdio: ['ignore', 'ignore', 'inherit'] })
  }
  for (const name of foldersIn('/proc')) if (/^\d+$/.test(name)) endIfOurs(Number(name), folder)
  try {
    rmSync(folder, { recursive: true, force: true })
  } catch (fault) {
    process.stderr.write(`What tests put aside could not be removed: ${fault.message}\n`)
  }
}

/** The folder's name is in no command line but those that tests have started, such as an sshd of theirs. */
function endIfOurs(pid, folder) {
  try {
    if (readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(folder)) process.kill(pid)
  } catch {
    // It has ended, or it is not ours to look at.
  }
}

/** Tests keep labs in state folders of their own, which are not far down. */
function labsIn(folder, depth = 3) {
  const shelf = join(folder, 'anneal', 'lab')
  if (existsSync(shelf)) return foldersIn(shelf).map((lab) => [folder, lab])
  return depth === 0 ? [] : foldersIn(folder).flatMap((name) => labsIn(join(folder, name), depth - 1))
}

function foldersIn(folder) {
  try {
    const entries = readdirSync(folder, { withFileTypes: true })
    return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name)
  } catch {
    return [] // not there (/proc is only on Linux), or not ours to look into
  }
}
