// Where an edited value is put: at the level that wins now for all, and above all others for one node.
import { expect, test } from 'vitest'
import type { Candidate, Unbound, ValueLevel } from '../../../src/model/binding.ts'
import { editPlaces } from './edit-places.ts'

const from = (level: ValueLevel): Candidate[] => [
  { origin: { kind: 'level', level: 'role default', where: 'etcd' }, value: 1, wins: false },
  { origin: { kind: 'level', level, where: 'x' }, value: 2, wins: true },
]
const paths = (id: string, candidates: Candidate[]): string[] =>
  editPlaces(id, 'port', candidates).map(({ path }) => path.join(' '))

const HERE = 'deployments store overrides db-1.lab/etcd port'

test.each<[ValueLevel, string[]]>([
  ['role default', ['deployments store values etcd port', HERE]],
  ['parent deployment', ['deployments store values etcd port', HERE]],
  ['deployment', ['deployments store values etcd port', HERE]],
  ['placement', ['deployments store placements etcd values port', HERE]],
  ['node hint', [HERE]],
  ['override', [HERE]],
])('of what the %s says', (level, places) => {
  expect(paths('store/db-1.lab/etcd', from(level))).toEqual(places)
})

test('of one that is bound once in its deployment, and of one that nobody has given a value', () => {
  expect(paths('store/-/ca', from('deployment'))).toEqual(['deployments store values ca port'])
  expect(paths('store/db-1.lab/etcd', [])).toEqual(['deployments store values etcd port', HERE])
})

test('of what is read from elsewhere no other value is given', () => {
  const fact: Candidate = { origin: { kind: 'fact', node: 'n1', path: ['os'] }, value: 1, wins: true }
  expect(paths('store/n1/etcd', [fact])).toEqual([])
  const [fallback] = from('role default') as [Candidate]
  const absent: Unbound = { kind: 'factAbsent', node: 'n1', path: ['os'] }
  expect(
    paths('store/n1/etcd', [
      { ...fallback, wins: true },
      { unbound: absent, wins: false },
    ]),
  ).toEqual([])
})
