// The process that holds a lab's namespaces: starting it, finding it again, entering it, ending it.
import { spawn } from 'node:child_process'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { type CommandOptions, must, run } from './command.ts'
import { LabFault } from './fault.ts'
import { cgroupName, type Lab, readIfThere } from './lab.ts'
import { claimLabNumber, gatewayOf } from './records.ts'

const scripts = import.meta.dirname

/** The pid of the lab's first process as this machine sees it; undefined when the lab is down. */
export function findHolder(lab: Lab): number | undefined {
  const [pid, start] = (readIfThere(join(lab.directory, 'holder')) ?? '').trim().split(' ')
  return pid !== undefined && start !== undefined && startTime(pid) === start ? Number(pid) : undefined
}

/** Makes sure that the lab is there, empty or not. Safe to call at any time, also after a crash half-way. */
export async function holdLab(lab: Lab): Promise<number> {
  const number = claimLabNumber(lab)
  for (let tries = 0; tries < TRIES; tries++) {
    const pid = findHolder(lab)
    if (pid !== undefined) return pid
    const word = await startHolder(lab, `${gatewayOf(number)}/24`)
    if (word === 'taken') await pause() // by one whose maker was killed: it gets ready on its own, or ends
  }
  throw new LabFault(
    'lab-is-busy',
    `lab ${lab.name} is held by a process that does not get ready: \`down\` ends it`,
  )
}

const TRIES = 200
const PAUSE_MS = 20

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
}

/** Ends everything in the lab. The kernel clears its processes, mounts and network before the first one is gone. */
export async function endHolder(lab: Lab): Promise<void> {
  for (let tries = 0; tries < TRIES; tries++) {
    const pid = findHolder(lab)
    if (pid !== undefined) {
      process.kill(pid, 'SIGKILL')
      await gone(pid)
    }
    rmSync(join(lab.directory, 'holder'), { force: true })
    if (await lockIsFree(join(lab.directory, 'holder.lock'))) return
    await pause() // one whose maker was killed is on its way, and cannot be told from others until it has signed in
  }
  throw new LabFault('lab-is-busy', `lab ${lab.name} is held by a process that neither gets ready nor ends`)
}

async function lockIsFree(path: string): Promise<boolean> {
  return !existsSync(path) || (await run(['flock', '--nonblock', path, 'true'])).code === 0
}

/** What to put before a command so that it runs inside the lab: its network, mounts and processes. */
export function inLab(lab: Lab): string[] {
  const pid = findHolder(lab)
  if (pid === undefined) {
    throw new LabFault('lab-is-down', `lab ${lab.name} is not up: \`anneal lab up\` brings it up`)
  }
  const user = lab.mode === 'user' ? ['--user'] : []
  return ['nsenter', '--target', String(pid), ...user, '--mount', '--net', '--pid']
}

/** What to put before a command so that it may do to the lab's files what the lab's root may. More `unshare` options may follow. */
export function asLabRoot(lab: Lab): string[] {
  return ['unshare', ...(lab.mode === 'user' ? ['--user', '--map-auto', '--map-root-user'] : [])]
}

/** Runs one of this room's scripts inside the lab. */
export function labScript(
  lab: Lab,
  purpose: string,
  script: string,
  args: readonly string[],
  options?: CommandOptions,
): Promise<string> {
  return must(purpose, [...inLab(lab), 'sh', join(scripts, script), lab.directory, ...args], options)
}

export function scriptPath(name: string): string {
  return join(scripts, name)
}

function startHolder(lab: Lab, gateway: string): Promise<'ready' | 'taken'> {
  const spaces = [...(lab.mode === 'user' ? ['--cgroup'] : []), '--net', '--mount', '--pid', '--fork']
  const script = [scriptPath('lab-init.sh'), lab.directory, gateway, `/${cgroupName(lab)}`, lab.mode]
  const argv = [...ownScope(lab), ...asLabRoot(lab), ...spaces, 'sh', ...script]
  const [file, ...args] = argv as [string, ...string[]]
  const child = spawn(file, args, {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd: '/',
  })
  return new Promise((resolve, reject) => {
    let stderr = ''
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk))
    child.once('error', (cause) => reject(new LabFault('command-failed', `${file}: ${cause.message}`, cause)))
    child.stdout.setEncoding('utf8').once('data', (word: string) => {
      child.unref()
      child.stdout.destroy()
      child.stderr.destroy()
      resolve(word.startsWith('ready') ? 'ready' : 'taken')
    })
    child.once('exit', (code) =>
      reject(new LabFault('command-failed', `could not make the lab: ${stderr.trim() || `exit ${code}`}`)),
    )
  })
}

/**
 * What to put before what stays: a user's own systemd gives it a cgroup that outlives the terminal and may be divided.
 * A login session's cgroup is not the user's, so nothing could move from there into a host's. Root needs no leave.
 */
export function ownScope(lab: Lab): string[] {
  const runtime = process.env['XDG_RUNTIME_DIR']
  if (lab.mode === 'root' || runtime === undefined || !existsSync(join(runtime, 'systemd/private'))) return []
  return ['systemd-run', '--user', '--scope', '--quiet', '--collect', '--property=Delegate=yes']
}

/** Field 22 of proc_pid_stat(5); with the pid it names one process for as long as the machine runs. */
function startTime(pid: string): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' ? undefined : fields[19]
  } catch {
    return undefined
  }
}

async function gone(pid: number): Promise<void> {
  for (let tries = 0; startTime(String(pid)) !== undefined; tries++) {
    if (tries === 10 * TRIES)
      throw new LabFault('lab-is-busy', `the lab's first process ${pid} was killed and does not go away`)
    await pause()
  }
}
