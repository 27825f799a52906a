// Graphs that are too large are shown by what is alike, and nothing of order, data or circles is lost by it.
import { expect, test } from 'vitest'
import { collapsed, type Graph, levelFor } from './collapse.ts'

function fleet(nodes: number): Graph {
  const names = Array.from({ length: nodes }, (_, i) => `n${i + 1}`)
  return {
    points: names.flatMap((node) => [
      { id: `s/${node}/ca`, state: 'active' as const },
      { id: `s/${node}/etcd`, state: 'todo' as const },
    ]),
    edges: names.flatMap((node) => [
      { from: `s/${node}/ca`, to: `s/${node}/etcd`, kind: 'requires' as const, orders: true, circle: false },
      {
        from: `s/${node}/ca`,
        to: `s/${node}/etcd`,
        kind: 'reads' as const,
        input: 'certificate',
        orders: true,
        circle: false,
      },
      {
        from: `s/${node}/etcd`,
        to: 's/n1/etcd',
        kind: 'reads' as const,
        input: 'members',
        orders: false,
        circle: node === 'n1',
      },
    ]),
  }
}

test('what can be read is shown as it is, what cannot by role', () => {
  expect(levelFor(fleet(3))).toBe('node-role')
  expect(levelFor(fleet(100))).toBe('role')
})

test('members are counted by state, edges merge by their kind, a circle of one marks the whole', () => {
  const seen = collapsed(fleet(3), 'role')
  expect(seen.nodes).toEqual([
    { id: 's/ca', level: 'role', counts: { active: 3 }, circle: false },
    { id: 's/etcd', level: 'role', counts: { todo: 3 }, circle: true },
  ])
  expect(seen.edges.map(({ kind, from, to, says }) => [kind, from, to, says])).toEqual([
    ['order', 's/ca', 's/etcd', ''],
    ['data', 's/ca', 's/etcd', 'certificate'],
  ])
})

test('roles as the server gives them become deployments, too', () => {
  const counts = { proposed: 0, transition: 0, blocked: 0, error: 1, active: 2, todo: 0 }
  const graph: Graph = {
    points: [
      { id: 's/ca', counts },
      { id: 't/web', counts },
    ],
    edges: [],
  }
  expect(collapsed(graph, 'deployment').nodes.map(({ id, counts: told }) => [id, told])).toEqual([
    ['s', { error: 1, active: 2 }],
    ['t', { error: 1, active: 2 }],
  ])
})
