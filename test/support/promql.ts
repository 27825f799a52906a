// Reads expressions of PromQL as far as dashboards use them: what does not parse throws, what they select comes out.

export interface Selected {
  metric: string
  /** Names of labels that it is matched by. */
  labels: string[]
  /** Over a span of time. */
  range: boolean
  /** The function that it is the argument of. */
  within?: string
}

export interface Promql {
  selected: Selected[]
  /** Labels that aggregations keep or drop. */
  grouped: string[]
}

const AGGREGATIONS = new Set(['sum', 'min', 'max', 'avg', 'count', 'topk', 'bottomk'])
const OVER_RANGES = new Set([
  'rate',
  'irate',
  'increase',
  'changes',
  'delta',
  'deriv',
  'avg_over_time',
  'max_over_time',
])
const FUNCTIONS = new Set([
  ...OVER_RANGES,
  'histogram_quantile',
  'clamp_min',
  'clamp_max',
  'abs',
  'time',
  'vector',
])
const OPERATORS = /^(\+|-|\*|\/|%|\^|==|!=|>=|<=|>|<|and\b|or\b|unless\b)/

export function readPromql(text: string): Promql {
  const found: Promql = { selected: [], grouped: [] }
  let rest = text.trim()
  expression(undefined)
  if (rest !== '') throw new Error(`${JSON.stringify(rest)} is left of ${text}`)
  return found

  function expression(within: string | undefined): void {
    operand(within)
    while (OPERATORS.test(rest)) {
      take(OPERATORS)
      operand(within)
    }
  }

  function operand(within: string | undefined): void {
    if (tookIf(/^\(/)) {
      expression(undefined)
      take(/^\)/)
      return
    }
    if (tookIf(/^\d+(\.\d+)?/) !== undefined) return
    const name = take(/^[a-zA-Z_:][\w:]*/)
    if (AGGREGATIONS.has(name)) return aggregation(name)
    if (rest.startsWith('(')) return call(name)
    selector(name, within)
  }

  function aggregation(name: string): void {
    grouping()
    call(name, true)
    grouping()
  }

  function grouping(): void {
    if (tookIf(/^(by|without)\b/) === undefined) return
    take(/^\(/)
    do found.grouped.push(take(/^[a-zA-Z_]\w*/))
    while (tookIf(/^,/) !== undefined)
    take(/^\)/)
  }

  function call(name: string, isAggregation = false): void {
    if (!isAggregation && !FUNCTIONS.has(name)) throw new Error(`${name} is no function that is known here`)
    take(/^\(/)
    while (!rest.startsWith(')')) {
      expression(name)
      if (tookIf(/^,/) === undefined) break
    }
    take(/^\)/)
  }

  function selector(metric: string, within: string | undefined): void {
    const labels: string[] = []
    if (tookIf(/^\{/) !== undefined) {
      while (!rest.startsWith('}')) {
        labels.push(take(/^[a-zA-Z_]\w*/))
        take(/^(=~|!~|!=|=)/)
        take(/^"(?:[^"\\]|\\.)*"/)
        if (tookIf(/^,/) === undefined) break
      }
      take(/^\}/)
    }
    const range = tookIf(/^\[(\d+[smhdw]|\$__rate_interval)\]/) !== undefined
    if (range !== (within !== undefined && OVER_RANGES.has(within)))
      throw new Error(`${metric} in ${within ?? 'nothing'} is ${range ? '' : 'not '}over a span of time`)
    found.selected.push({ metric, labels, range, ...(within === undefined ? {} : { within }) })
  }

  function tookIf(pattern: RegExp): string | undefined {
    const [taken] = pattern.exec(rest) ?? []
    if (taken === undefined) return undefined
    rest = rest.slice(taken.length).trimStart()
    return taken
  }

  function take(pattern: RegExp): string {
    const taken = tookIf(pattern)
    if (taken === undefined)
      throw new Error(`expected ${pattern.source} at ${JSON.stringify(rest)} of ${text}`)
    return taken
  }
}
