// Metrics as pages and the dashboard name them: the table of the guide is that of the code, each panel asks for what there is.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { METRICS, type MetricSpec } from '../../src/observe/metric-table.ts'
import { readPromql } from '../support/promql.ts'
import { HOME, textOf } from './tree.ts'

const GUIDE = 'docs/guide/metrics.md'
const BEGIN = '<!-- metrics -->'
const END = '<!-- end -->'
const table = Object.entries<MetricSpec>(METRICS)

test('the guide has each metric, as the code does', () => {
  if (process.env['ANNEAL_REWRITE'] === '1') writeFileSync(join(HOME, GUIDE), withTable(read(GUIDE)))
  expect(read(GUIDE), 'ANNEAL_REWRITE=1 vitest run test/tidy writes the table').toBe(withTable(read(GUIDE)))
})

interface Panel {
  id: number
  type: string
  title: string
  gridPos: { x: number; y: number; w: number; h: number }
  targets?: { refId: string; expr: string; legendFormat: string; datasource: { uid: string } }[]
}

const dashboard = JSON.parse(textOf('docs/grafana/anneal.json')) as {
  uid: string
  panels: Panel[]
  templating: { list: { name: string; query: string }[] }
  annotations: { list: { expr: string }[] }
}
const targets = dashboard.panels.flatMap(({ title, targets: asked = [] }) =>
  asked.map((target) => ({ title, ...target })),
)

test('each expression of the dashboard parses, and asks for metrics and labels that there are', () => {
  const annotated = dashboard.annotations.list.map(({ expr }) => ({
    title: 'annotation',
    expr,
    legendFormat: '',
  }))
  for (const { title, expr, legendFormat } of [...targets, ...annotated]) {
    const { selected, grouped } = readPromql(expr)
    const known = new Set(['le'])
    for (const { metric, labels, within } of selected) {
      const spec = specOf(metric)
      expect(spec, `${title}: ${metric}`).toBeDefined()
      for (const label of spec?.labels ?? []) known.add(label)
      expect(spec?.labels, `${title}: ${expr}`).toEqual(expect.arrayContaining(labels))
      const counts = metric !== metric.replace(/_(bucket|sum|count)$/, '') || spec?.type === 'counter'
      if (within === 'rate' || within === 'increase') expect(counts, `${title}: ${expr}`).toBe(true)
    }
    const shown = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label = '']) => label)
    for (const label of [...grouped, ...shown]) expect([...known], `${title}: ${label}`).toContain(label)
    for (const label of shown.filter(() => grouped.length > 0)) expect(grouped, title).toContain(label)
  }
})

test('each metric of ours stands on the dashboard', () => {
  const asked = new Set(
    targets.flatMap(({ expr }) => readPromql(expr).selected.map(({ metric }) => familyOf(metric))),
  )
  expect(table.map(([name]) => name).filter((name) => !asked.has(name))).toEqual([
    'anneal_runs_started_total',
  ])
})

test('the dashboard is whole: one place for each panel, ids of their own, the data source left to who opens it', () => {
  const { panels, templating } = dashboard
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length)
  for (const { datasource } of targets) expect(datasource.uid).toBe('${datasource}')
  for (const [, name] of JSON.stringify(dashboard).matchAll(/\$\{?(\w+)\}?/g))
    expect(['__rate_interval', '__all', ...templating.list.map((one) => one.name)]).toContain(name)
  const taken = new Set<string>()
  for (const { title, gridPos } of panels)
    for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++)
      for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
        expect(x < 24 && !taken.has(`${x} ${y}`), `${title} lies over another`).toBe(true)
        taken.add(`${x} ${y}`)
      }
})

test('what is no expression is found to be none', () => {
  for (const broken of [
    '',
    'sum(',
    'sum by (state (x)',
    'rate(x)',
    'x[5m]',
    'x{a="b}',
    'x y',
    'nothing(x)',
    'x{a=b}',
  ])
    expect(() => readPromql(broken), broken).toThrow()
})

function withTable(page: string): string {
  const [before = '', after = ''] = page.split(BEGIN)
  const lines = table.map(
    ([name, { type, labels, help }]) =>
      `| \`${name}\` | ${type} | ${labels.map((one) => `\`${one}\``).join(', ')} | ${help} |`,
  )
  const whole = ['| name | type | labels | what it says |', '|---|---|---|---|', ...lines]
  return `${before}${BEGIN}\n${whole.join('\n')}\n${after.slice(after.indexOf(END))}`
}

function specOf(metric: string): MetricSpec | undefined {
  const of = table.find(([name]) => name === metric)
  if (of) return of[1].type === 'histogram' ? undefined : of[1]
  const histogram = table.find(([name]) => name === familyOf(metric))?.[1]
  // Our own only: what Node tells of the process is not in the table.
  if (metric === 'process_resident_memory_bytes') return { type: 'gauge', help: '', labels: [] }
  return histogram?.type === 'histogram' ? histogram : undefined
}

function familyOf(metric: string): string {
  return metric.replace(/_(bucket|sum|count)$/, '')
}

function read(path: string): string {
  return readFileSync(join(HOME, path), 'utf8')
}
