// Metrics by the rules that scrapers and people rely on: names, types, units, labels, in both formats of the text.
import { expect, test } from 'vitest'
import { METRICS, type MetricSpec } from './metric-table.ts'
import { metering } from './meters.ts'

const table = Object.entries<MetricSpec>(METRICS)

test('names say what is counted and in which base unit', () => {
  for (const [name, { type, help, labels, buckets }] of table) {
    expect(name).toMatch(/^anneal(_[a-z]+)+$/)
    expect(name.endsWith('_total'), name).toBe(type === 'counter')
    expect(name).not.toMatch(/_(count|sum|bucket|ms|milliseconds|minutes|hours|percent|kb|mb)(_|$)/)
    if (/duration|lag/.test(name)) expect(name).toMatch(/_seconds$/)
    expect(help).toMatch(/^[A-Z0-9].*[^.]$/)
    // What there may be thousands of is no label.
    for (const label of labels) expect(label).not.toMatch(/^(le|quantile|run|node_role|principal|by)$/)
    expect(buckets !== undefined, name).toBe(type === 'histogram')
    expect(buckets ?? []).toEqual([...(buckets ?? [])].sort((a, b) => a - b))
  }
  expect(table.filter(([, { labels }]) => labels.includes('node')).map(([name]) => name)).toEqual([
    'anneal_build_info',
  ])
})

test('both formats tell the same, each by its own rules', async () => {
  const { meters, scrape } = metering(true)
  meters.anneal_runs_started_total.inc({ role: 'web "x"\\\n', action: 'apply' })
  meters.anneal_temperature_ratio.set(0.25)
  meters.anneal_cycle_duration_seconds.observe({ result: 'ready' }, 3)
  // Asked for in turn: one must not rename what the other tells.
  const open = await scrape('application/openmetrics-text; version=1.0.0, text/plain;q=0.5')
  const plain = await scrape('text/plain')
  const again = await scrape('application/openmetrics-text')
  expect(plain.type).toBe('text/plain; version=0.0.4; charset=utf-8')
  expect(open.type).toBe('application/openmetrics-text; version=1.0.0; charset=utf-8')
  expect(await scrape(undefined)).toMatchObject({ type: plain.type })
  const sample = 'anneal_runs_started_total{role="web \\"x\\"\\\\\\n",action="apply"} 1'
  expect(plain.text).toContain(`# TYPE anneal_runs_started_total counter\n${sample}`)
  expect(open.text).toContain(`# TYPE anneal_runs_started counter\n${sample}`)
  expect(again.text).toContain(sample)
  expect(open.text.endsWith('# EOF\n')).toBe(true)
  for (const text of [plain.text, open.text]) {
    expect(text).toContain('anneal_temperature_ratio 0.25')
    expect(text).toContain('anneal_cycle_duration_seconds_bucket{le="5",result="ready"} 1')
    expect(text).toMatch(/^process_cpu_seconds_total \d/m)
    expect(text).toMatch(/^nodejs_heap_size_used_bytes \d/m)
  }
})

test('what Node tells keeps to the same rules: only counters end as counters do', async () => {
  const { scrape } = metering(true)
  const { text } = await scrape(undefined)
  const families = [...text.matchAll(/^# TYPE (\S+) (\w+)$/gm)].map(([, name = '', type]) => ({ name, type }))
  expect(families.filter(({ name, type }) => name.endsWith('_total') !== (type === 'counter'))).toEqual([])
  expect(families.length).toBeGreaterThan(table.length + 10)
})
