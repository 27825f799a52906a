// What must hold at every step of every story, asked of the production code from outside.
import { inputsOfSuccess } from '../../src/annealer/asleep.ts'
import { bindingOf } from '../../src/annealer/bind.ts'
import { isAtRest } from '../../src/annealer/due.ts'
import { explain } from '../../src/annealer/explain.ts'
import { judge } from '../../src/annealer/judge.ts'
import { isToBeRemoved } from '../../src/annealer/removal.ts'
import { restoreSnapshot, takeSnapshot } from '../../src/annealer/snapshot.ts'
import { Taking } from '../../src/annealer/taking.ts'
import { replay, settle, type Turn } from '../../src/annealer/turn.ts'
import { viewNode, viewRun, viewStatus } from '../../src/annealer/view.ts'
import { newWorld, type NodeRole, type World } from '../../src/annealer/world.ts'
import { canonical } from '../../src/base/canonical.ts'
import type { Json } from '../../src/base/json.ts'
import { isSameJson } from '../../src/base/same-json.ts'
import { catchUp, remember } from '../../src/engine/memory.ts'
import type { JournalReader } from '../../src/journal/journal.ts'
import type { Command } from '../../src/model/command.ts'
import type { Event } from '../../src/model/event.ts'
import type { Language } from '../../src/model/language.ts'
import type { RunOrder } from '../../src/model/run.ts'
import { reasonWords } from '../../src/model/words.ts'
import type { Disk } from './disk.ts'
import type { Model } from './model.ts'
import type { Stage } from './stage.ts'
import { must, Violation } from './violation.ts'

/** Nothing outside happens before it is written, and it happens as it was written. */
export function expectedOrder({ stage, model }: { stage: Stage; model: Model }, order: RunOrder): void {
  const run = model.runs.get(order.run)
  const isRight =
    run?.inFlight === true &&
    run.token === order.token &&
    run.nodeRole === order.nodeRole &&
    run.action === order.action &&
    run.inputs === canonical(order.inputs)
  if (!isRight) {
    const details = `${order.run} ${order.nodeRole} is ordered, and the journal has ${JSON.stringify(run)}`
    stage.broken(new Violation('what is ordered stands in the journal', details))
  }
}

/** What is answered with yes is on the disk. */
export function expectTold(parts: { stage: Stage; disk: Disk }, { kind }: Command, events: Event[]): void {
  const missing = events.find((event) => !parts.disk.durable.has(event))
  if (missing)
    parts.stage.broken(new Violation('what is acknowledged is durable', `${kind} told ${missing.kind}`))
}

/** By DESIGN's words and not by the graph: what a run requires is active when it starts. */
export function expectStart(stage: Stage, world: World, { events }: Turn): void {
  for (const event of events) {
    if (event.kind !== 'runStarted') continue
    const nodeRole = world.nodeRoles.get(event.nodeRole) as NodeRole
    if (event.action === 'remove') {
      expectNobodyOn(stage, world, nodeRole)
      continue
    }
    for (const { role, of } of nodeRole.group.role.requires) {
      const there = requiredBy(world, nodeRole, role, of)
      const waiting = there.find((one) => one.state !== 'active')
      if (waiting || there.length === 0) {
        const details = `${event.run} of ${event.nodeRole} starts, and ${waiting?.id ?? role} is ${waiting?.state ?? 'not there'}`
        stage.broken(new Violation('what a run requires is active', details))
      }
    }
  }
}

function requiredBy(world: World, nodeRole: NodeRole, role: string, of: string): NodeRole[] {
  const all = [...world.nodeRoles.values()].filter(
    (one) => !one.leaving && (one.group.role.name === role || one.group.role.provides.includes(role)),
  )
  for (let at: string | undefined = nodeRole.deployment; at; at = world.target?.deployments[at]?.parent) {
    const own = all.filter((one) => one.deployment === at)
    const exact = own.filter((one) => one.group.role.name === role)
    for (const found of [exact, own]) {
      const wide = of === 'deployment' || nodeRole.nodeName === '-' || found[0]?.nodeName === '-'
      const meant = wide ? found : found.filter((one) => one.nodeName === nodeRole.nodeName)
      if (meant.length > 0) return meant
    }
  }
  return []
}

/** What is removed goes after what is removed with it and requires it. */
function expectNobodyOn(stage: Stage, world: World, nodeRole: NodeRole): void {
  const { name } = nodeRole.group.role
  for (const other of world.nodeRoles.values()) {
    if (!isToBeRemoved(other) || other === nodeRole || other.revision > nodeRole.revision) continue
    if (other.deployment !== nodeRole.deployment || other.nodeName !== nodeRole.nodeName) continue
    if (!other.group.role.requires.some(({ role, of }) => role === name && of === 'node')) continue
    const details = `${nodeRole.id} is removed while ${other.id} is there`
    stage.broken(new Violation('removal goes in reverse order', details))
  }
}

/**
 * The same from the journal alone, with its snapshots and without, from a snapshot of what lives, and as who follows has it:
 * all four are held against one face of what lives.
 */
export async function expectSameAgain(
  live: World,
  reader: JournalReader,
  follower: { world: World; seq: number },
  language: Language,
): Promise<void> {
  const all = newWorld(language)
  for await (const batch of reader.events(0)) for (const { at, event } of batch) replay(all, at, event)
  settle(all)
  const { world: remembered } = await remember(reader, language)
  follower.seq = await catchUp(reader, follower.world, follower.seq)
  const scratch = restoreSnapshot(takeSnapshot(live), language)
  const face = faceOf(live)
  expectSame('replay equals live', all, face)
  expectSame('a restart equals live', remembered, face)
  expectSame('incremental equals from scratch', scratch, face)
  expectSame('who follows sees the same', follower.world, face)
  const rests = [isAtRest(follower.world), isAtRest(live)]
  must(rests[0] === rests[1], 'who follows sees the same', () => `at rest ${rests.join(', live ')}`)
}

/** All that a world says, at a time: what a snapshot of it tells, made of its own objects, and how each of its node-roles stands. */
interface Face {
  now: number
  told: unknown
  stands: string
}

function faceOf(world: World): Face {
  return { now: world.now, told: new Taking(world).shape(), stands: JSON.stringify(standing(world)) }
}

function expectSame(invariant: string, again: World, live: Face): void {
  // Time goes on without an event, for who lives.
  const { now } = again
  again.now = live.now
  const seen = faceOf(again)
  must(isSameTold(seen.told, live.told), invariant, () => {
    return `snapshots differ: ${firstDifference(textOf(seen.told), textOf(live.told))}`
  })
  must(seen.stands === live.stands, invariant, () => {
    return `states differ: ${firstDifference(seen.stands, live.stands)}`
  })
  again.now = now
}

/** What is the same only once it is JSON (a number without an end) is looked at as that. */
function isSameTold(a: unknown, b: unknown): boolean {
  return isSameJson(a as Json, b as Json) || textOf(a) === textOf(b)
}

function textOf(told: unknown): string {
  return canonical(JSON.parse(JSON.stringify(told)) as Json)
}

function standing(world: World): unknown[] {
  const all = [...world.nodeRoles.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
  return all.map((nodeRole) => {
    const { state, reason } = judge(world, nodeRole)
    const binding = nodeRole.leaving ? null : bindingOf(nodeRole)
    const early = nodeRole.leaving ? [] : [...nodeRole.early].map(([name, value]) => [name, value.json])
    const ran = nodeRole.leaving ? null : inputsOfSuccess(nodeRole)
    return [nodeRole.id, nodeRole.state, state, reason, binding, early, ran]
  })
}

function firstDifference(a: string, b: string): string {
  let at = 0
  while (at < a.length && a[at] === b[at]) at++
  const from = Math.max(0, at - 150)
  return `\n  ${a.slice(from, at + 150)}\n  ${b.slice(from, at + 150)}`
}

/** Committed revisions are what they were when they were proposed. */
export function expectRevisions(world: World, model: Model): void {
  for (const [number, { text, committed, onto }] of model.revisions) {
    const kept = world.revisions.get(number)
    const same =
      kept !== undefined && canonical(kept.target as unknown as Json) === text && kept.onto === onto
    must(same, 'revisions never change', () => `revision ${number} is not what it was`)
    const status = kept?.status === 'committed' || kept?.status === 'superseded'
    must(
      !committed || status,
      'revisions never change',
      () => `${number} was committed and is ${kept?.status}`,
    )
  }
  must(world.head === model.head, 'revisions never change', () => `head ${world.head}, not ${model.head}`)
}

/** All that a door may show, held against all secrets that there are. */
export function expectNoSecrets(world: World, secrets: ReadonlySet<string>): void {
  const views: unknown[] = [viewStatus(world), [...world.nodes.values()].map(viewNode)]
  for (const nodeRole of world.nodeRoles.values()) views.push(explain(world, nodeRole))
  for (const run of world.runs.values()) views.push(viewRun(run))
  expectNoSecretIn(JSON.stringify(views), secrets, 'a view')
}

export function expectNoSecretIn(text: string, secrets: ReadonlySet<string>, what: string): void {
  for (const secret of secrets) {
    must(!text.includes(secret), 'no secret is shown', () => {
      const at = text.indexOf(secret)
      return `${secret} in ${what}: ${text.slice(Math.max(0, at - 80), at + 80)}`
    })
  }
}

/** Reasons that only wait for what will come by itself. */
const PASSING = ['turn', 'contact', 'lock', 'upstream', 'backoff', 'dependants', 'stopped']

/** At rest each node-role is active, or says what an operator must see to. */
export function expectReasons(world: World): void {
  for (const nodeRole of world.nodeRoles.values()) {
    const { state, reason } = judge(world, nodeRole)
    if (state === 'active') continue
    const kind = reason.kind === 'waits' ? reason.wait.kind : reason.kind
    // Removal goes on when what stands in its way is seen to.
    const passing = PASSING.includes(kind) && !(isToBeRemoved(nodeRole) && kind === 'dependants')
    must(!passing && state !== 'transition', 'at rest nothing waits for itself', () => {
      return `${nodeRole.id} is ${state}: ${reasonWords(nodeRole.id, reason, world.now).says}`
    })
  }
}
