// Why a node-role is as it is, as lines: its reason, the chain to the root of it, each input with its sources, each output.
import type { Json } from '../base/json.ts'
import type { Candidate } from '../model/binding.ts'
import type { Since } from '../model/provenance.ts'
import type { InputView, OutputView, SourceView, WhyView } from '../model/view.ts'
import { causeWords, originWords, reasonWords, unboundWords, type Words } from '../model/words.ts'
import { outputWords, sinceWords, winnerWords } from '../model/provenance-words.ts'
import { localTime } from './local-time.ts'
import { inputChangeLines, shownValue } from './diff-text.ts'
import { stateSpan } from './status-text.ts'
import { stepLines } from './trace-text.ts'
import { firstLine, indent, type Line, type Span, styled, wholeText } from './text.ts'

export function whyLines(why: WhyView, now: number): Line[] {
  const { nodeRole } = why
  const on = why.variant === undefined ? [] : [styled('faint', `  on ${why.variant}`)]
  const lines: Line[] = [[styled('strong', nodeRole.id), '  ', stateSpan(nodeRole.state), ...on]]
  if (nodeRole.leaving) lines.push(['  it is being removed'])
  lines.push(...indent(2, wordsLines(reasonWords(nodeRole.id, nodeRole.reason, now))))
  if (why.chain.length > 1) lines.push([], ['what it waits for'], ...indent(2, chainLines(why, now)))
  if (why.lastCause !== undefined) lines.push([], ...lastRunLines(why.lastCause))
  lines.push([], [why.inputs.length === 0 ? 'no inputs' : 'inputs'])
  for (const input of why.inputs) lines.push(...indent(2, inputLines(input, false)))
  if (why.outputs.length > 0) lines.push([], ['outputs'])
  for (const output of why.outputs) lines.push(...indent(2, outputLines(output)))
  return lines
}

/** One input as a tree down to its roots, its candidates from lowest to highest. */
export function inputLines(input: InputView, whole: boolean): Line[] {
  const value = input.sensitive ? undefined : input.value
  const lines: Line[] = [[styled('strong', input.input), '  ', valueSpan(input, value, whole)]]
  if (input.unbound !== undefined) lines.push(...indent(2, wordsLines(unboundWords(input.unbound))))
  else if (input.origin !== undefined) lines.push([styled('faint', `  from ${originWords(input.origin)}`)])
  const { candidates } = input
  if (whole || candidates.filter(({ unbound }) => unbound === undefined).length > 1)
    lines.push(...indent(2, candidateLines(candidates, input.sensitive, whole)))
  const won = whole ? winnerWords(candidates) : undefined
  if (won !== undefined) lines.push([styled('faint', `  why: ${won}`)])
  if (whole && input.sources.length > 0) lines.push(['  made from'])
  lines.push(...indent(whole ? 4 : 2, sourceLines(input.sources)))
  if (input.consumers !== undefined) lines.push(...indent(2, consumerLines(input)))
  return lines
}

function outputLines(output: OutputView): Line[] {
  const { known, sensitive, value, since } = output
  const shown = known
    ? sensitive
      ? styled('faint', '(sensitive)')
      : styled('accent', shownValue(value, 160))
    : styled('warn', '(no value)')
  const head: Line = [styled('strong', output.output), '  ', shown]
  const says = since ? sinceText(since, 'nothing') : outputWords(output)
  return [head, ...(known ? [[styled('faint', `  ${says}`)]] : indent(2, [[says]]))]
}

function consumerLines({ consumers = [] }: InputView): Line[] {
  return consumers.length === 0
    ? [['goes to nothing further']]
    : [['goes to'], ...indent(2, stepLines(consumers))]
}

function chainLines(why: WhyView, now: number): Line[] {
  return why.chain
    .slice(1)
    .map((link, depth) => [
      `${'  '.repeat(depth)}└ `,
      styled('strong', link.nodeRole),
      '  ',
      stateSpan(link.state),
      `  ${firstLine(reasonWords(link.nodeRole, link.reason, now).says)}`,
    ])
}

function lastRunLines(last: NonNullable<WhyView['lastCause']>): Line[] {
  const { run, cause } = last
  const head: Line = [
    cause.kind === 'new' ? `${run} was its first run` : `${run} ran because ${causeWords(cause)}`,
  ]
  const widest = Math.max(0, ...last.changes.map(({ input }) => input.length))
  const changes = last.changes.flatMap((change) => inputChangeLines(change, { columns: widest }))
  return [head, ...indent(2, changes)]
}

function valueSpan(input: InputView, value: Json | undefined, whole: boolean): Span {
  if (input.unbound !== undefined) return styled('warn', '(no value)')
  if (input.sensitive) return styled('faint', '(sensitive)')
  return styled('accent', shownValue(value, whole ? Number.POSITIVE_INFINITY : 160))
}

function candidateLines(candidates: readonly Candidate[], sensitive: boolean, whole: boolean): Line[] {
  return candidates.map((candidate) => {
    const shown = sensitive ? '(sensitive)' : shownValue(candidate.value, whole ? 160 : 80)
    const { origin, unbound, since } = candidate
    const from = origin ? originWords(origin) : unbound ? unboundWords(unbound).says : ''
    const text = `${shown}  ${from}${since ? `, ${sinceText(since, 'run')}` : ''}`
    return candidate.wins ? [styled('good', '* '), text] : [styled('faint', `  ${text}`)]
  })
}

function sourceLines(sources: readonly SourceView[]): Line[] {
  return sources.flatMap((source, i) => {
    const last = i === sources.length - 1
    const value = source.sensitive ? '(sensitive)' : shownValue(source.value, 80)
    const more = source.more === undefined ? [] : [[`  and ${source.more} more`]]
    const head: Line = [
      styled('faint', last ? '└ ' : '├ '),
      source.what,
      '  ',
      source.value === undefined && !source.sensitive ? styled('warn', value) : styled('accent', value),
      styled('faint', `  ${sourceOrigin(source)}`),
    ]
    const below = sourceLines(source.sources)
    return [head, ...below.map((line): Line => [styled('faint', last ? '  ' : '│ '), ...line]), ...more]
  })
}

/** An output says by itself whose it is; what is left to tell is since when. */
/** `said`: what has been said of it already. */
function sinceText(since: Since, said: 'run' | 'nothing'): string {
  const words = since.kind === 'run' && said === 'run' ? 'said first' : sinceWords(since)
  return since.at === undefined ? words : `${words}, ${localTime(since.at)}`
}

function sourceOrigin({ what, origin, since, again }: SourceView): string {
  const told = again === true ? ', told above' : ''
  if (origin.kind === 'output' && what === `${origin.nodeRole}.${origin.output}`) {
    if (origin.run === 'early') return `known before any run${told}`
    return sinceText(since ?? { kind: 'run', run: origin.run }, 'nothing') + told
  }
  const revision = since?.kind === 'revision' ? `, ${sinceText(since, 'nothing')}` : ''
  return `from ${originWords(origin)}${revision}${told}`
}

function wordsLines(words: Words): Line[] {
  const [says, further] = wholeText(words.says)
  const next: Line[] = words.next === undefined ? [] : [[styled('faint', `next: ${words.next}`)]]
  return [[says], ...indent(2, further), ...next]
}
