// The book of values: what each input of a run must be, worked out anew by DESIGN's words from the committed target and what
// events told, and that what a run requires has succeeded and stands.
import { canonical } from '../../src/base/canonical.ts'
import { at, type Json, type JsonObject } from '../../src/base/json.ts'
import type { Event } from '../../src/model/event.ts'
import type { Language } from '../../src/model/language.ts'
import { type NodeRoleId, nodeRoleName } from '../../src/model/names.ts'
import type { InputSpec, Role } from '../../src/model/role.ts'
import { NODE_FAULTS, type RunId, type RunOutcome } from '../../src/model/run.ts'
import type { Target } from '../../src/model/site.ts'
import { placedBy } from '../support/rinses.ts'
import { type Members, membersCalled, oneFor, requiredBy, valueGiven } from './meant.ts'

type RunStarted = Extract<Event, { kind: 'runStarted' }>
type Source<K> = Extract<NonNullable<InputSpec['source']>, { kind: K }>
/** `unbound`: it must not run. `round`: a circle of early outputs is behind it, of which this book says nothing. */
type Found = { is: Json } | 'unbound' | 'round'

export class ValueBook {
  readonly #language: Language
  #target: Target | undefined
  #placed: ReadonlySet<NodeRoleId> = new Set()
  readonly #facts = new Map<string, JsonObject>()
  /** Of the last success, as long as that stands. */
  readonly #said = new Map<NodeRoleId, { inputs: string; outputs: JsonObject }>()
  readonly #flying = new Map<RunId, RunStarted>()
  /** Taken away by a commit and not gone; whether its removal may have undone some of it. */
  readonly #leaving = new Map<NodeRoleId, { half: boolean }>()

  constructor(language: Language) {
    this.#language = language
  }

  /** `target`: the head of the timeline, the event included. */
  hear(event: Event, target: Target | undefined): string | undefined {
    switch (event.kind) {
      case 'revisionCommitted':
        this.#commit(target)
        return undefined
      case 'factsChanged':
        this.#facts.set(event.node, event.facts)
        return undefined
      case 'runStarted':
        this.#flying.set(event.run, event)
        return event.action === 'remove' ? this.#wrongRemoval(event) : this.#wrongStart(event)
      case 'runFinished':
        this.#finish(event.run, event.outcome)
        return undefined
      case 'runLost':
        this.#finish(event.run, undefined)
        return undefined
      case 'nodeRoleRemoved':
        this.#forget(event.nodeRole)
        return undefined
      case 'nodeRoleRinsed':
        this.#said.delete(event.nodeRole)
        return undefined
      case 'nodeForgotten':
        for (const id of this.#leaving.keys()) if (nodeRoleName(id).node === event.node) this.#forget(id)
        return undefined
      default:
        return undefined
    }
  }

  /** What it is to run with now, as text; undefined where it must not, or where this book cannot say. */
  inputsOf(id: NodeRoleId): string | undefined {
    const all: JsonObject = {}
    for (const name of Object.keys(this.#roleOf(id)?.inputs ?? {})) {
      const found = this.#input(id, name, [])
      if (typeof found === 'string') return undefined
      all[name] = found.is
    }
    return canonical(all)
  }

  #wrongStart({ run, nodeRole: id, inputs }: RunStarted): string | undefined {
    const role = this.#roleOf(id)
    if (!role) return undefined
    const idle = role.requires.find((requirement) => !this.#isMet(id, requirement))
    if (idle) return `${run} of ${id} starts, and what it requires of ${idle.role} has not succeeded`
    for (const name of Object.keys(role.inputs)) {
      const found = this.#input(id, name, [])
      if (found === 'round') continue
      if (found === 'unbound') return `${run} of ${id} starts without a value for ${name}`
      const is = Object.hasOwn(inputs, name) ? canonical(inputs[name] as Json) : 'nothing'
      if (is !== canonical(found.is))
        return `${run} of ${id}: ${name} is ${is}, and not ${canonical(found.is)}`
    }
    return undefined
  }

  /** What is undone is what was done. */
  #wrongRemoval({ run, nodeRole: id, inputs }: RunStarted): string | undefined {
    const done = this.#said.get(id)?.inputs
    const is = canonical(inputs)
    return done === undefined || done === is
      ? undefined
      : `${run} removes ${id} with ${is}, done with ${done}`
  }

  #isMet(id: NodeRoleId, requirement: Role['requires'][number]): boolean {
    const target = this.#target as Target
    const there = requiredBy(target, id, requirement)
    return there.length > 0 && there.every((one) => this.#stands(one))
  }

  #stands(id: NodeRoleId): boolean {
    const role = this.#roleOf(id)
    if (role?.apply) return this.#said.has(id)
    return role?.requires.every((requirement) => this.#isMet(id, requirement)) ?? false
  }

  // --- What happened ------------------------------------------------------------------------------------------------

  #commit(target: Target | undefined): void {
    const placed = placedBy(target)
    for (const id of this.#placed) if (!placed.has(id)) this.#leaving.set(id, { half: false })
    for (const [id, { half }] of this.#leaving) {
      if (!placed.has(id)) continue
      this.#leaving.delete(id)
      // What its removal has begun to undo is done again.
      const undoing = [...this.#flying.values()].some((run) => run.nodeRole === id && run.action === 'remove')
      if (half || undoing) this.#said.delete(id)
    }
    this.#target = target
    this.#placed = placed
  }

  #finish(run: RunId, outcome: RunOutcome | undefined): void {
    const flight = this.#flying.get(run)
    this.#flying.delete(run)
    if (!flight) return
    const { nodeRole: id, action } = flight
    if (action !== 'remove') {
      if (outcome?.result !== 'ok') return
      this.#said.set(id, { inputs: canonical(flight.inputs), outputs: outcome.outputs })
    } else if (outcome?.result !== 'ok' && !neverTold(outcome)) {
      const leaving = this.#leaving.get(id)
      if (leaving) leaving.half = true
    }
  }

  #forget(id: NodeRoleId): void {
    this.#said.delete(id)
    this.#leaving.delete(id)
  }

  // --- Values -------------------------------------------------------------------------------------------------------

  #roleOf(id: NodeRoleId): Role | undefined {
    return this.#target?.roles[nodeRoleName(id).role]
  }

  /** `path`: outputs on the way to this question. */
  #input(id: NodeRoleId, name: string, path: readonly string[]): Found {
    const spec = this.#roleOf(id)?.inputs[name] as InputSpec
    const { source } = spec
    switch (source?.kind) {
      case undefined:
        return orAbsent(valueGiven(this.#target as Target, id, name), spec)
      case 'fact':
        return orAbsent(at(this.#facts.get(nodeRoleName(id).node), source.path), spec)
      case 'value':
        return this.#evaluated(id, source.expression, {}, spec, path)
      case 'output': {
        const read =
          source.take === 'one'
            ? this.#fromOne(id, source, spec, path)
            : this.#fromMany(id, source, spec, path)
        if (source.select === undefined || typeof read === 'string') return read
        return this.#evaluated(id, source.select, { value: read.is }, spec, path)
      }
    }
  }

  #fromOne(id: NodeRoleId, source: Source<'output'>, spec: InputSpec, path: readonly string[]): Found {
    const [one, ...others] = oneFor(id, this.#sources(id, source))
    if (one === undefined) return orAbsent(undefined, spec)
    if (others.length > 0) return 'unbound'
    const said = this.#output(one, source.output, path)
    return said === 'unbound' && (source.wait === 'known' || source.wait === 0)
      ? orAbsent(undefined, spec)
      : said
  }

  #fromMany(id: NodeRoleId, source: Source<'output'>, spec: InputSpec, path: readonly string[]): Found {
    const { wait, take, output } = source
    const ids = this.#sources(id, source).find((one) => one.ids.length > 0)?.ids
    if (!ids && wait !== 'known' && wait !== 0) return orAbsent(undefined, spec)
    const told = (ids ?? []).map((one) => ({
      node: nodeRoleName(one).node,
      said: this.#output(one, output, path),
    }))
    if (told.some(({ said }) => said === 'round')) return 'round'
    const known = told.flatMap(({ node, said }) =>
      typeof said === 'string' ? [] : [[node, said.is] as const],
    )
    const needed = wait === 'all' ? told.length : wait === 'known' ? 0 : wait
    if (known.length < needed) return 'unbound'
    return { is: take === 'map' ? Object.fromEntries(known) : known.map(([, value]) => value) }
  }

  #sources(id: NodeRoleId, { role }: Source<'output'>): Members[] {
    return membersCalled(this.#target as Target, nodeRoleName(id).deployment, role)
  }

  #output(id: NodeRoleId, output: string, path: readonly string[]): Found {
    const spec = this.#roleOf(id)?.outputs[output]
    if (!spec) return 'unbound'
    if (spec.value !== undefined) {
      const here = `${id} ${output}`
      if (path.includes(here)) return 'round'
      return this.#evaluated(id, spec.value, {}, undefined, [...path, here])
    }
    const said = this.#said.get(id)?.outputs
    return said && Object.hasOwn(said, output) ? { is: said[output] as Json } : 'unbound'
  }

  #evaluated(
    id: NodeRoleId,
    text: string,
    more: JsonObject,
    spec: InputSpec | undefined,
    path: readonly string[],
  ): Found {
    const { deployment, node } = nodeRoleName(id)
    const expression = this.#language.expression(text)
    const inputs: JsonObject = {}
    for (const name of this.#readBy(id, expression.reads)) {
      const found = this.#input(id, name, path)
      if (typeof found === 'string') return found
      inputs[name] = found.is
    }
    const labels = this.#target?.nodes[node]?.labels ?? {}
    const result = expression.evaluate({
      inputs,
      node: { name: node, labels, facts: this.#facts.get(node) ?? {} },
      deployment: { name: deployment },
      ...more,
    })
    if (result.ok) return { is: result.value }
    return spec ? orAbsent(undefined, spec) : 'unbound'
  }

  #readBy(id: NodeRoleId, reads: readonly (readonly string[])[]): string[] {
    const all = Object.keys(this.#roleOf(id)?.inputs ?? {})
    const read = reads.filter(([root]) => root === 'inputs').map(([, name]) => name)
    return read.includes(undefined) ? all : all.filter((name) => read.includes(name))
  }
}

function orAbsent(value: Json | undefined, { default: fallback, optional }: InputSpec): Found {
  if (value !== undefined) return { is: value }
  if (fallback !== undefined) return { is: fallback }
  return optional ? { is: null } : 'unbound'
}

/** Nobody has begun it, and the machine is to be asked again. */
function neverTold(outcome: RunOutcome | undefined): boolean {
  if (outcome?.result !== 'fault') return false
  const { code } = outcome.fault
  return code === 'notHandedOut' || NODE_FAULTS[code].nodeLost
}
