// What a lab remembers on disk: its number, and each host's address, layers and keys.
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { nearest } from '../base/nearest.ts'
import { LabFault } from './fault.ts'
import { type Lab, readIfThere, siblingLabs } from './lab.ts'

export type HostRecord = {
  name: string
  address: string
  /** As asked for: names of layers and packages. */
  layers: string[]
  /** Read-only folders under the host's own, topmost first. */
  lower: string[]
  /** Size of a disk of its own in MiB (held in memory, so lost with the lab); 0: a folder on the machine's disk. */
  diskMiB: number
}

const FIRST_HOST = 11
const LAST_HOST = 250

/** The lab's number is the third part of all its addresses. Labs side by side get different ones. */
function labNumber(lab: Lab): number | undefined {
  const text = readIfThere(join(lab.directory, 'lab.json'))
  return text === undefined
    ? undefined
    : (parse(join(lab.directory, 'lab.json'), text) as { number: number }).number
}

export function claimLabNumber(lab: Lab): number {
  const known = labNumber(lab)
  if (known !== undefined) return known
  const taken = new Set(
    siblingLabs(lab).map((name) =>
      labNumber({ ...lab, name, directory: resolve(lab.directory, '..', name) }),
    ),
  )
  const number = Array.from({ length: 256 }, (_, i) => i).find((candidate) => !taken.has(candidate))
  if (number === undefined)
    throw new LabFault('lab-is-full', 'there are 256 labs already: take one down first')
  mkdirSync(join(lab.directory, 'hosts'), { recursive: true, mode: 0o755 })
  writeWhole(join(lab.directory, 'lab.json'), { version: 1, number })
  return number
}

export function gatewayOf(number: number): string {
  return `10.77.${number}.1`
}

export function readHosts(lab: Lab): HostRecord[] {
  const shelf = join(lab.directory, 'hosts')
  if (!existsSync(shelf)) return []
  return readdirSync(shelf)
    .map((name) => readHost(lab, name))
    .filter((host) => host !== undefined)
    .sort((a, b) => lastPart(a.address) - lastPart(b.address))
}

/** A folder without a record is a host that was being made when its maker died: it counts as not there. */
export function readHost(lab: Lab, name: string): HostRecord | undefined {
  const path = join(lab.directory, 'hosts', name, 'host.json')
  const text = readIfThere(path)
  return text === undefined ? undefined : (parse(path, text) as HostRecord)
}

export function expectHost(lab: Lab, name: string): HostRecord {
  const host = /^[a-z0-9-]+$/.test(name) ? readHost(lab, name) : undefined
  if (host) return host
  const names = readHosts(lab).map((each) => each.name)
  const meant = nearest(name, names)
  const known = names.length === 0 ? 'it has no hosts' : `it has ${names.join(', ')}`
  throw new LabFault(
    'no-such-host',
    `lab ${lab.name} has no host ${JSON.stringify(name)}: ${meant ? `did you mean ${meant}?` : known}`,
  )
}

export function freeAddress(number: number, hosts: readonly HostRecord[]): string {
  const taken = new Set(hosts.map((host) => lastPart(host.address)))
  for (let part = FIRST_HOST; part <= LAST_HOST; part++) {
    if (!taken.has(part)) return `10.77.${number}.${part}`
  }
  throw full()
}

/** Before the first of them is made. */
export function expectRoom(hosts: number): void {
  if (hosts > LAST_HOST - FIRST_HOST + 1) throw full()
}

function full(): LabFault {
  return new LabFault(
    'lab-is-full',
    `a lab holds ${LAST_HOST - FIRST_HOST + 1} hosts; make another with --lab`,
  )
}

export function writeHost(lab: Lab, host: HostRecord): void {
  writeWhole(join(lab.directory, 'hosts', host.name, 'host.json'), host)
}

export function hostDirectory(lab: Lab, name: string): string {
  return join(lab.directory, 'hosts', name)
}

/** Either the old text or the new one is there, whenever we die. */
export function writeWhole(path: string, value: unknown, mode = 0o644): void {
  const text = typeof value === 'string' ? value : `${JSON.stringify(value, null, 2)}\n`
  rmSync(`${path}.new`, { force: true })
  writeFileSync(`${path}.new`, text, { mode, flush: true })
  renameSync(`${path}.new`, path)
}

function lastPart(address: string): number {
  return Number(address.split('.')[3])
}

function parse(path: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new LabFault('state-unreadable', `${path} is not JSON; \`down\` removes the whole lab`, cause)
  }
}
