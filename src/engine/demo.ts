// The demo: a fleet of a hundred made up machines that anneals before one's eyes, told as a feed as that of a real one is.
import { viewRun, viewStatus } from '../annealer/view.ts'
import { remainsOf } from '../annealer/remains.ts'
import { newWorld, type World } from '../annealer/world.ts'
import { assert } from '../base/assert.ts'
import type { Language } from '../model/language.ts'
import type { Feed, UpResult } from '../model/operations.ts'
import type { Demo, DemoRequest } from '../model/rehearsal.ts'
import type { RunId } from '../model/run.ts'
import { demoDurations, demoSite } from '../rehearsal/demo-site.ts'
import { Machines } from '../rehearsal/machines.ts'
import { type Prepared, prepare } from '../rehearsal/prepare.ts'
import { Rehearsal } from '../rehearsal/rehearsal.ts'
import { runsIn, tellTurn } from './tell-turn.ts'

export function demo(language: Language, request: DemoRequest): Demo {
  const { seed, fail = DEMO_FAIL, dead, at, by } = request
  const tell = (feed: Feed): void => request.onFeed(feed)
  const past = newWorld(language)
  past.durations = demoDurations()
  const what = { kind: 'files', site: demoSite() } as const
  const prepared = prepare(past, { what, afresh: false, seed, fail, dead }, at)
  assert(prepared.ok, 'the site of the demo can be placed')
  const lengthMs = lengthOf(prepared.value, seed, at)
  const world = prepared.value.world()
  const runs = new Set<RunId>()
  const machines = new Machines(prepared.value.ground, seed)
  const rehearsal = new Rehearsal(world, machines, at, (made) => {
    tellTurn(world, made, tell)
    for (const run of runsIn(made.events)) runs.add(run)
  })
  tell({ kind: 'status', status: viewStatus(world) })
  rehearsal.begin(prepared.value.commands(world))
  let stopped = false
  return {
    lengthMs,
    advance(now) {
      for (;;) {
        const next = rehearsal.nextAt()
        if (next === undefined) return false
        if (next > now) return true
        if (!rehearsal.step()) return false
      }
    },
    stop() {
      if (!stopped) rehearsal.tell([{ kind: 'stopClaiming', by }])
      stopped = true
    },
    result: () => resultOf(world, runs, world.now - rehearsal.beganAt),
  }
}

/** A little goes wrong, so that it can be seen what comes of it. */
const DEMO_FAIL = 0.03

/** Played once unseen: the same seed takes as long. */
function lengthOf(prepared: Prepared, seed: number, at: number): number {
  const world = prepared.world()
  const rehearsal = new Rehearsal(world, new Machines(prepared.ground, seed), at, () => {})
  rehearsal.begin(prepared.commands(world))
  while (rehearsal.step());
  return world.now - at
}

function resultOf(world: World, runs: ReadonlySet<RunId>, wallMs: number): UpResult {
  const ended = [...runs].flatMap((run) => {
    const record = world.runs.get(run)
    return record ? [viewRun(record)] : []
  })
  return { outcome: outcomeOf(world), runs: ended, wallMs, status: viewStatus(world) }
}

function outcomeOf(world: World): UpResult['outcome'] {
  return remainsOf(world) === 'nothing' ? 'ready' : 'atRestWithProblems'
}
