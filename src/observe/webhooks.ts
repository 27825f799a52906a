// Webhooks: each turn becomes messages, each message is delivered at least once, over restarts, and no turn waits for it.
import type { Json } from '../base/json.ts'
import type { Log } from '../base/log.ts'
import type { World } from '../annealer/world.ts'
import type { Clock } from '../engine/clock.ts'
import type { ServedTurn, Serving } from '../engine/serving.ts'
import type { WebhookEvent } from '../model/observe-settings.ts'
import { follow, tolerate } from './follow.ts'
import type { KeptFile } from './kept-file.ts'
import { isStillSo, messageOf, stepsWaiting, type WebhookMessage } from './webhook-messages.ts'
import { type Settled, type Waiting, WebhookQueue } from './webhook-queue.ts'
import { deliver, type Destination } from './webhook-sender.ts'

export interface WebhooksParts {
  serving: Pick<Serving, 'ask' | 'head' | 'events' | 'watch'>
  webhooks: readonly (Destination & { name: string; events: readonly WebhookEvent[] })[]
  file: KeptFile
  /** Says which site it is: ids of messages are made from it. */
  origin: string
  clock: Clock
  /** 0 to 1, another with each call. */
  chance(): number
  log: Log
  tell(name: string, result: Settled | 'dropped'): void
}

export interface Webhooks {
  /** What happened before has been taken in. */
  ready: Promise<void>
  /** By name. */
  queued(): ReadonlyMap<string, number>
  /** Takes in nothing more; what is on its way has a bounded time to arrive. */
  close(): Promise<void>
}

/** Deliveries to one webhook at the same time. */
const AT_ONCE = 4
/** What is on its way when the server ends has so long; then it is told anew by the next one. */
const CLOSING_MS = 3_000
/** Steps that were told of, kept so that they are not told again. */
const ANNOUNCED_MOST = 500

/** What happened since a process before this one ended is told, too. */
export function sendWebhooks(parts: WebhooksParts): Webhooks {
  const { serving, clock, file, log } = parts
  const lines = parts.webhooks.map((webhook) => ({
    ...webhook,
    queue: new WebhookQueue(),
    busy: new Set<string>(),
  }))
  const ending = new AbortController()
  const announced = new Set<string>()
  /** Turns that came while the past was still being read. */
  let early: ServedTurn[] | undefined = []
  let seq = 0
  let cancelWake: (() => void) | undefined
  let closing = false
  const sending = new Set<Promise<void>>()
  const following = follow(
    serving,
    () => {
      seq = serving.head()
    },
    (turn, world) => void (early ? early.push(turn) : hear(turn, world)),
  )
  const begun = catchUp().catch((error: unknown) => {
    early = undefined
    complain(error)
  })

  return {
    ready: begun,
    queued: () => new Map(lines.map(({ name, queue }) => [name, queue.size])),
    async close() {
      following.end()
      await begun
      cancelWake?.()
      closing = true
      const late = setTimeout(() => ending.abort(), CLOSING_MS)
      await Promise.all(sending)
      clearTimeout(late)
      await keep()
    },
  }

  async function catchUp(): Promise<void> {
    await following.ready
    const kept = await file.read()
    restore(kept)
    const known = Number(kept?.['seq'])
    if (Number.isInteger(known) && known >= 0 && known < seq) await readFrom(known)
    await serving.ask((world) => {
      stepsWaiting(world).forEach(put)
      const late = early ?? []
      early = undefined
      for (const turn of late) hear(turn, world)
    })
    pump()
    await keep()
  }

  async function readFrom(known: number): Promise<void> {
    for await (const batch of serving.events(known)) {
      const past = batch.filter((one) => one.seq <= seq)
      if (past.length === 0) return
      await serving.ask((world) => {
        for (const { at, event } of past) messageOf(world, at, event).forEach(put)
      })
    }
  }

  function restore(kept: Record<string, Json> | undefined): void {
    const queues = (kept?.['webhooks'] ?? {}) as Record<string, Json>
    for (const { name, queue } of lines) if (Object.hasOwn(queues, name)) queue.restore(queues[name])
    const keys = Array.isArray(kept?.['announced']) ? kept['announced'] : []
    for (const key of keys) if (typeof key === 'string') announced.add(key)
  }

  function hear({ head, at, events }: ServedTurn, world: World): void {
    seq = head
    const messages = events.flatMap((event) => messageOf(world, at, event))
    if (world.rollouts.size > 0) messages.push(...stepsWaiting(world))
    if (messages.filter(put).length === 0) return
    void keep()
    pump()
  }

  /** Whether anybody is told. */
  function put(message: WebhookMessage): boolean {
    if (message.type === 'step.waiting') {
      if (announced.has(message.key)) return false
      announced.add(message.key)
      const [oldest] = announced
      if (announced.size > ANNOUNCED_MOST && oldest !== undefined) announced.delete(oldest)
    }
    let told = false
    for (const { name, events, queue } of lines) {
      if (!events.includes(message.type)) continue
      told = true
      const dropped = queue.add(message)
      if (dropped === undefined) continue
      parts.tell(name, 'dropped')
      log('error', 'webhook queue is full, its oldest message is dropped', {
        webhook: name,
        message: dropped,
      })
    }
    return told
  }

  function pump(): void {
    if (closing) return
    const now = clock.now()
    for (const line of lines)
      for (const waiting of line.queue.due(now, line.busy, AT_ONCE)) {
        const sent = send(line, waiting).finally(() => sending.delete(sent))
        sending.add(sent)
      }
    cancelWake?.()
    const nexts = lines.flatMap(({ queue, busy }) => queue.nextAt(busy) ?? [])
    cancelWake = nexts.length === 0 ? undefined : clock.wakeAt(Math.max(now + 1, Math.min(...nexts)), pump)
  }

  async function send(line: (typeof lines)[number], { message, attempts }: Waiting): Promise<void> {
    const { name, queue, busy } = line
    busy.add(message.key)
    if (!(await stillSo(message))) {
      busy.delete(message.key)
      queue.drop(message.key)
      return pump()
    }
    const { how, told } = await deliver(line, message, parts.origin, clock.now(), ending.signal)
    busy.delete(message.key)
    if (ending.signal.aborted && how.result !== 'delivered') return
    const settled = queue.settle(message.key, how, clock.now(), parts.chance())
    if (settled === undefined) return
    parts.tell(name, settled)
    const fields = { webhook: name, type: message.type, attempt: attempts + 1, answer: told }
    if (settled === 'delivered') log('debug', 'webhook delivered', fields)
    else if (how.result === 'gone') log('error', 'webhook wants nothing more', fields)
    else if (settled === 'retried') log('warn', 'webhook failed, it is tried again', fields)
    else log('error', 'webhook failed, its message is given up', fields)
    void keep()
    pump()
  }

  async function stillSo(message: WebhookMessage): Promise<boolean> {
    try {
      return await serving.ask((world) => isStillSo(world, message))
    } catch (error) {
      tolerate(error)
      return true
    }
  }

  function keep(): Promise<void> {
    const content = (): Json => ({
      seq,
      announced: [...announced],
      webhooks: Object.fromEntries(lines.map(({ name, queue }) => [name, queue.keep()])),
    })
    return file.write(content).catch((error: unknown) => complain(error))
  }

  function complain(error: unknown): void {
    log('error', 'what webhooks remember cannot be kept', { problem: String(error) })
  }
}
