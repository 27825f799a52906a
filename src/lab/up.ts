// Brings a lab up: what is missing is made, what is down is started, what a crash left half-way is put right.
import { rmSync } from 'node:fs'
import { bootHosts, untilAnswering } from './boot.ts'
import { LabFault } from './fault.ts'
import { holdLab } from './holder.ts'
import { raiseInotifyLimit } from './inotify.ts'
import { ensureClientKey, type LabTrust, seedHost, trustLab } from './keys.ts'
import { checkName, type Lab } from './lab.ts'
import { type HostState, hostStates } from './list.ts'
import { withLock } from './lock.ts'
import { expectPossible } from './needs.ts'
import {
  claimLabNumber,
  expectRoom,
  freeAddress,
  type HostRecord,
  hostDirectory,
  readHost,
  readHosts,
  writeHost,
} from './records.ts'
import { floorsFor, type Say } from './root.ts'

export type UpWish = {
  /** Either how many, named PREFIX1 to PREFIXn, or the names themselves; with neither those that there are. */
  count?: number
  prefix?: string
  names?: readonly string[]
  layers?: readonly string[]
  diskMiB?: number
  /** How long to wait for the slowest host to answer. */
  deadlineS?: number
  say?: Say
}

export type LabUp = { hosts: HostRecord[]; started: string[]; trust: LabTrust }

/** Hosts of the lab that are not named stay as they are, running or not. */
export async function labUp(lab: Lab, wish: UpWish): Promise<LabUp> {
  const say = wish.say ?? (() => {})
  const names = wish.names ?? (wish.count === undefined ? undefined : counted(wish.count, wish.prefix))
  for (const name of names ?? []) checkName('host', name)
  if ((names ?? readHosts(lab)).length === 0)
    throw new LabFault(
      'bad-value',
      `lab ${lab.name} is to have no hosts: say how many there are to be, as in \`anneal lab up 3\`, or their names`,
    )
  expectPossible(lab)
  return withLock(`${lab.directory}.lock`, 600, async () => {
    const hosts = names === undefined ? await knownHosts(lab, say) : await ensureHosts(lab, names, wish, say)
    raiseInotifyLimit(lab, say)
    await holdLab(lab)
    const trust = trustLab(lab)
    const states = await hostStates(lab)
    const inState = (state: HostState) => hosts.filter((host) => (states.get(host.name) ?? 'down') === state)
    const down = inState('down')
    const deadlineS = wish.deadlineS ?? 60
    await bootHosts(lab, down, deadlineS)
    await untilAnswering(lab, inState('up'), deadlineS) // a killed `up` may have left them half-way
    return { hosts, started: down.map((host) => host.name), trust }
  })
}

function counted(count: number, prefix = 'lab-'): string[] {
  return Array.from({ length: count }, (_, i) => `${prefix}${i + 1}`)
}

/** As they were made; what their floors need may have been removed while the lab was down. */
async function knownHosts(lab: Lab, say: Say): Promise<HostRecord[]> {
  const hosts = readHosts(lab)
  for (const layers of new Map(hosts.map((host) => [host.layers.join(), host.layers])).values())
    await floorsFor(lab, layers, say)
  return hosts
}

async function ensureHosts(
  lab: Lab,
  names: readonly string[],
  { layers: asked = [], diskMiB = 0 }: UpWish,
  say: Say,
): Promise<HostRecord[]> {
  expectRoom(new Set([...readHosts(lab).map(({ name }) => name), ...names]).size)
  const layers = [...asked].sort()
  return ensureRecords(lab, [...new Set(names)], {
    layers,
    lower: await floorsFor(lab, layers, say),
    diskMiB,
  })
}

type Floor = Pick<HostRecord, 'layers' | 'lower' | 'diskMiB'>

async function ensureRecords(lab: Lab, names: readonly string[], floor: Floor): Promise<HostRecord[]> {
  const number = claimLabNumber(lab)
  const clientKey = await ensureClientKey(lab)
  const hosts: HostRecord[] = []
  for (const name of names) {
    const known = readHost(lab, name)
    if (known) expectAlike(known, floor)
    hosts.push(
      known ??
        (await newHost(lab, { name, address: freeAddress(number, readHosts(lab)), ...floor }, clientKey)),
    )
  }
  return hosts
}

/** The record is written last: a host folder without one is taken for an unfinished attempt and made anew. */
async function newHost(lab: Lab, host: HostRecord, clientKey: string): Promise<HostRecord> {
  rmSync(hostDirectory(lab, host.name), { recursive: true, force: true })
  await seedHost(lab, host, clientKey)
  writeHost(lab, host)
  return host
}

function expectAlike(known: HostRecord, floor: Floor): void {
  const same = known.layers.join() === floor.layers.join() && known.diskMiB === floor.diskMiB
  if (same) return
  const was = `layers [${known.layers.join(', ')}] and ${known.diskMiB ? `a ${known.diskMiB} MiB disk` : 'no disk of its own'}`
  throw new LabFault(
    'made-otherwise',
    `${known.name} was made with ${was}: \`anneal lab down\` first, or another name`,
  )
}
