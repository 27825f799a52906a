// Graphs that are too large are shown by what is alike, and nothing of order, data or circles is lost by it.
import { expect, test } from 'vitest'
import type { GraphAnswer } from '../http/shapes.ts'
import { collapsed, levelFor } from './collapse.ts'

function fleet(nodes: number): GraphAnswer {
  const names = Array.from({ length: nodes }, (_, i) => `n${i + 1}`)
  return {
    nodes: names.flatMap((node) => [
      { id: `s/${node}/ca`, deployment: 's', role: 'ca', node, state: 'active' as const },
      { id: `s/${node}/etcd`, deployment: 's', role: 'etcd', node, state: 'todo' as const },
    ]),
    edges: names.flatMap((node) => [
      { from: `s/${node}/ca`, to: `s/${node}/etcd`, kind: 'order' as const },
      { from: `s/${node}/ca`, to: `s/${node}/etcd`, kind: 'data' as const, inputs: ['certificate'] },
    ]),
    circles: [['s/n1/etcd']],
  }
}

test('what can be read is shown as it is, what cannot by role', () => {
  expect(levelFor(fleet(3))).toBe('node-role')
  expect(levelFor(fleet(100))).toBe('role')
})

test('members are counted by state, edges merge by their kind, a circle of one marks the whole', () => {
  const seen = collapsed(fleet(3), 'role')
  expect(seen.nodes).toEqual([
    { id: 's/ca', label: 's/ca', level: 'role', counts: { active: 3 }, members: 3, circle: false },
    { id: 's/etcd', label: 's/etcd', level: 'role', counts: { todo: 3 }, members: 3, circle: true },
  ])
  expect(seen.edges.map(({ kind, from, to, says }) => [kind, from, to, says])).toEqual([
    ['order', 's/ca', 's/etcd', ''],
    ['data', 's/ca', 's/etcd', 'certificate'],
  ])
})
