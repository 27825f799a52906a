// A rinse as lines, before it begins: what is removed and applied in which order, what is left out, what stays.
import { nodeRoleName } from '../model/names.ts'
import type { RinsePreview, RinseStep } from '../model/rinse.ts'
import { compare } from './status-text.ts'
import { type Line, type Style, styled } from './text.ts'

export function rinseLines(preview: RinsePreview): Line[] {
  const { removes, applies, leftOut, held, stays } = preview
  const nodeRoles = removes.flatMap((step) => step.nodeRoles)
  const nodes = new Set(nodeRoles.map((id) => nodeRoleName(id).node))
  return [
    [`rinse of ${counted(nodeRoles.length, 'node-role')} on ${counted(nodes.size, 'node')}`],
    ...part('removed, in this order', stepLines(removes, '-', 'bad')),
    ...part('then applied afresh, in this order', stepLines(applies, '+', 'good')),
    ...part(
      'left out',
      leftOut.map(({ nodeRole }) => [`  ${nodeRole}  `, styled('faint', LEFT_OUT)]),
    ),
    ...part(
      'nothing is applied before these are removed, too',
      held.map(({ nodeRole, node }) => [
        `  ${nodeRole}  `,
        styled('warn', `${node} does not answer or is not available`),
      ]),
    ),
    ...part(
      'not rinsed, and run again only if what they read has changed',
      stays.map((nodeRole) => [`  ${nodeRole}`]),
    ),
  ]
}

const LEFT_OUT = 'its role is destructive (once); --once takes it, too'
const ONLY_APPLIED = 'only applied again: its role has no remove, or nothing of it is there'

function part(title: string, lines: Line[]): Line[] {
  return lines.length === 0 ? [] : [[], [styled('strong', title)], ...lines]
}

function stepLines(steps: readonly RinseStep[], mark: '-' | '+', style: Style): Line[] {
  const widest = Math.max(...steps.map((step) => groupOf(step).length))
  return steps.map((step) => {
    const nodes = step.nodeRoles.map((id) => nodeRoleName(id).node).sort(compare)
    const names = nodes.map((node) => (node === '-' ? 'the deployment' : node)).join(', ')
    const line: Line = ['  ', styled(style, mark), ` ${groupOf(step).padEnd(widest)}  ${names}`]
    return mark === '-' && step.nothingToRemove ? [...line, styled('faint', `  ${ONLY_APPLIED}`)] : line
  })
}

function groupOf({ deployment, role }: RinseStep): string {
  return `${deployment}/${role}`
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`
}
