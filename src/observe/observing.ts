// Observing a server: metrics, traces, logs, webhooks and hooks as its settings ask for them, begun and ended together.
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { digestOf } from '../base/digest.ts'
import type { Json } from '../base/json.ts'
import type { Log } from '../base/log.ts'
import type { Clock } from '../engine/clock.ts'
import type { Serving } from '../engine/serving.ts'
import type { DoorWatch, Scrape } from '../model/door-watch.ts'
import type { ObserveSettings, ReadSecret } from '../model/observe-settings.ts'
import type { SecretReference } from '../model/secret-reference.ts'
import { type Answer, answer, refuse } from '../model/refusal.ts'
import { follow } from './follow.ts'
import { hookActions, type HookActionsParts } from './hook-actions.ts'
import { hooksIn, type HooksIn } from './hooks-in.ts'
import { KeptFile } from './kept-file.ts'
import { logRequest, logTurn } from './log-turns.ts'
import { keepMetrics } from './metrics.ts'
import type { TimedJournal } from './timed-journal.ts'
import type { Traces } from './traces.ts'
import { readWebhookSecret } from './webhook-signature.ts'
import { sendWebhooks, type Webhooks } from './webhooks.ts'

type Env = Readonly<Record<string, string | undefined>>

export interface ObservingParts extends Pick<HookActionsParts, 'readSite'> {
  serving: Serving
  settings: ObserveSettings
  /** `.anneal/`: beside the journal stands what must be remembered of what was told. */
  directory: string
  version: string
  /** Under which people know the server, without a slash at its end. */
  url?: string
  clock: Clock
  log: Log
  /** Also what happens in the site; else it is shown elsewhere. */
  logsTurns: boolean
  readSecret: ReadSecret
  env: Env
  /** Resolves when this server is the one that tells others; at once, where nobody says. */
  active?: Promise<void>
  /** Told of appends where the journal is one that counts them. */
  journal?: Pick<TimedJournal, 'onAppend'>
}

export interface Observing {
  watch: DoorWatch
  /** Absent where settings turn them off. */
  metrics?: (accept: string | undefined) => Promise<Scrape>
  hooks: HooksIn
  /** Sends what is under way, for a few seconds at most. Before the serving ends. */
  close(): Promise<void>
}

/** Refuses where a secret that settings refer to is not to be had. */
export async function startObserving(parts: ObservingParts): Promise<Answer<Observing>> {
  const { serving, settings, directory, version, clock, log, env, readSecret } = parts
  const webhooks = await withSecrets(settings.webhooks, 'webhooks', readSecret)
  if (!webhooks.ok) return webhooks
  const hooks = await withSecrets(settings.hooks, 'hooks', readSecret)
  if (!hooks.ok) return hooks
  const tracing = await tracesAsked(settings, env, readSecret)
  if (!tracing.ok) return tracing
  const origin = await originOf(serving)
  const file = (name: string): KeptFile => new KeptFile(join(directory, name))

  const counted = { serving, version, ofProcess: true, journalSize: () => journalSize(directory) }
  const metrics = keepMetrics({ ...counted, queued: () => sender?.queued() ?? new Map() })
  parts.journal?.onAppend((ms) => metrics.appended(ms))
  const logging = follow(
    serving,
    () => {},
    (turn) => {
      if (parts.logsTurns) logTurn(log, turn)
    },
  )
  let sender: Webhooks | undefined
  let traces: Traces | undefined
  if (parts.active) void parts.active.then(startTelling)
  else await startTelling()
  const ending = new AbortController()
  const act = hookActions({ ...parts, operations: serving.operations, signal: ending.signal })
  return answer({
    watch: {
      answered(request) {
        metrics.answered(request)
        logRequest(log, request)
      },
      stream: (change) => metrics.stream(change),
      streamed: (lagMs) => metrics.streamed(lagMs),
    },
    ...(settings.metrics ? { metrics: (accept) => metrics.scrape(accept) } : {}),
    hooks: hooksIn({ hooks: hooks.value, act, file: file('hooks.json'), clock, log }),
    async close() {
      ending.abort()
      metrics.close()
      logging.end()
      await Promise.all([sender?.close(), traces?.close()])
    },
  })

  async function startTelling(): Promise<void> {
    if (webhooks.ok && webhooks.value.length > 0)
      sender = sendWebhooks({
        serving,
        webhooks: webhooks.value,
        file: file('webhooks.json'),
        origin,
        clock,
        chance: () => Math.random(),
        log,
        tell: (name, result) => metrics.webhook(name, result),
      })
    if (tracing.ok && tracing.value) traces = await startTraces(tracing.value)
  }

  /** Read when they are wanted only: what they rest on takes a while to load. */
  async function startTraces(asked: { endpoint: string; headers: Record<string, string> }): Promise<Traces> {
    const { sendTraces } = await import('./traces.ts')
    const at = parts.url === undefined ? {} : { url: parts.url }
    return sendTraces({ ...asked, ...at, serving, file: file('traces.json'), clock, log, origin, version })
  }
}

/** Which site it is: no two journals begin with the same event at the same moment. */
async function originOf(serving: Serving): Promise<string> {
  for await (const [first] of serving.events(0))
    return digestOf([first?.at ?? 0, first?.event as unknown as Json])
  return ''
}

/** `whose`: as a refusal names it, e.g. `webhooks ops`. */
function noSecret<T>(whose: string, message: string): Answer<T> {
  return refuse({ code: 'invalidSite', message: `server.yaml, ${whose}: ${message}`, faults: [] })
}

type WithSecrets<T> = Omit<T, 'secrets'> & { secrets: Uint8Array[] }

async function withSecrets<T extends { name: string; secrets: SecretReference[] }>(
  settings: readonly T[],
  section: string,
  readSecret: ReadSecret,
): Promise<Answer<WithSecrets<T>[]>> {
  const made: WithSecrets<T>[] = []
  for (const one of settings) {
    const whose = `${section} ${one.name}`
    const secrets: Uint8Array[] = []
    for (const reference of one.secrets) {
      const read = await readSecret(reference)
      if (!read.ok) return noSecret(whose, read.message)
      const secret = readWebhookSecret(read.value)
      if (!secret) return noSecret(whose, 'a secret is whsec_ and base64 of 24 to 64 bytes')
      secrets.push(secret)
    }
    made.push({ ...one, secrets })
  }
  return answer(made)
}

/** By the settings, else by the variables that OpenTelemetry has for it; undefined where nobody asks. */
async function tracesAsked(
  { traces }: ObserveSettings,
  env: Env,
  readSecret: ReadSecret,
): Promise<Answer<{ endpoint: string; headers: Record<string, string> } | undefined>> {
  if (!traces) {
    const base = env['OTEL_EXPORTER_OTLP_ENDPOINT']?.replace(/\/+$/, '')
    const endpoint = env['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'] ?? (base ? `${base}/v1/traces` : undefined)
    return answer(endpoint ? { endpoint, headers: {} } : undefined)
  }
  const headers: Record<string, string> = {}
  for (const [name, reference] of Object.entries(traces.headers)) {
    const read = await readSecret(reference)
    if (!read.ok) return noSecret(`traces, header ${name}`, read.message)
    headers[name] = read.value
  }
  return answer({ endpoint: traces.endpoint, headers })
}

/** What stands on disk under the names of the journal. */
async function journalSize(directory: string): Promise<number | undefined> {
  try {
    const names = (await readdir(directory)).filter((name) => name.startsWith('journal.'))
    const sizes = await Promise.all(names.map(async (name) => (await stat(join(directory, name))).size))
    return sizes.reduce((sum, size) => sum + size, 0)
  } catch {
    return undefined // one of them may just be going
  }
}
