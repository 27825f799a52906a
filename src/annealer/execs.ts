// Execs: which nodes an ad-hoc command means, and the book of what was run on them past all roles.
import type { Command } from '../model/command.ts'
import type { Event } from '../model/event.ts'
import type { ExecSelection, ExecView } from '../model/exec.ts'
import { type Answer, answer, type Refusal, refuse } from '../model/refusal.ts'
import { targetMeant } from './targets.ts'
import type { ExecRecord, NodeRecord, World } from './world.ts'

/** By name. Those that are not available are meant where they are named themselves, and not as part of more. */
export function nodesMeant(world: World, selection: ExecSelection): Answer<NodeRecord[]> {
  const found =
    selection === 'all' ? answer(available(world.nodes.values())) : selected(world, selection.text)
  if (!found.ok || found.value.length > 0) {
    return found.ok ? answer(found.value.toSorted((a, b) => (a.name < b.name ? -1 : 1))) : found
  }
  const what = selection === 'all' ? 'the site' : selection.text
  return refuse({ code: 'noNodes', message: `${what} means no node that is available` })
}

function selected(world: World, text: string): Answer<NodeRecord[]> {
  if (!/^[a-z0-9-][a-z0-9.,:/-]*$/.test(text) || text === 'true') return matching(world, text)
  const found = named(world, text.split(','))
  // A node may have a name that reads like an expression, and then it is meant.
  return !found.ok && text.startsWith('node.') ? matching(world, text) : found
}

function named(world: World, targets: readonly string[]): Answer<NodeRecord[]> {
  const found = new Set<NodeRecord>()
  for (const target of targets) {
    const meant = targetMeant(world, target)
    if (!meant.ok) return meant
    const { scope, nodeRoles } = meant.value
    const node = scope.kind === 'node' ? world.nodes.get(scope.node) : undefined
    if (node) found.add(node)
    else for (const each of available(nodeRoles.flatMap((one) => one.node ?? []))) found.add(each)
  }
  return answer([...found])
}

/** An absent label or fact is no match: nodes differ. What is wrong on every node is wrong in the expression. */
function matching(world: World, source: string): Answer<NodeRecord[]> {
  const expression = world.language.expression(source)
  const found: NodeRecord[] = []
  let wrong: string | undefined
  let right = 0
  for (const node of world.nodes.values()) {
    const { name, facts = {}, spec } = node
    const told = expression.evaluate({ node: { name, facts, labels: spec.labels } })
    if (!told.ok) wrong ??= told.message
    else if (typeof told.value !== 'boolean') wrong ??= 'it must say true or false of each node'
    else {
      right++
      if (told.value) found.push(node)
    }
  }
  if (wrong === undefined || right > 0) return answer(available(found))
  return refuse({ code: 'noNodes', message: `the expression ${source} has no answer on any node: ${wrong}` })
}

function available(nodes: Iterable<NodeRecord>): NodeRecord[] {
  return [...nodes].filter(({ unavailable }) => !unavailable)
}

export function startExec(world: World, command: Extract<Command, { kind: 'startExec' }>): Answer<Event[]> {
  const { kind: _, ...told } = command
  return answer([
    ...lostExecs(world),
    { kind: 'execStarted', exec: `exec-${world.execsStarted + 1}`, ...told },
  ])
}

export function finishExec(world: World, command: Extract<Command, { kind: 'finishExec' }>): Answer<Event[]> {
  const { exec, node } = command
  const record = world.execs.get(exec)
  if (record?.nodes.has(node) && record.nodes.get(node) === undefined)
    return answer([{ ...command, kind: 'execFinished' }])
  return refuse(notUnderWay(exec, node))
}

function notUnderWay(exec: string, node: string): Refusal {
  return { code: 'notInFlight', message: `${exec} is not under way on ${node}` }
}

/** Whoever has the journal now carries none of them: the process that did is gone. */
export function lostExecs(world: World): Event[] {
  return [...world.execs.values()].flatMap(({ exec, nodes }) =>
    [...nodes].flatMap(([node, outcome]): Event[] =>
      outcome ? [] : [{ kind: 'execFinished', exec, node, outcome: { result: 'lost' } }],
    ),
  )
}

const EXECS_KEPT = 200

export function keepExec(world: World, event: Extract<Event, { kind: 'execStarted' }>): void {
  const { kind: _, nodes, ...told } = event
  world.execsStarted++
  const none = nodes.map((node): [string, undefined] => [node, undefined])
  world.execs.set(event.exec, { ...told, startedAt: world.now, nodes: new Map(none) })
  for (const [id] of world.execs) {
    if (world.execs.size <= EXECS_KEPT) return
    world.execs.delete(id)
  }
}

export function endExec(world: World, event: Extract<Event, { kind: 'execFinished' }>): void {
  world.execs.get(event.exec)?.nodes.set(event.node, event.outcome)
}

export function viewExec({ nodes, ...told }: ExecRecord): ExecView {
  return { ...told, nodes: [...nodes].map(([node, outcome]) => ({ node, outcome })) }
}
