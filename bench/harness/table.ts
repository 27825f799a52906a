// The answer to one question as a table in Markdown, which is also what a terminal shows.
import { figureText } from './figure-text.ts'
import { type Judged } from './goals.ts'
import type { Answered, Row } from './measure.ts'
import { timesWorse } from './ratio.ts'

/** Medians with the least and the most; how many times worse than ours and than the limit in the first figure. */
export function tableOf(answered: Answered, goals: readonly Judged[]): string {
  const { question, figures, rows } = answered
  const ours = rows.find(({ is }) => is === 'ours')
  const limit = rows.find(({ is }) => is === 'limit')
  const bases = [
    ...(ours === undefined || rows.length < 2 ? [] : [{ title: `to ${ours.contestant}`, row: ours }]),
    ...(limit === undefined ? [] : [{ title: 'to the limit', row: limit }]),
  ]
  const titles = Object.entries(figures).map(([name, { unit }]) => (unit === '' ? name : `${name}, ${unit}`))
  const cells = rows.map((row) => [
    row.is === 'ours' ? row.contestant : `${row.contestant} (${row.is})`,
    ...Object.keys(figures).map((figure) => cellOf(row, figure)),
    ...bases.map((base) => ratioOf(answered, row, base.row)),
    String(row.rounds),
  ])
  const lines = aligned([['', ...titles, ...bases.map(({ title }) => title), 'rounds'], ...cells])
  const met = goals.map(({ goal, isMet, measured }) => `- ${isMet ? 'met' : 'MISSED'}: ${goal}: ${measured}`)
  return [`### ${question}`, '', ...lines, ...(met.length > 0 ? ['', ...met] : []), ''].join('\n')
}

function cellOf(row: Row, figure: string): string {
  const spread = row.spreads[figure]
  if (spread === undefined) return '-'
  const middle = figureText(spread.median)
  const [least, most] = [figureText(spread.least), figureText(spread.most)]
  return spread.samples.length < 2 || least === most ? middle : `${middle} (${least}-${most})`
}

function ratioOf({ figures }: Answered, row: Row, base: Row): string {
  const [name, figure] = Object.entries(figures)[0] ?? []
  if (name === undefined || figure === undefined) return '-'
  const [one, than] = [row.spreads[name]?.median, base.spreads[name]?.median]
  return one === undefined || than === undefined || row === base
    ? '-'
    : `${figureText(timesWorse(figure, one, than))}x`
}

function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(3, ...rows.map((row) => (row[i] ?? '').length)))
  const lineOf = (row: readonly string[]): string =>
    `| ${row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join(' | ')} |`
  const rule = `|${widths.map((width, i) => (i === 0 ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`)).join('|')}|`
  const [head = [], ...body] = rows
  return [lineOf(head), rule, ...body.map(lineOf)]
}
