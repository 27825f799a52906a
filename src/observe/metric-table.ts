// The metrics of a server as a table: names, types, labels, and what each of them counts; in base units throughout.

export interface MetricSpec {
  type: 'gauge' | 'counter' | 'histogram'
  help: string
  labels: readonly string[]
  /** Upper bounds, for a histogram. */
  buckets?: readonly number[]
}

/** From a script that does nothing to an installation that takes hours, about three to each power of ten. */
const SPANS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1_800, 3_600, 14_400]
const SHORT_SPANS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** No label names a node: there may be ten thousand. A role stands beside its deployment where both are few. */
export const METRICS = {
  anneal_build_info: {
    type: 'gauge',
    help: 'Always 1; the version of Anneal and of Node stand in the labels',
    labels: ['version', 'node'],
  },
  anneal_node_roles: {
    type: 'gauge',
    help: 'Node-roles by state; those of one deployment and role together',
    labels: ['deployment', 'role', 'state'],
  },
  anneal_waiting_node_roles: {
    type: 'gauge',
    help: 'Node-roles that want to run and do not run yet, by what they wait for',
    labels: ['wait'],
  },
  anneal_temperature_ratio: {
    type: 'gauge',
    help: 'Share of node-roles that are not active, 0 to 1',
    labels: [],
  },
  anneal_nodes: {
    type: 'gauge',
    help: 'Nodes by whether they answered when they were last asked',
    labels: ['alive'],
  },
  anneal_runs_started_total: {
    type: 'counter',
    help: 'Runs that were started since the server was',
    labels: ['role', 'action'],
  },
  anneal_runs_finished_total: {
    type: 'counter',
    help: 'Runs whose end was heard of, by result; lost is one whose result will never be known',
    labels: ['role', 'action', 'result'],
  },
  anneal_runs_in_flight: {
    type: 'gauge',
    help: 'Runs that have been started and have not ended',
    labels: [],
  },
  anneal_run_duration_seconds: {
    type: 'histogram',
    help: 'How long runs took on their nodes, whatever came of them; without those that were lost',
    labels: ['role', 'action'],
    buckets: SPANS,
  },
  anneal_cycles_started_total: {
    type: 'counter',
    help: 'Cycles that began, by what disturbed the rest',
    labels: ['cause'],
  },
  anneal_cycles_ended_total: {
    type: 'counter',
    help: 'Cycles that came to rest, by what they came to',
    labels: ['result'],
  },
  anneal_cycle_duration_seconds: {
    type: 'histogram',
    help: 'Time to rest: from the disturbance until rest was called',
    labels: ['result'],
    buckets: SPANS,
  },
  anneal_cycles_open: { type: 'gauge', help: '1 while a cycle goes on, 0 at rest', labels: [] },
  anneal_drift_found_total: {
    type: 'counter',
    help: 'Node-roles that a check found to have drifted; once each, until they are as asked again',
    labels: ['role'],
  },
  anneal_drift_repaired_total: {
    type: 'counter',
    help: 'Runs that repaired drift',
    labels: ['role'],
  },
  anneal_journal_events: {
    type: 'gauge',
    help: 'Events in the journal: the number of the last durable one',
    labels: [],
  },
  anneal_journal_size_bytes: { type: 'gauge', help: 'What the journal takes on disk', labels: [] },
  anneal_journal_append_duration_seconds: {
    type: 'histogram',
    help: 'How long it took until the events of a turn were durable',
    labels: [],
    buckets: SHORT_SPANS,
  },
  anneal_http_requests_total: {
    type: 'counter',
    help: 'Requests that were answered, by the template of their route',
    labels: ['method', 'route', 'status'],
  },
  anneal_http_request_duration_seconds: {
    type: 'histogram',
    help: 'How long requests took until they were answered; streams are not in it',
    labels: ['method', 'route'],
    buckets: SHORT_SPANS,
  },
  anneal_stream_clients: { type: 'gauge', help: 'Clients that follow events', labels: [] },
  anneal_streams_dropped_total: {
    type: 'counter',
    help: 'Clients that were too slow and were let go; they resume where they were',
    labels: [],
  },
  anneal_stream_lag_seconds: {
    type: 'histogram',
    help: 'From an event that is durable until it is written to a client that follows',
    labels: [],
    buckets: SHORT_SPANS,
  },
  anneal_webhook_messages_total: {
    type: 'counter',
    help: 'Messages to webhooks by what came of them: delivered, retried, given up, or dropped from a full queue',
    labels: ['webhook', 'result'],
  },
  anneal_webhook_queue_messages: {
    type: 'gauge',
    help: 'Messages that wait to be delivered, those that are tried again included',
    labels: ['webhook'],
  },
} as const satisfies Record<string, MetricSpec>

export type MetricName = keyof typeof METRICS
