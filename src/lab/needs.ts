// What a machine must have for a lab: asked by the setup script before it installs, and by `up` before it begins.
import { spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync, readFileSync } from 'node:fs'
import { release, userInfo } from 'node:os'
import { delimiter, join } from 'node:path'
import { LabFault } from './fault.ts'
import { type Lab, readIfThere } from './lab.ts'

export type LabNeed = { package: string; why: string }
export type LabNeeds = {
  /** Debian packages to install, each once. */
  missing: LabNeed[]
  /** Why no package helps. */
  impossible?: string
}

type Tool = {
  command: string
  package: string
  why: string
  mode?: Lab['mode']
  /** Succeeds only where the command is there in full: Debian has some of them in a small form, too. */
  probe?: readonly string[]
}

const TOOLS: readonly Tool[] = [
  { command: 'mmdebstrap', package: 'mmdebstrap', why: 'makes the Debian root that hosts stand on' },
  { command: 'unshare', package: 'util-linux', why: 'makes the namespaces of lab and hosts' },
  { command: 'nsenter', package: 'util-linux', why: 'enters the namespaces of lab and hosts' },
  { command: 'setpriv', package: 'util-linux', why: 'takes dangerous capabilities away from hosts' },
  { command: 'flock', package: 'util-linux', why: 'keeps two commands from working on one lab' },
  { command: 'mountpoint', package: 'util-linux', why: 'finds out whether a host has its disk' },
  { command: 'ip', package: 'iproute2', why: 'makes the lab network' },
  { command: 'ssh', package: 'openssh-client', why: 'reaches the hosts' },
  { command: 'ssh-keygen', package: 'openssh-client', why: 'makes host and client keys' },
  { command: 'nc', package: 'netcat-openbsd', why: 'carries ssh connections into the lab network' },
  {
    command: 'perl',
    package: 'perl',
    why: 'slows a host down (`anneal lab slow`)',
    probe: ['-MSocket', '-MTime::HiRes', '-e', '1'],
  },
  {
    command: 'newuidmap',
    package: 'uidmap',
    why: 'gives an ordinary user a range of user ids',
    mode: 'user',
  },
]

/** Looks at this machine as it is now; changes nothing. */
export function labNeeds(mode: Lab['mode'] = process.getuid?.() === 0 ? 'root' : 'user'): LabNeeds {
  const impossible = whyImpossible(mode)
  const missing = new Map<string, LabNeed>()
  for (const tool of TOOLS) {
    if ((tool.mode ?? mode) !== mode || isUsable(tool) || missing.has(tool.package)) continue
    missing.set(tool.package, { package: tool.package, why: tool.why })
  }
  return { missing: [...missing.values()], ...(impossible === undefined ? {} : { impossible }) }
}

/** The same as a fault, with the command that would help. */
export function expectPossible(lab: Lab): void {
  const needs = labNeeds(lab.mode)
  if (needs.impossible !== undefined) throw new LabFault('not-possible-here', needs.impossible)
  if (needs.missing.length === 0) return
  const list = needs.missing.map((need) => `${need.package} (${need.why})`).join(', ')
  const names = needs.missing.map((need) => need.package).join(' ')
  throw new LabFault('packages-missing', `a lab needs ${list}: apt-get update && apt-get install ${names}`)
}

function whyImpossible(mode: Lab['mode']): string | undefined {
  if (process.platform !== 'linux') return `a lab needs Linux namespaces, and this is ${process.platform}`
  if (!existsSync('/usr/bin/apt-get')) return 'a lab is made of Debian packages, and this machine has no apt'
  return mode === 'root' ? whyRootIsNotEnough() : whyUserIsNotEnough()
}

/** Root in a container often may not do what root may: CAP_SYS_ADMIN is bit 21, CAP_NET_ADMIN bit 12. */
function whyRootIsNotEnough(): string | undefined {
  const held = BigInt(
    `0x${/^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0'}`,
  )
  const lacking = [21n, 12n].some((bit) => ((held >> bit) & 1n) === 0n)
  return lacking
    ? 'root here lacks CAP_SYS_ADMIN or CAP_NET_ADMIN (a container without privileges?)'
    : undefined
}

function whyUserIsNotEnough(): string | undefined {
  if (!hasOverlay()) return 'this kernel has no overlay file system'
  const refusing = REFUSING.find(([file, value]) => readIfThere(file)?.trim() === value)
  if (refusing !== undefined) {
    const setting = refusing[0].slice('/proc/sys/'.length).replaceAll('/', '.')
    return `this machine lets only root make user namespaces (${setting} is ${refusing[1]}), and a lab needs them; as root it works`
  }
  if (!mayDivideCgroup()) {
    return 'the systemd of a host needs a cgroup, and only root or a login session of systemd may make one here'
  }
  const { username } = userInfo()
  const mine = [`${username}:`, `${process.getuid?.()}:`]
  const hasRange = (file: string) =>
    (readIfThere(file) ?? '')
      .split('\n')
      .some((line) => mine.some((name) => line.startsWith(name)) && /:\d+:\d{5,}$/.test(line))
  if (['/etc/subuid', '/etc/subgid'].every(hasRange)) return undefined
  const range = '100000-165535'
  return `neither root nor an ordinary user with a range of user ids; this gives one, as root: usermod --add-subuids ${range} --add-subgids ${range} ${username}`
}

/** Settings of kernels and distributions that keep ordinary users from making user namespaces of their own. */
const REFUSING: readonly (readonly [file: string, value: string])[] = [
  ['/proc/sys/user/max_user_namespaces', '0'],
  ['/proc/sys/kernel/unprivileged_userns_clone', '0'],
  ['/proc/sys/kernel/apparmor_restrict_unprivileged_userns', '1'],
]

/** Built in, loaded, or a module that the first mount will load. */
function hasOverlay(): boolean {
  if (/\boverlay\b/.test(readFileSync('/proc/filesystems', 'utf8'))) return true
  return (readIfThere(join('/lib/modules', release(), 'modules.dep')) ?? '').includes('/overlay.ko')
}

/** The user's own systemd may make cgroups for us; without one, ours must be given to us. */
function mayDivideCgroup(): boolean {
  const runtime = process.env['XDG_RUNTIME_DIR']
  if (runtime !== undefined && existsSync(join(runtime, 'systemd/private'))) return true
  const mount = /^(?:\S+ ){4}(\S+) .* - cgroup2 /m.exec(readFileSync('/proc/self/mountinfo', 'utf8'))?.[1]
  const ours = /^0::(.*)$/m.exec(readFileSync('/proc/self/cgroup', 'utf8'))?.[1]
  if (mount === undefined || ours === undefined) return false
  return ['.', 'cgroup.procs'].every((name) => isAllowed(join(mount, ours, name), constants.W_OK))
}

function isAllowed(path: string, what: number): boolean {
  try {
    accessSync(path, what)
    return true
  } catch {
    return false
  }
}

function isUsable(tool: Tool): boolean {
  if (!isThere(tool.command)) return false
  return tool.probe === undefined || spawnSync(tool.command, tool.probe, { stdio: 'ignore' }).status === 0
}

function isThere(command: string): boolean {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin', '/usr/bin', '/bin']
  return folders.some((folder) => isAllowed(join(folder, command), constants.X_OK))
}
