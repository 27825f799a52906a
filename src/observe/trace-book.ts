// The book of traces: events of the journal become spans, one trace per cycle; what it must remember between is plain data.
import { openCycle } from '../annealer/cycles.ts'
import type { World } from '../annealer/world.ts'
import type { CycleCause, CycleResult } from '../model/cycle.ts'
import type { Event, Recorded } from '../model/event.ts'
import type { RunAction, RunId, RunOutcome } from '../model/run.ts'
import type { Cause } from '../model/reason.ts'
import { nodeRoleName } from '../model/names.ts'

/** What was told, and what is under way: kept as JSON beside the journal. */
export interface TraceBook {
  /** The last event that is in it. */
  seq: number
  cycle?: OpenCycle
  /** In flight, by their ids. */
  runs: Record<RunId, OpenRun>
  /** The first run of each of the last cycles, oldest first: whose trace a run is in. */
  cycles: [firstRun: number, cycle: number][]
  runsStarted: number
  /** Head of the timeline. */
  revision: number
}

export interface OpenCycle {
  cycle: number
  beganAt: number
  cause: CycleCause
  revision: number
  runs: number
  failed: number
  /** When a process found it under way: it was cut, and goes on. */
  cutAt: number[]
  /** The last run of a group that has ended well, by deployment/role. */
  last: Record<string, RunId>
}

export interface OpenRun {
  /** In which it was started; 0 where nobody knows. */
  cycle: number
  nodeRole: string
  action: RunAction
  cause: Cause['kind']
  attempt: number
  startedAt: number
  links: RunLink[]
}

/** To another run. */
export interface RunLink {
  run: RunId
  cycle: number
  /** output: it read what that one said. changed: and that is why it runs. before: that one failed or was lost. */
  kind: 'output' | 'changed' | 'before'
  input?: string
}

export type Span =
  | ({ kind: 'run'; run: RunId; endedAt: number; ended: RunEnd } & OpenRun)
  | ({ kind: 'cycle'; endedAt: number; result: CycleResult } & Omit<OpenCycle, 'last'>)

export type RunEnd = RunOutcome | { result: 'lost'; message: string }

const CYCLES_KEPT = 200
const LINKS_MOST = 32

/** Where nothing was kept: what is under way is told from here on, and what was over is not. */
export function traceBookOf(world: World, seq: number): TraceBook {
  const { cycles, runsStarted, head: revision } = world
  const numbers = cycles.map(({ runsBefore, cycle }): [number, number] => [runsBefore + 1, cycle])
  const book: TraceBook = { seq, runs: {}, cycles: numbers.slice(-CYCLES_KEPT), runsStarted, revision }
  const open = openCycle(world)
  if (open) {
    const { cycle, beganAt, cause, runs, failed } = open
    book.cycle = { cycle, beganAt, cause, revision: open.revision, runs, failed, cutAt: [], last: {} }
  }
  for (const { run, nodeRole, action, cause, attempt, startedAt } of world.inFlight) {
    const cycle = cycleOf(book, run) ?? 0
    book.runs[run] = { cycle, nodeRole, action, cause: cause.kind, attempt, startedAt, links: [] }
  }
  return book
}

/** Writes the event into the book, and gives the span that is complete with it. */
export function writeDown(book: TraceBook, { seq, at, event }: Recorded): Span | undefined {
  if (seq <= book.seq) return undefined
  book.seq = seq
  switch (event.kind) {
    case 'sessionStarted':
      book.cycle?.cutAt.push(at)
      return undefined
    case 'revisionCommitted':
      book.revision = event.revision
      return undefined
    case 'cycleBegan':
      beginCycle(book, at, event)
      return undefined
    case 'runStarted':
      startRun(book, at, event)
      return undefined
    case 'runFinished':
      return endRun(book, at, event.run, event.outcome)
    case 'runLost':
      return endRun(book, at, event.run, { result: 'lost', message: event.why })
    case 'cycleEnded':
      return endCycle(book, at, event.result)
    default:
      return undefined
  }
}

type Told<K extends Event['kind']> = Extract<Event, { kind: K }>

function beginCycle(book: TraceBook, beganAt: number, { cycle, cause }: Told<'cycleBegan'>): void {
  const { revision } = book
  book.cycle = { cycle, beganAt, cause, revision, runs: 0, failed: 0, cutAt: [], last: {} }
  book.cycles.push([book.runsStarted + 1, cycle])
  if (book.cycles.length > CYCLES_KEPT) book.cycles.shift()
}

function startRun(book: TraceBook, startedAt: number, event: Told<'runStarted'>): void {
  const { run, nodeRole, action, cause, attempt } = event
  book.runsStarted = numberOf(run)
  if (book.cycle) book.cycle.runs++
  const cycle = book.cycle?.cycle ?? 0
  book.runs[run] = {
    cycle,
    nodeRole,
    action,
    cause: cause.kind,
    attempt,
    startedAt,
    links: linksOf(book, event),
  }
}

function endRun(book: TraceBook, endedAt: number, run: RunId, ended: RunEnd): Span | undefined {
  const open = book.runs[run]
  if (!open) return undefined
  delete book.runs[run]
  const { deployment, role } = nodeRoleName(open.nodeRole)
  if (book.cycle && ended.result === 'ok') book.cycle.last[`${deployment}/${role}`] = run
  // A check that says no has done what it is for.
  if (book.cycle && ended.result !== 'ok' && !(ended.result === 'failed' && open.action === 'check'))
    book.cycle.failed++
  return { kind: 'run', run, endedAt, ended, ...open }
}

function endCycle(book: TraceBook, endedAt: number, result: CycleResult): Span | undefined {
  if (!book.cycle) return undefined
  const { last: _, ...told } = book.cycle
  delete book.cycle
  return { kind: 'cycle', endedAt, result, ...told }
}

/** To the runs that it follows from: whose outputs it reads, and the one that it is another try of. */
function linksOf(book: TraceBook, { cause, origins }: Told<'runStarted'>): RunLink[] {
  const links: RunLink[] = []
  const add = (run: RunId | undefined, kind: RunLink['kind'], input?: string): void => {
    const cycle = run === undefined ? undefined : cycleOf(book, run)
    if (run === undefined || cycle === undefined || links.length >= LINKS_MOST) return
    links.push({ run, cycle, kind, ...(input === undefined ? {} : { input }) })
  }
  if (cause.kind === 'retry') add(cause.after, 'before')
  if (cause.kind === 'lost') add(cause.run, 'before')
  const changed = new Set(cause.kind === 'inputsChanged' ? cause.inputs : [])
  for (const [input, origin] of Object.entries(origins)) {
    const kind = changed.has(input) ? 'changed' : 'output'
    if (origin.kind === 'output' && origin.run !== 'early') add(origin.run, kind, input)
    // Of a group that says it together the last to have spoken in this cycle stands for all.
    if (origin.kind === 'outputs') add(book.cycle?.last[`${origin.deployment}/${origin.role}`], kind, input)
  }
  return links
}

function cycleOf(book: TraceBook, run: RunId): number | undefined {
  const number = numberOf(run)
  return book.cycles.findLast(([first]) => first <= number)?.[1]
}

/** `run-7` is the seventh. */
function numberOf(run: RunId): number {
  return Number(run.slice('run-'.length))
}
