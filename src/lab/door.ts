// The lab as one object for whoever offers it to people: every verb by the name of a lab, faults thrown as LabFault.
import { spawn } from 'node:child_process'
import { cutHost, healHost, type Slowness, slowHost, startHost, stopHost } from './breakage.ts'
import { connectCommand } from './connect.ts'
import { labDown } from './down.ts'
import { labExecHere } from './exec.ts'
import { labInventory, trustLab } from './keys.ts'
import { openLab } from './lab.ts'
import { type HostView, labList } from './list.ts'
import { readFileSync } from 'node:fs'
import { labUp } from './up.ts'

export type LabWishes = {
  count?: number
  prefix?: string
  names?: readonly string[]
  layers: readonly string[]
  diskMiB?: number
  say(line: string): void
}

export type ShownHost = { name: string; address: string; state: string }

export const labDoor = {
  async up(lab: string, { diskMiB = 0, ...wish }: LabWishes): Promise<ShownHost[]> {
    await labUp(openLab({ name: lab }), { ...wish, diskMiB })
    return labDoor.list(lab)
  },
  async down(lab: string, say: (line: string) => void): Promise<void> {
    say((await labDown(openLab({ name: lab }))) ? `lab ${lab} is gone` : `there was no lab ${lab}`)
  },
  async list(lab: string): Promise<ShownHost[]> {
    return (await labList(openLab({ name: lab }))).map(shown)
  },
  stop: (lab: string, hosts: readonly string[]) =>
    each(hosts, (host) => stopHost(openLab({ name: lab }), host)),
  start: (lab: string, hosts: readonly string[]) =>
    each(hosts, (host) => startHost(openLab({ name: lab }), host)),
  cut: (lab: string, hosts: readonly string[]) =>
    each(hosts, (host) => cutHost(openLab({ name: lab }), host)),
  heal: (lab: string, hosts: readonly string[]) =>
    each(hosts, (host) => healHost(openLab({ name: lab }), host)),
  slow: (lab: string, hosts: readonly string[], slowness: Slowness) =>
    each(hosts, (host) => slowHost(openLab({ name: lab }), host, slowness)),
  exec: (lab: string, host: string, argv: readonly string[]) =>
    labExecHere(openLab({ name: lab }), host, argv),
  /** What OpenSSH calls as its ProxyCommand: stdin and stdout are the host's port 22. */
  connect(lab: string, host: string): Promise<number> {
    const [file = 'sh', ...args] = connectCommand(openLab({ name: lab }), host)
    const child = spawn(file, args, { stdio: 'inherit' })
    return new Promise((resolve) => child.once('exit', (code) => resolve(code ?? 1)))
  },
  async sshConfig(lab: string): Promise<string> {
    return readFileSync(trustLab(openLab({ name: lab })).sshConfig, 'utf8')
  },
  /** Nodes as `anneal.yaml` takes them in by `nodes: { from: FILE }`. */
  async inventory(lab: string): Promise<ReturnType<typeof labInventory>> {
    return labInventory(openLab({ name: lab }))
  },
}

async function each(hosts: readonly string[], act: (host: string) => Promise<void>): Promise<void> {
  await Promise.all(hosts.map(act))
}

function shown({ name, address, state, cut, slow }: HostView): ShownHost {
  const marks = [state, ...(cut ? ['cut'] : []), ...(slow === undefined ? [] : [`slow ${slow}`])]
  return { name, address, state: marks.join(', ') }
}
