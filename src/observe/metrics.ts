// Metrics of one server: kept up with each turn, read from the world once at the start, told when somebody scrapes.
import { openCycle } from '../annealer/cycles.ts'
import type { World } from '../annealer/world.ts'
import type { ServedTurn, Serving } from '../engine/serving.ts'
import type { CycleCause } from '../model/cycle.ts'
import type { AnsweredRequest, DoorWatch, Scrape } from '../model/door-watch.ts'
import type { Event } from '../model/event.ts'
import { nodeRoleName } from '../model/names.ts'
import type { RunAction, RunId } from '../model/run.ts'
import { FleetCounts } from './fleet-counts.ts'
import { follow, tolerate } from './follow.ts'
import { metering, type Meters } from './meters.ts'

export interface MetricsParts {
  serving: Pick<Serving, 'ask' | 'head' | 'watch'>
  version: string
  /** Also what Node tells of this process. */
  ofProcess: boolean
  /** In bytes; undefined where the journal is on no disk. */
  journalSize(): Promise<number | undefined>
  /** Messages that wait, by webhook. */
  queued(): ReadonlyMap<string, number>
}

export interface Metrics extends DoorWatch {
  ready: Promise<void>
  close(): void
  scrape: (accept: string | undefined) => Promise<Scrape>
  appended(ms: number): void
  webhook(name: string, result: 'delivered' | 'retried' | 'givenUp' | 'dropped'): void
  /** Node-roles looked at so far, for who counts what a turn costs. */
  looked(): number
}

export function keepMetrics(parts: MetricsParts): Metrics {
  const { meters, scrape } = metering(parts.ofProcess)
  const fleet = new FleetCounts()
  const flights = new Map<RunId, Flight>()
  let cycle: { beganAt: number; cause: CycleCause['kind'] } | undefined
  let nodesMoved = true
  meters.anneal_build_info.set({ version: parts.version, node: process.version }, 1)
  meters.anneal_stream_clients.set(0)
  const following = follow(parts.serving, begin, (turn, world) => {
    fleet.take(world, turn.changed)
    for (const event of turn.events) hear(event, turn)
    for (const feed of turn.feed)
      if (feed.kind === 'drift')
        meters.anneal_drift_found_total.inc({ role: nodeRoleName(feed.nodeRole).role })
  })

  return {
    ready: following.ready,
    async scrape(accept) {
      await tellLevels()
      return scrape(accept)
    },
    appended: (ms) => meters.anneal_journal_append_duration_seconds.observe(ms / 1000),
    answered: (request) => countRequest(meters, request),
    stream(change) {
      if (change === 'opened') meters.anneal_stream_clients.inc()
      else if (change === 'closed') meters.anneal_stream_clients.dec()
      else meters.anneal_streams_dropped_total.inc()
    },
    streamed: (lagMs) => meters.anneal_stream_lag_seconds.observe(Math.max(0, lagMs) / 1000),
    webhook: (name, result) => meters.anneal_webhook_messages_total.inc({ webhook: name, result }),
    looked: () => fleet.looked,
    close: () => following.end(),
  }

  function begin(world: World): void {
    fleet.read(world)
    for (const { run, nodeRole, action, cause } of world.inFlight)
      flights.set(run, { role: nodeRoleName(nodeRole).role, action, repairs: cause.kind === 'drift' })
    const open = openCycle(world)
    if (open) cycle = { beganAt: open.beganAt, cause: open.cause.kind }
  }

  function hear(event: Event, { at }: ServedTurn): void {
    switch (event.kind) {
      case 'runStarted': {
        const { role } = nodeRoleName(event.nodeRole)
        const { action, cause } = event
        flights.set(event.run, { role, action, repairs: cause.kind === 'drift' })
        return meters.anneal_runs_started_total.inc({ role, action })
      }
      case 'runFinished': {
        const { result, durationMs } = event.outcome
        return endRun(event.run, result, durationMs)
      }
      case 'runLost':
        return endRun(event.run, 'lost', undefined)
      case 'cycleBegan':
        cycle = { beganAt: at, cause: event.cause.kind }
        return meters.anneal_cycles_started_total.inc({ cause: cycle.cause })
      case 'cycleEnded': {
        const { result } = event
        meters.anneal_cycles_ended_total.inc({ result })
        if (cycle) meters.anneal_cycle_duration_seconds.observe({ result }, (at - cycle.beganAt) / 1000)
        cycle = undefined
        return
      }
      case 'nodeReached':
      case 'nodeLost':
      case 'factsChanged':
      case 'nodeForgotten':
      case 'nodeRoleRemoved':
      case 'revisionCommitted':
        nodesMoved = true
        return
      default:
        return
    }
  }

  function endRun(run: RunId, result: string, durationMs: number | undefined): void {
    const flight = flights.get(run)
    if (!flight) return
    flights.delete(run)
    const { role, action, repairs } = flight
    meters.anneal_runs_finished_total.inc({ role, action, result })
    if (durationMs !== undefined)
      meters.anneal_run_duration_seconds.observe({ role, action }, durationMs / 1000)
    if (repairs && result === 'ok') meters.anneal_drift_repaired_total.inc({ role })
  }

  function countNodes(world: World): void {
    const counts = { yes: 0, no: 0, unknown: 0 }
    for (const { alive } of world.nodes.values())
      counts[alive === undefined ? 'unknown' : alive ? 'yes' : 'no']++
    for (const [alive, count] of Object.entries(counts)) meters.anneal_nodes.set({ alive }, count)
    nodesMoved = false
  }

  /** What is no sum of events is set when it is asked for: at the cost of groups, and of nodes when one of them moved. */
  async function tellLevels(): Promise<void> {
    meters.anneal_node_roles.reset()
    for (const { deployment, role, counts } of fleet.groups())
      for (const [state, count] of Object.entries(counts))
        if (state !== 'proposed') meters.anneal_node_roles.set({ deployment, role, state }, count)
    for (const [wait, count] of fleet.waits()) meters.anneal_waiting_node_roles.set({ wait }, count)
    meters.anneal_temperature_ratio.set(fleet.temperature)
    meters.anneal_runs_in_flight.set(flights.size)
    meters.anneal_cycles_open.set(cycle ? 1 : 0)
    meters.anneal_journal_events.set(parts.serving.head())
    if (nodesMoved) await parts.serving.ask(countNodes).catch(tolerate)
    for (const [webhook, count] of parts.queued())
      meters.anneal_webhook_queue_messages.set({ webhook }, count)
    const size = await parts.journalSize()
    if (size !== undefined) meters.anneal_journal_size_bytes.set(size)
  }
}

interface Flight {
  role: string
  action: RunAction
  repairs: boolean
}

function countRequest(meters: Meters, request: AnsweredRequest): void {
  const { route, status, durationMs, stream } = request
  const method = knownMethod(request.method)
  meters.anneal_http_requests_total.inc({ method, route, status: String(status) })
  if (!stream) meters.anneal_http_request_duration_seconds.observe({ method, route }, durationMs / 1000)
}

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])

/** Anybody may send any word as a method; each would be a series for ever. */
function knownMethod(method: string): string {
  return METHODS.has(method) ? method : 'other'
}
