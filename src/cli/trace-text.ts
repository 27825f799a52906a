// Where a value goes, as a tree of lines: each place once, how it got there, and whether a run had it.
import type { TraceStep, TraceView } from '../model/provenance.ts'
import { howWords, reachedWords, shortThingWords } from '../model/provenance-words.ts'
import { shownValue } from './diff-text.ts'
import { type Line, styled } from './text.ts'

export function traceLines(trace: TraceView, whole: boolean): Line[] {
  const { counts, left } = trace
  const lines = trace.roots.flatMap((root): Line[] => [
    headOf(root, undefined, whole),
    ...(root.to.length + root.left.steps === 0 ? [[styled('faint', `  ${endWords(root)}`)]] : []),
    ...stepLines(root.to, root, whole),
    [],
  ])
  if (left > 0) lines.push([`and ${left} more: anneal trace --all`], [])
  const parts = [
    counted(counts.inputs, 'input', 'inputs'),
    counted(counts.outputs, 'output', 'outputs'),
    counted(counts.nodeRoles, 'node-role', 'node-roles'),
  ]
  return [...lines, [styled('faint', `reached: ${parts.join(', ')}`)]]
}

function endWords({ thing }: TraceStep): string {
  return thing.kind === 'input' ? 'it goes to nothing further' : 'nothing reads it'
}

export function stepLines(steps: readonly TraceStep[], above?: TraceStep, whole = false): Line[] {
  const left = above?.left.steps ?? 0
  const lines = steps.flatMap((step, i): Line[] => {
    const last = i === steps.length - 1 && left === 0
    const below = stepLines(step.to, step, whole)
    return [
      [styled('faint', last ? '└ ' : '├ '), ...headOf(step, above, whole)],
      ...below.map((line): Line => [styled('faint', last ? '  ' : '│ '), ...line]),
    ]
  })
  return left === 0 ? lines : [...lines, [styled('faint', `└ and ${left} more${behind(above)}`)]]
}

function headOf(step: TraceStep, above: TraceStep | undefined, whole: boolean): Line {
  const { thing, how, reached, sensitive, value } = step
  const got = [...(how ? [howWords(how)] : []), ...(reached ? [reachedWords(thing, reached)] : [])].join('; ')
  const shown = sensitive ? '(sensitive)' : shownValue(value, whole ? Number.POSITIVE_INFINITY : 60)
  const spans: Line = thing.kind === 'inputs' ? [] : ['  ', styled(sensitive ? 'faint' : 'accent', shown)]
  const again = thing.kind === 'inputs' ? ', told above' : ''
  return [
    styled(above ? 'plain' : 'strong', shortThingWords(thing, above?.thing)),
    ...spans,
    ...(got === '' ? [] : [styled('faint', `  ${got}${again}`)]),
  ]
}

function behind(above: TraceStep | undefined): string {
  const count = above?.left.behind ?? 0
  return count === 0 ? '' : `, and ${count} behind them`
}

function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`
}
