// Names, numbers and addresses of labs and hosts.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { LabFault } from './fault.ts'
import { openLab } from './lab.ts'
import {
  claimLabNumber,
  expectHost,
  freeAddress,
  type HostRecord,
  hostDirectory,
  readHosts,
  writeHost,
} from './records.ts'
import { packagesOf } from './root.ts'

test('labs beside each other get different numbers, and keep them', () => {
  const stateHome = scratch()
  const [a, b] = [openLab({ name: 'a', stateHome }), openLab({ name: 'b', stateHome })]
  expect([claimLabNumber(a), claimLabNumber(b), claimLabNumber(a)]).toEqual([0, 1, 0])
})

test('a host gets the lowest free address; a lab that is full says so', () => {
  expect(freeAddress(3, [host('x', '10.77.3.11'), host('y', '10.77.3.13')])).toBe('10.77.3.12')
  const full = Array.from({ length: 240 }, (_, i) => host(`h${i}`, `10.77.3.${11 + i}`))
  expect(faultOf(() => freeAddress(3, full))).toMatchObject({ code: 'lab-is-full' })
})

test('a host folder without a record is one that was never finished', () => {
  const lab = openLab({ name: 'a', stateHome: scratch() })
  claimLabNumber(lab)
  mkdirSync(hostDirectory(lab, 'half'), { recursive: true })
  mkdirSync(hostDirectory(lab, 'etcd-1'), { recursive: true })
  writeHost(lab, host('etcd-1', '10.77.0.11'))
  expect(readHosts(lab).map((each) => each.name)).toEqual(['etcd-1'])
  expect(faultOf(() => expectHost(lab, 'etdc-1')).message).toBe(
    'lab a has no host "etdc-1": did you mean etcd-1?',
  )
  expect(faultOf(() => expectHost(lab, '../x')).code).toBe('no-such-host')
})

test.each(['', 'A', '-a', 'a-', 'a/b', '..', 'a'.repeat(50)])('%j cannot name a lab', (name) => {
  expect(faultOf(() => openLab({ name, stateHome: '/tmp' })).code).toBe('bad-name')
})

test('a path that overlay mounts would take apart is refused', () => {
  expect(faultOf(() => openLab({ stateHome: '/tmp/a:b' })).code).toBe('bad-value')
})

test('layers name packages, sorted and each once; package:NAME takes any', () => {
  expect(packagesOf(['package:socat', 'etcd', 'package:etcd-client'])).toEqual([
    'etcd-client',
    'etcd-server',
    'socat',
  ])
  expect(packagesOf(['offer:etcd', 'offer:package:socat'])).toEqual([
    '+etcd-client',
    '+etcd-server',
    '+socat',
  ])
  expect(faultOf(() => packagesOf(['etdc'])).message).toMatch('did you mean etcd?')
  expect(faultOf(() => packagesOf(['package:-o'])).code).toBe('bad-value')
})

function host(name: string, address: string): HostRecord {
  return { name, address, layers: [], lower: ['/floor'], diskMiB: 0 }
}

function faultOf(work: () => unknown): LabFault {
  try {
    work()
  } catch (fault) {
    if (fault instanceof LabFault) return fault
    throw fault
  }
  throw new Error('expected a fault')
}

function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), 'anneal-lab-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return folder
}
