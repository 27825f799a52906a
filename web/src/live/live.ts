// The live site as the page has it: the board's cells, what is telling, what was heard, and how the line to the server is.
import type { BoardView, StatesMessage } from '../../../src/model/board.ts'
import type { Event, Recorded } from '../../../src/model/event.ts'
import type { NodeRoleId } from '../../../src/model/names.ts'
import type { NodeRoleView } from '../../../src/model/view.ts'
import { ask, type Problem } from '../http/ask.ts'
import type { CyclesPage } from '../http/shapes.ts'
import { Cells } from './cells.ts'
import { type ConnectionState, keepConnected } from './connection.ts'
import type { StreamMessage } from './event-stream.ts'
import { Tellings } from './tellings.ts'
import { TemperatureCurve } from './temperature-curve.ts'
import { Topics } from './topics.ts'

/** What changed: the cells, the line to the server, events that were heard, and all that is asked for once more then. */
export type LiveTopic = 'cells' | 'connection' | 'events'

/** What went by while the line was down. */
export interface Missed {
  fromAt: number
  untilAt: number
  events: Recorded[]
  changed: number
}

/** Runs come and go by the thousand and show as states; of events, the page listens to those that people care for one by one. */
const KINDS: readonly Event['kind'][] = [
  'sessionStarted',
  'revisionProposed',
  'revisionCommitted',
  'revisionDiscarded',
  'nodeReached',
  'nodeLost',
  'nodeForgotten',
  'availabilityChanged',
  'rinseAsked',
  'rerunAsked',
  'held',
  'released',
  'onlyChosen',
  'runCancelAsked',
  'claimingStopped',
  'cycleBegan',
  'temperatureChanged',
  'cycleEnded',
  'rolloutPlanned',
  'stepOpened',
  'stepApproved',
  'failuresAllowed',
  'rolloutEnded',
]
const RECENT = 200

export class Live {
  readonly topics = new Topics<LiveTopic>()
  readonly tellings = new Tellings()
  readonly curve = new TemperatureCurve()
  cells: Cells | undefined
  problem: Problem | undefined
  connection: ConnectionState = { kind: 'connecting' }
  recent: Recorded[] = []
  missed: Missed | undefined
  draining: string | undefined
  seq = 0
  #group = 'none'
  #hush: (() => void) | undefined
  #asking: { changes: StatesMessage[] } | undefined
  #lost: { since: number; events: Recorded[] } | undefined
  /** What went by up to `seq`: of a server that has just begun, states come before the events that led to them. */
  #wentBy: { missed: Missed; seq: number } | undefined
  #stale = false
  /** Id of the last event that was heard, or passed by: where to go on from. */
  #last: number | undefined

  begin(): void {
    void this.#load()
  }

  /** Another grouping is another order of rows, which the server makes. */
  groupBy(group: string): void {
    if (group === this.#group) return
    this.#group = group
    void this.#load()
  }

  get group(): string {
    return this.#group
  }

  forgetMissed(): void {
    this.#wentBy = undefined
    this.missed = undefined
    this.topics.tell('connection')
  }

  /** After signing in, and when something stands on the board that it did not have. */
  async #load(): Promise<void> {
    if (this.#asking !== undefined) {
      this.#stale = true
      return
    }
    const asking = { changes: [] as StatesMessage[] }
    this.#asking = asking
    const asked = await ask<BoardView>(
      this.#group === 'none' ? '/board' : `/board?group=${encodeURIComponent(this.#group)}`,
    )
    this.#asking = undefined
    if (!asked.ok) {
      this.problem = asked.problem
      if (asked.problem.status === 401) this.connection = { kind: 'signedOut', problem: asked.problem }
      else window.setTimeout(() => void this.#load(), 1_000)
      this.topics.tell('connection')
      return
    }
    this.problem = undefined
    this.cells = new Cells(asked.value)
    if (this.#hush === undefined) this.#last = undefined
    this.seq = asked.value.seq
    // What was told while the board was on its way may be newer than it.
    for (const message of asking.changes) if (message.seq >= asked.value.seq) this.#take(message)
    this.topics.tell('cells')
    this.#connect()
    if (this.#stale) {
      this.#stale = false
      void this.#load()
    }
  }

  #connect(): void {
    if (this.#hush !== undefined) return
    void this.tellings.load(() => this.topics.tell('cells'))
    void ask<CyclesPage>('/cycles?limit=20').then((asked) => {
      if (asked.ok) this.curve.learn(asked.value.items)
      this.topics.tell('events')
    })
    void this.#askWhetherItDrains()
    this.#hush = keepConnected(`/api/v1/events?kinds=states,${KINDS.join(',')}`, {
      from: () => (this.#last === undefined ? { after: this.seq } : { last: this.#last }),
      onState: (state) => this.#onState(state),
      onMessage: (message) => this.#onMessage(message),
    })
  }

  /** Whoever comes after it was asked for does not hear of it. */
  async #askWhetherItDrains(): Promise<void> {
    const ready = await ask('/readyz')
    if (ready.ok || ready.problem.code !== 'draining') return
    this.draining ??= 'somebody'
    this.topics.tell('connection')
  }

  #onState(state: ConnectionState): void {
    const was = this.connection
    this.connection = state
    if (state.kind === 'lost' && was.kind !== 'lost') this.#lost = { since: state.since, events: [] }
    if (state.kind === 'signedOut') this.#hush = undefined
    // The journal is another one than before, or shorter: all that was known is to be asked for anew.
    if (state.kind === 'lost' && state.problem?.status === 400) this.#beginAnew()
    this.topics.tell('connection')
  }

  signOut(): void {
    this.#hush?.()
    this.#hush = undefined
    this.connection = {
      kind: 'signedOut',
      problem: { code: 'unauthenticated', says: 'you are signed out', fields: {} },
    }
    this.topics.tell('connection')
  }

  #beginAnew(): void {
    this.#hush?.()
    this.#hush = undefined
    this.draining = undefined
    this.tellings.forgetAll()
    void this.#load()
  }

  #onMessage({ id, event, data }: StreamMessage): void {
    if (id !== undefined) this.#last = Number(id)
    if (event === 'id' || event === 'closing') return
    const body: unknown = JSON.parse(data)
    if (event === 'states') this.#onStates(body as StatesMessage)
    else this.#onEvent(body as Recorded)
  }

  #onEvent(recorded: Recorded): void {
    this.curve.hear(recorded)
    const { event } = recorded
    if (event.kind === 'temperatureChanged') return
    if (event.kind === 'claimingStopped') this.draining = event.by
    if (event.kind === 'sessionStarted') this.draining = undefined
    if (event.kind === 'claimingStopped' || event.kind === 'sessionStarted') this.topics.tell('connection')
    this.#lost?.events.push(recorded)
    if (this.#lost === undefined && this.#wentBy !== undefined && recorded.seq <= this.#wentBy.seq) {
      const { missed } = this.#wentBy
      missed.events.push(recorded)
      this.missed = missed
      this.topics.tell('connection')
    }
    this.recent = [recorded, ...this.recent.slice(0, RECENT - 1)]
    this.topics.tell('events')
  }

  #onStates(message: StatesMessage): void {
    const changed = this.#changedBy(message)
    this.#asking?.changes.push(message)
    if (message.whole === true) {
      this.tellings.forgetAll()
      void this.#load()
    }
    this.#take(message)
    this.topics.tell('cells')
    if (this.#lost === undefined) return
    const { since, events } = this.#lost
    this.#lost = undefined
    const missed = { fromAt: since, untilAt: Date.now(), events, changed }
    this.#wentBy = { missed, seq: message.seq }
    if (events.length + changed > 0) this.missed = missed
    this.topics.tell('connection')
  }

  /** A server that has just begun tells all of them, whatever became of each. */
  #changedBy({ changed, gone, whole }: StatesMessage): number {
    const { cells } = this
    if (whole !== true || cells === undefined) return changed.length + gone.length
    const differs = changed.filter(
      ({ deployment, node, role, state }) => cells.of(deployment, node, role) !== state,
    )
    return differs.length + gone.length
  }

  #take({ changed, gone }: StatesMessage): void {
    const { cells } = this
    let placed = true
    for (const view of changed) {
      this.tellings.take(view)
      if (cells) placed = cells.set(view.deployment, view.node, view.role, view.state) && placed
    }
    for (const id of gone) {
      this.tellings.drop(id)
      const [deployment = '', node = '', role = ''] = id.split('/')
      cells?.set(deployment, node, role, undefined)
    }
    if (!placed) void this.#load()
  }

  /** How often it was told of: also of one that is quiet, of which nothing else is kept. */
  quietChanges(id: NodeRoleId): number {
    return this.tellings.changesOf(id)
  }

  /** Of one that is told already; others are asked for one by one. */
  viewOf(id: NodeRoleId): NodeRoleView | undefined {
    return this.tellings.get(id)
  }
}
