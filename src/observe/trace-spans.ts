// Spans as OpenTelemetry has them, after its conventions for CI/CD: ids and times come from what happened, not from now.
import { hash } from 'node:crypto'
import {
  type Attributes,
  type Link,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  TraceFlags,
} from '@opentelemetry/api'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { AlwaysOnSampler, type ReadableSpan, TracerProvider } from '@opentelemetry/sdk-trace'
import { unreachable } from '../base/assert.ts'
import { cycleCauseWords } from '../model/cycle-words.ts'
import type { CycleResult } from '../model/cycle.ts'
import { nodeRoleName } from '../model/names.ts'
import type { RunEnd, RunLink, Span } from './trace-book.ts'

export interface SpanMaking {
  /** Says which site it is: all ids are made from it, so that what is sent twice is the same span twice. */
  origin: string
  version: string
  /** Of the server, without a slash at its end; where runs are linked to. */
  url?: string
}

type Told<K extends Span['kind']> = Extract<Span, { kind: K }>

export function spanMaker({ origin, version, url }: SpanMaking): (span: Span, site: string) => ReadableSpan {
  let next = { trace: '', span: '' }
  const made: ReadableSpan[] = []
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'anneal', 'service.version': version }),
    sampler: new AlwaysOnSampler(),
    idGenerator: { generateTraceId: () => next.trace, generateSpanId: () => next.span },
    spanProcessors: [
      {
        onStart: () => {},
        onEnd: (span) => void made.push(span),
        forceFlush: () => Promise.resolve(),
        shutdown: () => Promise.resolve(),
      },
    ],
  })
  const tracer = provider.getTracer('anneal', version)
  return (span, site) => {
    if (span.kind === 'run') makeRun(span)
    else makeCycle(span, site)
    return made.pop() as ReadableSpan
  }

  function makeRun(span: Told<'run'>): void {
    const { run, nodeRole, action, cycle, startedAt, endedAt, ended } = span
    const { role } = nodeRoleName(nodeRole)
    next = { trace: traceId(cycle, run), span: runSpanId(run) }
    const parent = { traceId: next.trace, spanId: cycleSpanId(cycle), traceFlags: TraceFlags.SAMPLED }
    const context = cycle === 0 ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, parent)
    const attributes = runAttributes(span)
    if (url !== undefined) attributes['cicd.pipeline.task.run.url.full'] = `${url}/api/v1/runs/${run}`
    const told = tracer.startSpan(
      `${action} ${role}`,
      { kind: SpanKind.INTERNAL, startTime: startedAt, attributes, links: span.links.map(linkTo) },
      context,
    )
    if (isFailed(ended)) told.setStatus({ code: SpanStatusCode.ERROR, message: messageOf(ended) })
    told.end(endedAt)
  }

  function makeCycle(span: Told<'cycle'>, site: string): void {
    const { cycle, beganAt, endedAt, result, cutAt } = span
    next = { trace: traceId(cycle, ''), span: cycleSpanId(cycle) }
    const told = tracer.startSpan(
      `SYNC ${site}`,
      { kind: SpanKind.SERVER, startTime: beganAt, root: true, attributes: cycleAttributes(span, site) },
      ROOT_CONTEXT,
    )
    for (const at of cutAt) told.addEvent('anneal.session.started', {}, at)
    if (result === 'problems')
      told.setStatus({ code: SpanStatusCode.ERROR, message: 'came to rest with problems' })
    told.end(endedAt)
  }

  function linkTo({ run, cycle, kind, input }: RunLink): Link {
    const context = { traceId: traceId(cycle, run), spanId: runSpanId(run), traceFlags: TraceFlags.SAMPLED }
    const attributes = { 'anneal.link': kind, ...(input === undefined ? {} : { 'anneal.input': input }) }
    return { context, attributes }
  }

  function traceId(cycle: number, run: string): string {
    return digest(cycle === 0 ? `trace of ${run}` : `trace of cycle ${cycle}`).slice(0, 32)
  }

  function cycleSpanId(cycle: number): string {
    return digest(`cycle ${cycle}`).slice(0, 16)
  }

  function runSpanId(run: string): string {
    return digest(run).slice(0, 16)
  }

  function digest(text: string): string {
    return hash('sha256', `${origin} ${text}`)
  }
}

function runAttributes({ run, nodeRole, action, cause, attempt, ended }: Told<'run'>): Attributes {
  const { deployment, node, role } = nodeRoleName(nodeRole)
  const result = taskResult(ended)
  return {
    'cicd.pipeline.task.name': `${action} ${deployment}/${role}`,
    'cicd.pipeline.task.run.id': run,
    'cicd.pipeline.task.run.result': result,
    ...(action === 'apply' ? { 'cicd.pipeline.task.type': 'deploy' } : {}),
    ...(isFailed(ended) ? { 'error.type': errorType(ended) } : {}),
    'anneal.node_role': nodeRole,
    'anneal.deployment': deployment,
    'anneal.node': node,
    'anneal.role': role,
    'anneal.run.action': action,
    'anneal.run.cause': cause,
    'anneal.run.attempt': attempt,
    ...(ended.result === 'ok' && ended.changed !== undefined ? { 'anneal.run.changed': ended.changed } : {}),
  }
}

function cycleAttributes(span: Told<'cycle'>, site: string): Attributes {
  const { cycle, cause, revision, runs, failed, cutAt, result } = span
  return {
    'cicd.pipeline.name': site,
    'cicd.pipeline.action.name': 'SYNC',
    'cicd.pipeline.run.id': `cycle-${cycle}`,
    'cicd.pipeline.result': PIPELINE_RESULT[result],
    ...(result === 'problems' ? { 'error.type': 'problems' } : {}),
    'anneal.cycle': cycle,
    'anneal.cycle.result': result,
    'anneal.cycle.cause': cause.kind,
    'anneal.cycle.cause.words': cycleCauseWords(cause),
    'anneal.cycle.runs': runs,
    'anneal.cycle.failed_runs': failed,
    'anneal.cycle.cut': cutAt.length > 0,
    'anneal.revision': revision,
  }
}

/** The conventions have no word for what waits for a person. */
const PIPELINE_RESULT: Record<CycleResult, string> = {
  ready: 'success',
  problems: 'failure',
  stopped: 'cancellation',
  waits: 'waits',
}

function taskResult(ended: RunEnd): string {
  switch (ended.result) {
    case 'ok':
      return 'success'
    case 'failed':
      return 'failure'
    case 'lost':
      return 'error'
    case 'fault': {
      const { code } = ended.fault
      return code === 'cancelled' ? 'cancellation' : code === 'deadline' ? 'timeout' : 'error'
    }
    default:
      return unreachable(ended)
  }
}

function isFailed(ended: RunEnd): boolean {
  return ended.result !== 'ok' && taskResult(ended) !== 'cancellation'
}

/** Few words, for who groups by them. */
function errorType(ended: RunEnd): string {
  return ended.result === 'fault' ? ended.fault.code : ended.result
}

/** As in the view of the run. */
function messageOf(ended: RunEnd): string {
  if (ended.result === 'ok') return ''
  return ended.result === 'fault' ? ended.fault.message : ended.message
}
