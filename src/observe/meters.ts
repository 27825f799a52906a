// The metrics of the table as instruments of prom-client, and what they say as text in both formats that scrapers ask for.
import {
  collectDefaultMetrics,
  Counter,
  Gauge,
  Histogram,
  type Metric,
  type OpenMetricsContentType,
  Registry,
} from 'prom-client'
import type { Scrape } from '../model/door-watch.ts'
import { METRICS, type MetricName, type MetricSpec } from './metric-table.ts'

interface Instruments {
  gauge: Gauge
  counter: Counter
  histogram: Histogram
}

export type Meters = { [Name in MetricName]: Instruments[(typeof METRICS)[Name]['type']] }

export interface Metering {
  meters: Meters
  /** `accept`: the header of the request. OpenMetrics is given to who names it, else the text format of Prometheus. */
  scrape: (accept: string | undefined) => Promise<Scrape>
}

/** Gauges of the process that bear the ending of a counter, and that no rule for names lets pass. */
const MISNAMED = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
]

/** `ofProcess`: also what Node tells of memory, time and its loop. */
export function metering(ofProcess: boolean): Metering {
  const plain = new Registry()
  const meters = Object.fromEntries(
    Object.entries<MetricSpec>(METRICS).map(([name, spec]) => [name, instrument(name, spec, plain)]),
  ) as unknown as Meters
  if (ofProcess) collectDefaultMetrics({ register: plain })
  for (const name of MISNAMED) plain.removeSingleMetric(name)
  const open = new Registry<OpenMetricsContentType>()
  open.setContentType(Registry.OPENMETRICS_CONTENT_TYPE)
  for (const metric of plain.getMetricsAsArray()) open.registerMetric(openForm(metric))
  return {
    meters,
    async scrape(accept) {
      const registry = accept?.includes('application/openmetrics-text') ? open : plain
      return { type: registry.contentType, text: await registry.metrics() }
    },
  }
}

function instrument(name: string, { type, help, labels, buckets }: MetricSpec, register: Registry): Metric {
  const told = { name, help, labelNames: [...labels], registers: [register] }
  if (type === 'gauge') return new Gauge(told)
  if (type === 'counter') return new Counter(told)
  return new Histogram({ ...told, buckets: [...(buckets ?? [])] })
}

/** OpenMetrics names a family of counters without `_total`. prom-client would rename the metric itself, for both formats. */
function openForm(metric: object): Metric {
  const told = metric as { name: string; type: string; get(): Promise<object> }
  const name = told.name.replace(/_total$/, '')
  const form = { name, type: told.type, get: async () => ({ ...(await told.get()), name }) }
  return form as unknown as Metric
}
