// Live: what those who listen share: the last events, each formatted once, and which node-roles changed since when.
import { publicEvent } from '../annealer/public-event.ts'
import { type SecretNames, secretNamesIn } from '../annealer/secret-names.ts'
import { viewNodeRole } from '../annealer/view.ts'
import type { World } from '../annealer/world.ts'
import type { ServedTurn, Serving } from '../engine/serving.ts'
import type { StatesMessage } from '../model/board.ts'
import type { Recorded } from '../model/event.ts'
import type { NodeRoleId } from '../model/names.ts'
import type { NodeRoleView } from '../model/view.ts'

/** One event, and what goes to the wire for it; made when somebody listens, for all who do. */
export interface Message {
  recorded: Recorded
  bytes?: Buffer
}

export interface LiveTurn {
  first: number
  head: number
  changed: readonly NodeRoleId[]
  messages: readonly Message[]
  /** The `states` message of this turn, for those who hear of everything and are not behind. */
  states(): Buffer | undefined
}

/** So many events are kept at hand; who is farther behind reads the journal. */
const KEPT = 10_000
/** So many that are gone are remembered; who was away for longer is told everything. */
const GONE_KEPT = 10_000

export class Live {
  readonly #serving: Serving
  readonly secrets: SecretNames
  readonly #listeners = new Set<(turn: LiveTurn) => void>()
  readonly #changedAt = new Map<NodeRoleId, number>()
  readonly #gone = new Map<NodeRoleId, number>()
  /** Of what changed before, nothing is known. */
  #knowsSince: number
  #kept: Message[] = []
  #head: number
  readonly #unwatch: () => void
  /** Formatted since the beginning; tests hold us to it. */
  readonly work = { events: 0, states: 0 }

  static async begin(serving: Serving): Promise<Live> {
    return new Live(serving, await serving.ask(secretNamesIn))
  }

  private constructor(serving: Serving, secrets: SecretNames) {
    this.#serving = serving
    this.secrets = secrets
    this.#head = serving.head()
    this.#knowsSince = this.#head
    this.#unwatch = serving.watch((turn) => this.#take(turn))
  }

  /** Of the last event that was told to all. */
  get head(): number {
    return this.#head
  }

  listen(listener: (turn: LiveTurn) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /** Those after `after` that are at hand; undefined where the journal must be asked. */
  after(after: number): readonly Message[] | undefined {
    if (after === this.#head) return []
    const first = this.#kept[0]?.recorded.seq ?? Infinity
    if (after + 1 < first) return undefined
    return this.#kept.slice(after + 1 - first)
  }

  bytesOf(message: Message): Buffer {
    return (message.bytes ??= this.format(message.recorded))
  }

  format({ seq, at, event }: Recorded): Buffer {
    this.work.events++
    const told = publicEvent(this.secrets, event)
    return Buffer.from(
      `id: ${seq}\nevent: ${event.kind}\ndata: ${JSON.stringify({ seq, at, event: told })}\n\n`,
    )
  }

  /** What changed last since then; `whole` where that is not known, and so is everything. */
  async changedSince(seq: number, until = Infinity): Promise<{ ids: Set<NodeRoleId>; whole: boolean }> {
    if (seq < this.#knowsSince) return { ids: new Set(await this.#serving.ask(idsOf)), whole: true }
    const ids = new Set<NodeRoleId>()
    for (const changes of [this.#changedAt, this.#gone])
      for (const [id, at] of changes) if (at > seq && at <= until) ids.add(id)
    return { ids, whole: false }
  }

  /** How these stand now, and the last event that this contains. */
  async statesOf(
    ids: Iterable<NodeRoleId>,
    keep: (view: NodeRoleView) => boolean,
    whole: boolean,
  ): Promise<{ seq: number; bytes: Buffer }> {
    const message: StatesMessage = { seq: 0, changed: [], gone: [], ...(whole && { whole }) }
    await this.#serving.ask((world) => {
      message.seq = this.#head
      for (const id of ids) {
        const nodeRole = world.nodeRoles.get(id)
        const view = nodeRole && viewNodeRole(world, nodeRole)
        if (!view) message.gone.push(id)
        else if (keep(view)) message.changed.push(view)
      }
    })
    return { seq: message.seq, bytes: this.#statesBytes(message) }
  }

  close(): void {
    this.#unwatch()
    this.#listeners.clear()
  }

  #take(turn: ServedTurn): void {
    const { first, head, at, events, changed } = turn
    const messages = events.map((event, index): Message => ({ recorded: { seq: first + index, at, event } }))
    for (const event of events) if (event.kind === 'revisionProposed') this.secrets.learn(event.target.roles)
    this.#head = Math.max(this.#head, head)
    this.#kept.push(...messages)
    if (this.#kept.length > 2 * KEPT) this.#kept = this.#kept.slice(-KEPT)
    for (const { id, after } of changed) {
      const [here, there] = after ? [this.#changedAt, this.#gone] : [this.#gone, this.#changedAt]
      there.delete(id)
      here.set(id, head)
    }
    if (this.#gone.size > GONE_KEPT) {
      this.#gone.clear()
      this.#knowsSince = head
    }
    let states: Buffer | undefined
    const made: LiveTurn = {
      first,
      head,
      messages,
      changed: changed.map(({ id }) => id),
      states: () => {
        if (changed.length === 0) return undefined
        return (states ??= this.#statesBytes({
          seq: head,
          changed: changed.flatMap(({ after }) => after ?? []),
          gone: changed.flatMap(({ id, after }) => (after ? [] : [id])),
        }))
      },
    }
    for (const listener of this.#listeners) listener(made)
  }

  #statesBytes(message: StatesMessage): Buffer {
    this.work.states += message.changed.length + message.gone.length
    return Buffer.from(`event: states\ndata: ${JSON.stringify(message)}\n\n`)
  }
}

function idsOf(world: World): NodeRoleId[] {
  return [...world.nodeRoles.keys()]
}
