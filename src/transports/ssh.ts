// The ssh transport: the system's OpenSSH client with the operator's own settings, one connection a node.
import { resolve } from 'node:path'
import { visible } from '../base/visible.ts'
import type { NodeFault } from '../model/run.ts'
import type { TransportSpec } from '../model/site.ts'
import { LOGIN_COMMAND } from './boot.ts'
import { keyAt, knownKeys } from './host-keys.ts'
import { openLoop, type Talk } from './loop.ts'
import { slotOf } from './slot.ts'
import { knownHostsPath, SshConfigFiles } from './ssh-config.ts'
import { sshFault } from './ssh-fault.ts'
import type { Transport } from './transport.ts'
import { spawnWire } from './wire.ts'

export interface SshOptions {
  /** Pins go to `.anneal/known_hosts` in it; relative `config` files are looked for from here. */
  siteDir: string
  /** Of the site, see `slot.ts`. */
  owner: string
  /** The client; tests pass another. */
  command?: string
  graceSeconds?: number
}

type SshSpec = Extract<TransportSpec, { kind: 'ssh' }>

/** No prompt, no terminal, nothing forwarded, nothing but our command: whatever the operator's settings say. */
const FIXED = [
  'BatchMode=yes',
  'RequestTTY=no',
  'RemoteCommand=none',
  'ClearAllForwardings=yes',
  'ForwardAgent=no',
  'ForwardX11=no',
  'PermitLocalCommand=no',
  'Tunnel=no',
  // An open master is used, so that its one-time password counts; none is left behind.
  'ControlMaster=no',
  // Says when the login is done, which tells a silent machine from a silent shell.
  'LogLevel=VERBOSE',
]

export function sshTransport(options: SshOptions): Transport {
  const configs = new SshConfigFiles()
  return {
    kind: 'ssh',
    async open(node, asked) {
      const { signal, connectTimeoutMs } = asked
      if (node.transport.kind !== 'ssh')
        throw new TypeError('an ssh transport was given another kind of node')
      const spec = node.transport
      const config = spec.config === undefined ? undefined : resolve(options.siteDir, spec.config)
      const problem = problemOf(spec)
      if (problem !== undefined) return { ok: false, fault: { code: 'unreachable', message: problem } }
      const written = await configs.path({ siteDir: options.siteDir, config, connectTimeoutMs }).then(
        (file) => ({ file }),
        (error: Error) => ({ why: error.message }),
      )
      if ('why' in written) {
        const message = `the settings for ssh cannot be written: ${written.why}`
        return { ok: false, fault: { code: 'internal', message } }
      }
      const wire = spawnWire(options.command ?? 'ssh', sshArguments(spec, written.file), {
        env: process.env,
        cwd: options.siteDir,
      })
      const place = placeOf(node.name, spec)
      return openLoop(wire, {
        node: node.name,
        slot: slotOf(options.owner, node.name),
        signal,
        // TCP and banner have ConnectTimeout; key exchange, login and a slow profile come after it.
        openTimeoutMs: connectTimeoutMs * 3,
        graceSeconds: options.graceSeconds ?? 5,
        explain: async (end, talk, phase) => {
          const fault = sshFault(place, end, talk, phase)
          return fault.code === 'hostKeyChanged' ? withBothKeys(fault, talk) : fault
        },
        accept: (talk) => acceptHostKey(place, talk, options.siteDir, (message) => asked.notice(message)),
      })
    },
  }
}

export function sshArguments(spec: SshSpec, configFile: string): string[] {
  const own = Object.entries(spec.options ?? {}).map(([name, value]) => `${name}=${value}`)
  return [
    '-T',
    '-F',
    configFile,
    // The first word on an option counts.
    ...[...FIXED, ...own].flatMap((option) => ['-o', option]),
    ...(spec.user === undefined ? [] : ['-l', spec.user]),
    ...(spec.port === undefined ? [] : ['-p', String(spec.port)]),
    '--',
    spec.host,
    LOGIN_COMMAND,
  ]
}

function placeOf(node: string, spec: SshSpec): string {
  return spec.host === node ? node : `${node} (${spec.host})`
}

function problemOf(spec: SshSpec): string | undefined {
  for (const [name, value] of Object.entries(spec.options ?? {})) {
    if (!/^[A-Za-z][A-Za-z0-9]*$/.test(name))
      return `${JSON.stringify(name)} is not the name of an ssh option`
    if (/[\n\0]/.test(value)) return `the ssh option ${name} holds a newline or NUL`
  }
  if (spec.host === '' || /^-|[\s\0]/.test(spec.host))
    return `${JSON.stringify(spec.host)} is not a host that ssh could reach`
  return undefined
}

const PINNED = /Permanently added '([^']+)' \(([^)]+)\) to the list of known hosts/g

/** A new pin is shown; a changed key is refused even where the operator's settings let it pass. */
async function acceptHostKey(
  place: string,
  talk: Talk,
  siteDir: string,
  notice: (message: string) => void,
): Promise<NodeFault | undefined> {
  if (/REMOTE HOST IDENTIFICATION HAS CHANGED/.test(talk.stderr)) {
    return withBothKeys(sshFault(place, { how: 'exit', code: 255 }, talk, 'opening'), talk)
  }
  // More than one where there are jump hosts.
  for (const [, names = '', type = ''] of talk.stderr.matchAll(PINNED)) {
    const file = knownHostsPath(siteDir)
    const keys = (await Promise.all(names.split(',').map((name) => knownKeys(file, name)))).flat()
    const pinned = keys.at(-1)
    const where =
      pinned === undefined
        ? 'in the file that your ssh settings name'
        : `${pinned.fingerprint} in ${pinned.file}`
    notice(visible(`first contact with ${place}: the host key of ${names} is pinned, ${type} ${where}`))
  }
  return undefined
}

/** ssh says which key came and where the other one stands. */
async function withBothKeys(fault: NodeFault, talk: Talk): Promise<NodeFault> {
  const came = /fingerprint for the (\S+) key sent by the remote host is\s+(SHA256:[A-Za-z0-9+/]+)/.exec(
    talk.stderr,
  )
  const stands = /Offending \S+ key in (.+):(\d+)\s*$/m.exec(talk.stderr)
  const pinned = stands === null ? undefined : await keyAt(stands[1] as string, Number(stands[2]))
  const remove = /^\s*(ssh-keygen -f .* -R .*)$/m.exec(talk.stderr)?.[1]?.trim()
  const keys = [
    ...(came === null ? [] : [`it shows ${came[1]} ${came[2]}`]),
    ...(pinned === undefined
      ? []
      : [`pinned is ${pinned.type} ${pinned.fingerprint} (${pinned.file}:${pinned.line})`]),
  ]
  return {
    code: 'hostKeyChanged',
    message: visible([fault.message, ...keys].join('; ')),
    advice: visible(
      `If the machine was installed anew, forget the old key${remove === undefined ? '' : ` with: ${remove}`}; the next contact pins the new one. If not, somebody may stand between.`,
    ),
  }
}
