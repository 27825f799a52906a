// Controls as commands: what each target of a control means now, and what is to be decided of it.
import { unreachable } from '../base/assert.ts'
import type { Command } from '../model/command.ts'
import type { Control } from '../model/control.ts'
import type { NodeRoleId } from '../model/names.ts'
import { type Answer, answer, refuse } from '../model/refusal.ts'
import { type Scope, scopeKey, scopeName } from '../model/scope.ts'
import { decide } from './decide.ts'
import { notHeld } from './decide-control.ts'
import { type Meant, nodeRoleMeant, targetMeant } from './targets.ts'
import type { NodeRole, World } from './world.ts'

export interface ControlMeant {
  commands: Command[]
  names: string[]
  leftOut: NodeRoleId[]
}

export function controlMeant(world: World, control: Control, by: string): Answer<ControlMeant> {
  const who = control.why === undefined ? { by } : { by, why: control.why }
  switch (control.kind) {
    case 'stop':
      return answer({ commands: [{ kind: 'stopClaiming', by }], names: [], leftOut: [] })
    case 'hold':
      return each(scopesMeant(world, control.targets), scopeName, (scope) => ({
        kind: 'hold',
        scope,
        ...who,
      }))
    case 'release': {
      const scopes = scopesMeant(world, control.targets)
      const free = scopes.ok ? scopes.value.find((scope) => !world.holds.has(scopeKey(scope))) : undefined
      if (free) return refuse(notHeld(world, free))
      return each(scopes, scopeName, (scope) => ({ kind: 'release', scope, ...who }))
    }
    case 'retry': {
      const meant = all(control.targets, (target) => nodeRoleMeant(world, target))
      return each(meant, idOf, ({ id }) => ({ kind: 'retryNodeRole', nodeRole: id, ...who }))
    }
    case 'run':
      return runMeant(
        all(control.targets, (target) => targetMeant(world, target)),
        control.only,
        who,
      )
    case 'approve': {
      const of = control.variant === undefined ? who : { ...who, variant: control.variant }
      return each(scopesMeant(world, control.targets), scopeName, (scope) => ({
        kind: 'approve',
        scope,
        ...of,
      }))
    }
    case 'cancel': {
      const runs = all(control.targets, (target) => runsMeant(world, target))
      const named = runs.ok ? answer([...new Set(runs.value.flat())]) : runs
      return each(named, String, (name) =>
        isRinse(name)
          ? { kind: 'cancelRinse', rinse: name, ...who }
          : { kind: 'cancelRun', run: name, ...who },
      )
    }
    case 'commit': {
      const { revision, onto, why: message = world.revisions.get(revision)?.message ?? '' } = control
      return revisionMeant(world, { kind: 'commitRevision', revision, onto, author: by, message })
    }
    case 'discard':
      return revisionMeant(world, { kind: 'discardRevision', revision: control.revision, author: by })
    default:
      return unreachable(control)
  }
}

/** What would be refused is so before anything is begun for it. */
function revisionMeant(world: World, command: RevisionCommand): Answer<ControlMeant> {
  const decided = decide(world, command)
  if (!decided.ok) return decided
  return answer({ commands: [command], names: [`revision ${command.revision}`], leftOut: [] })
}

type RevisionCommand = Extract<Command, { kind: 'commitRevision' | 'discardRevision' }>

type Who = { by: string; why?: string }

function scopesMeant(world: World, targets: readonly string[]): Answer<Scope[]> {
  if (targets.length === 0) return answer([{ kind: 'site' }])
  const meant = all(targets, (target) => targetMeant(world, target))
  return meant.ok ? answer(meant.value.map(({ scope }) => scope)) : meant
}

/** What a session for some alone is for, in a world as it will be. */
export function onlyMeant(
  world: World,
  targets: readonly string[],
): Answer<{ scopes: Scope[]; nodeRoles: Set<NodeRoleId> }> {
  const meant = all(targets, (target) => targetMeant(world, target))
  if (!meant.ok) return meant
  const nodeRoles = meant.value.flatMap((one) => one.nodeRoles.map(idOf))
  return answer({ scopes: meant.value.map(({ scope }) => scope), nodeRoles: new Set(nodeRoles) })
}

/** A destructive role runs again when it is named, and not because its node or deployment was. */
function runMeant(meant: Answer<Meant[]>, only: boolean, who: Who): Answer<ControlMeant> {
  if (!meant.ok) return meant
  const scopes = meant.value.map(({ scope }) => scope)
  const runnable = new Set<NodeRole>()
  const leftOut = new Set<NodeRole>()
  for (const { scope, nodeRoles } of meant.value) {
    for (const nodeRole of nodeRoles) {
      const { role } = nodeRole.group
      if (!role.apply && !nodeRole.leaving) continue
      const spared = scope.kind !== 'nodeRole' && role.once && nodeRole.success !== undefined
      if (spared) leftOut.add(nodeRole)
      else runnable.add(nodeRole)
    }
  }
  if (runnable.size === 0) {
    const message = `nothing of ${scopes.map(scopeName).join(', ')} is to be run`
    return refuse({ code: 'conflict', message, nodeRoles: [...leftOut].map(idOf) })
  }
  const chosen: Command[] = only ? [{ kind: 'chooseOnly', only: scopes, by: who.by }] : []
  const runs = [...runnable].map(({ id }): Command => ({ kind: 'retryNodeRole', nodeRole: id, ...who }))
  const left = [...leftOut].filter((nodeRole) => !runnable.has(nodeRole))
  return answer({ commands: [...chosen, ...runs], names: scopes.map(scopeName), leftOut: left.map(idOf) })
}

function isRinse(name: string): boolean {
  return /^rinse-\d+$/.test(name)
}

/** A run or a rinse by its own name, or those in flight of whatever is named; a node may be called as a rinse is. */
function runsMeant(world: World, target: string): Answer<string[]> {
  if (/^run-\d+$/.test(target)) return answer([target])
  const meant = targetMeant(world, target)
  if (!meant.ok && isRinse(target)) return answer([target])
  if (!meant.ok) return meant
  const runs = meant.value.nodeRoles.flatMap(({ flight }) => (flight ? [flight.run] : []))
  if (runs.length > 0) return answer(runs)
  return refuse({ code: 'notInFlight', message: `nothing of ${target} is running` })
}

function each<T>(
  meant: Answer<T[]>,
  name: (one: T) => string,
  command: (one: T) => Command,
): Answer<ControlMeant> {
  if (!meant.ok) return meant
  return answer({ commands: meant.value.map(command), names: meant.value.map(name), leftOut: [] })
}

/** The first that is not understood refuses all. */
function all<T>(targets: readonly string[], meant: (target: string) => Answer<T>): Answer<T[]> {
  const found: T[] = []
  for (const target of targets) {
    const one = meant(target)
    if (!one.ok) return one
    found.push(one.value)
  }
  return answer(found)
}

function idOf({ id }: NodeRole): NodeRoleId {
  return id
}
