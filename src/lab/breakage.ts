// Breaks hosts on purpose, and mends them: stop, start, freeze, cut, slow, a full disk, a changed host key.
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { labExec } from './exec.ts'
import { LabFault } from './fault.ts'
import { findHolder, holdLab, labScript } from './holder.ts'
import { makeKey } from './keys.ts'
import { type Lab, readIfThere } from './lab.ts'
import { hostStates, type HostState } from './list.ts'
import { withLock } from './lock.ts'
import { expectHost, type HostRecord, hostDirectory, writeWhole } from './records.ts'
import { bootHosts, untilAnswering } from './boot.ts'

/** `kill`: as if the plug were pulled. `poweroff`: as if somebody had asked its systemd to. Its files stay. */
export function stopHost(lab: Lab, name: string, how: 'kill' | 'poweroff' = 'kill'): Promise<void> {
  return withHost(lab, name, async (host, state) => {
    if (state === 'down') return
    if (state === 'frozen' && how === 'poweroff') {
      throw new LabFault(
        'bad-value',
        `${name} is frozen and cannot shut itself down: thaw it first, or kill it`,
      )
    }
    await labScript(lab, `stop ${name}`, 'host-stop.sh', [host.name, how, '60'])
  })
}

/** Comes back once the host answers, or at once when it is cut off and cannot. Also brings the lab itself up again when it was lost. */
export function startHost(lab: Lab, name: string, deadlineS = 60): Promise<void> {
  return withHost(lab, name, async (host, state) => {
    await holdLab(lab)
    if (state === 'down') await bootHosts(lab, [host], deadlineS)
    else if (state === 'up') await untilAnswering(lab, [host], deadlineS)
  })
}

/** All processes of the host stop as they are: its kernel still takes connections, nobody answers. */
export function freezeHost(lab: Lab, name: string): Promise<void> {
  return withHost(lab, name, async (host, state) => {
    expectUp(host, state)
    await labScript(lab, `freeze ${name}`, 'host-freeze.sh', [host.name, '1'])
  })
}

export function thawHost(lab: Lab, name: string): Promise<void> {
  return withHost(lab, name, async (host, state) => {
    expectUp(host, state)
    await labScript(lab, `thaw ${name}`, 'host-freeze.sh', [host.name, '0'])
  })
}

/** Takes the host off the network; with `from`, parts it from those hosts alone. Packets vanish: nobody is told. */
export async function cutHost(lab: Lab, name: string, from: readonly string[] = []): Promise<void> {
  const addresses = from.map((other) => `${expectHost(lab, other).address}\n`)
  return mark(lab, name, { cut: addresses.join('') })
}

/** Ends cutting and slowing. */
export function healHost(lab: Lab, name: string): Promise<void> {
  return mark(lab, name, { cut: undefined, slow: undefined })
}

export type Slowness = {
  /** Added to each packet in each direction, so a round trip takes twice as much longer. */
  delayMs?: number
  /** The latency of each packet differs by up to this much either way. */
  jitterMs?: number
  /** Of all packets in each direction. */
  lossPercent?: number
  /** Bits per second in each direction. */
  rate?: number
}

/** Puts a slow line between the host and everybody else; an empty wish takes it away. */
export async function slowHost(lab: Lab, name: string, slowness: Slowness): Promise<void> {
  const { delayMs = 0, jitterMs = 0, lossPercent = 0, rate = 0 } = slowness
  const parts = Object.entries({ delayMs, jitterMs, lossPercent, rate })
  for (const [part, value] of parts) {
    if (Number.isFinite(value) && value >= 0 && (part !== 'lossPercent' || value <= 100)) continue
    throw new LabFault(
      'bad-value',
      `slow ${name}: ${part} is ${value}, expected a number of 0 or more${part === 'lossPercent' ? ', at most 100' : ''}`,
    )
  }
  const isSlow = parts.some(([, value]) => value > 0)
  return mark(lab, name, { slow: isSlow ? `${delayMs} ${jitterMs} ${lossPercent} ${rate}\n` : undefined })
}

/** Leaves not a byte free. Only for a host with a disk of its own: the others share the machine's. */
export async function fillDisk(lab: Lab, name: string): Promise<void> {
  const host = expectHost(lab, name)
  if (host.diskMiB === 0) {
    throw new LabFault(
      'no-own-disk',
      `${name} writes to the machine's disk: make hosts with --disk MIB to fill theirs`,
    )
  }
  const fill = await inside(lab, name, 'cat /dev/zero >/.filler')
  if (!/No space left/.test(fill))
    throw new LabFault('command-failed', `could not fill the disk of ${name}: ${fill}`)
}

export async function freeDisk(lab: Lab, name: string): Promise<void> {
  await inside(lab, name, 'rm -f /.filler')
}

/** Gives the host another host key, as a reinstalled or a false machine would have. known_hosts keeps the old one until trustLab. */
export async function rekeyHost(lab: Lab, name: string): Promise<void> {
  const host = expectHost(lab, name)
  const key = join(hostDirectory(lab, host.name), 'seed/ssh_host_ed25519_key')
  await makeKey(key, name)
  const put = 'umask 077; cat >/etc/ssh/ssh_host_ed25519_key'
  await expectDone(lab, name, ['sh', '-c', put], readIfThere(key))
  await expectDone(
    lab,
    name,
    ['sh', '-c', 'cat >/etc/ssh/ssh_host_ed25519_key.pub'],
    readIfThere(`${key}.pub`),
  )
  await expectDone(lab, name, ['systemctl', 'restart', 'ssh'])
}

function expectUp(host: HostRecord, state: HostState): void {
  if (state === 'down') throw new LabFault('host-is-down', `${host.name} is down: start it first`)
}

type Marks = { cut?: string | undefined; slow?: string | undefined }

/** A mark outlives restarts of host and lab; undefined takes it away. When the host runs, its port is plugged in anew. */
function mark(lab: Lab, name: string, marks: Marks): Promise<void> {
  return withHost(lab, name, async (host, state) => {
    for (const [kind, text] of Object.entries(marks)) {
      const path = join(hostDirectory(lab, host.name), kind)
      if (text === undefined) rmSync(path, { force: true })
      else writeWhole(path, text)
    }
    if (state === 'down') return
    await labScript(lab, `plug ${name} in`, 'plug.sh', [host.name, `v${host.address.split('.')[3]}`])
  })
}

async function withHost(
  lab: Lab,
  name: string,
  work: (host: HostRecord, state: HostState) => Promise<void>,
): Promise<void> {
  const host = expectHost(lab, name)
  return withLock(`${lab.directory}.lock`, 120, async () => {
    const states = findHolder(lab) === undefined ? new Map<string, HostState>() : await hostStates(lab)
    await work(host, states.get(host.name) ?? 'down')
  })
}

async function inside(lab: Lab, name: string, script: string): Promise<string> {
  const { stdout, stderr } = await labExec(lab, name, ['sh', '-c', script])
  return stdout + stderr
}

async function expectDone(lab: Lab, name: string, argv: readonly string[], input = ''): Promise<void> {
  const result = await labExec(lab, name, argv, { input })
  if (result.code !== 0) throw new LabFault('command-failed', `${name}: ${argv[0]}: ${result.stderr.trim()}`)
}
