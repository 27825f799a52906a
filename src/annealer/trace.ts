// Tracing: where a value goes, through inputs, early outputs and runs, each place once and by the shortest way.
import { at, type Json } from '../base/json.ts'
import type { ValueLevel } from '../model/binding.ts'
import type { Expression } from '../model/language.ts'
import type { How, Reached, Thing, TraceStep, TraceView } from '../model/provenance.ts'
import { inputsOfSuccess } from './asleep.ts'
import { boundOf, isSecret } from './bind.ts'
import { linksFrom } from './consumers.ts'
import type { EarlyPlan, InputPlan } from './graph.ts'
import { knownOutput } from './hubs.ts'
import { shorten } from './trace-shorten.ts'
import { valueOf } from './value.ts'
import type { NodeRole, World } from './world.ts'

export type Root =
  | { kind: 'fact'; node: string; path: string[] }
  | { kind: 'given'; thing: Extract<Thing, { kind: 'given' }>; value: Json; to: GivenTo[] }
  | { kind: 'input'; nodeRole: NodeRole; input: InputPlan }
  | { kind: 'output'; nodeRole: NodeRole; output: string }

export interface GivenTo {
  nodeRole: NodeRole
  input: InputPlan
  /** Absent where it wins. */
  beatenBy?: ValueLevel
}

/** Costs what is reached. Roots that an earlier one has reached are told there; `whole`: nothing is left out. */
export function trace(world: World, roots: Iterable<Root>, whole: boolean): TraceView {
  const tracing = new Tracing(world)
  for (const root of roots) tracing.follow(root)
  return shorten(tracing.roots, tracing.counts(), whole)
}

type Place =
  | { step: TraceStep; nodeRole: NodeRole; input: InputPlan }
  | { step: TraceStep; nodeRole: NodeRole; output: string }

class Tracing {
  readonly roots: TraceStep[] = []
  readonly #world: World
  readonly #inputs = new Map<NodeRole, Set<string>>()
  readonly #outputs = new Map<NodeRole, Set<string>>()
  /** Inputs of whole groups: a thousand members that read a thousand are reached once and not a thousand times. */
  readonly #links = new Set<InputPlan>()
  readonly #next: Place[] = []

  constructor(world: World) {
    this.#world = world
  }

  follow(root: Root): void {
    const step = this.#rootStep(root)
    if (!step) return
    this.roots.push(step)
    if (root.kind === 'fact') this.#fromFact(step, root)
    if (root.kind === 'given') for (const to of root.to) this.#give(step, to)
    // It grows while it is walked.
    for (const place of this.#next) {
      if ('input' in place) this.#fromInput(place)
      else this.#fromOutput(place)
    }
    this.#next.length = 0
  }

  counts(): TraceView['counts'] {
    const sum = (all: Map<NodeRole, Set<string>>): number =>
      [...all.values()].reduce((total, names) => total + names.size, 0)
    const nodeRoles = new Set([...this.#inputs.keys(), ...this.#outputs.keys()]).size
    return { inputs: sum(this.#inputs), outputs: sum(this.#outputs), nodeRoles }
  }

  #rootStep(root: Root): TraceStep | undefined {
    switch (root.kind) {
      case 'fact': {
        const value = at(this.#world.nodes.get(root.node)?.facts, root.path)
        return newStep({ kind: 'fact', node: root.node, path: root.path }, value, false)
      }
      case 'given': {
        const [first] = root.to
        const sensitive = first ? isSecret(first.nodeRole, first.input) : false
        return newStep(root.thing, root.value, sensitive)
      }
      case 'input':
        return this.#reachInput(root.nodeRole, root.input)
      case 'output':
        return this.#reachOutput(root.nodeRole, root.output)
    }
  }

  #fromFact(above: TraceStep, { node, path }: Extract<Root, { kind: 'fact' }>): void {
    for (const nodeRole of this.#world.nodes.get(node)?.nodeRoles ?? []) {
      if (nodeRole.leaving) continue
      for (const input of nodeRole.group.inputs) {
        const { source } = input.spec
        const isBound = source?.kind === 'fact' && overlap(source.path, path)
        if (isBound) this.#add(above, this.#reachInput(nodeRole, input, true), { kind: 'fact' })
        else if (readsFact(input.expression ?? input.select, path))
          this.#add(above, this.#reachInput(nodeRole, input), howMade(input))
      }
      for (const early of nodeRole.group.early) {
        if (readsFact(early.expression, path))
          this.#add(above, this.#reachOutput(nodeRole, early.name), howEarly(nodeRole, early))
      }
    }
  }

  #give(above: TraceStep, { nodeRole, input, beatenBy }: GivenTo): void {
    if (beatenBy === undefined)
      return this.#add(above, this.#reachInput(nodeRole, input), { kind: 'given', wins: true })
    const thing: Thing = { kind: 'input', nodeRole: nodeRole.id, input: input.name }
    const step = newStep(thing, nodeRole.inputs[input.index]?.json, isSecret(nodeRole, input))
    this.#add(above, step, { kind: 'given', wins: false, beatenBy })
  }

  #fromInput({ step, nodeRole, input }: Extract<Place, { input: InputPlan }>): void {
    const { group } = nodeRole
    for (const reader of group.inputs) {
      if (reader.reads.includes(input.index))
        this.#add(step, this.#reachInput(nodeRole, reader), howMade(reader))
    }
    for (const early of group.early) {
      if (early.reads.includes(input.index))
        this.#add(step, this.#reachOutput(nodeRole, early.name), howEarly(nodeRole, early))
    }
    if (!group.role.apply) return
    for (const output of group.lateOutputs)
      this.#add(step, this.#reachOutput(nodeRole, output, step.reached), { kind: 'run' })
  }

  #fromOutput({ step, nodeRole, output }: Extract<Place, { output: string }>): void {
    const hasSaid = knownOutput(nodeRole, output) !== undefined
    for (const { reader, input, all, members } of linksFrom(nodeRole, output)) {
      const how = howMade(input)
      if (all && this.#links.has(input)) {
        const { deployment, role } = reader
        const count = reader.members.size
        const thing: Thing = { kind: 'inputs', deployment, role: role.name, input: input.name, count }
        if (count > 0) this.#add(step, newStep(thing, undefined, false), how)
        continue
      }
      if (all) this.#links.add(input)
      for (const member of members) this.#add(step, this.#reachInput(member, input, hasSaid), how)
    }
  }

  #add(above: TraceStep, step: TraceStep | undefined, how: How): void {
    if (!step) return
    step.how = how
    above.to.push(step)
  }

  /** `hasSaid`: whether its source says anything; something else may stand in for one that does not. */
  #reachInput(nodeRole: NodeRole, input: InputPlan, hasSaid?: boolean): TraceStep | undefined {
    if (!isNew(this.#inputs, nodeRole, input.name)) return undefined
    const thing: Thing = { kind: 'input', nodeRole: nodeRole.id, input: input.name }
    const step = newStep(thing, nodeRole.inputs[input.index]?.json, isSecret(nodeRole, input))
    step.reached = ranWith(nodeRole, input, hasSaid)
    this.#next.push({ step, nodeRole, input })
    return step
  }

  #reachOutput(nodeRole: NodeRole, output: string, run?: Reached): TraceStep | undefined {
    if (!isNew(this.#outputs, nodeRole, output)) return undefined
    const thing: Thing = { kind: 'output', nodeRole: nodeRole.id, output }
    const told = knownOutput(nodeRole, output)
    const step = newStep(thing, told?.value.json, isSecretOutput(nodeRole, output))
    if (told && told.run !== 'early' && (run === undefined || run.kind === 'ran'))
      step.reached = { kind: 'ran', run: told.run }
    else if (run) step.reached = run.kind === 'ran' ? { kind: 'would' } : run
    this.#next.push({ step, nodeRole, output })
    return step
  }
}

function newStep(thing: Thing, value: Json | undefined, sensitive: boolean): TraceStep {
  const step: TraceStep = { thing, sensitive, to: [], left: { steps: 0, behind: 0 } }
  if (value !== undefined && !sensitive) step.value = value
  return step
}

function isNew(reached: Map<NodeRole, Set<string>>, nodeRole: NodeRole, name: string): boolean {
  const names = reached.get(nodeRole)
  if (names?.has(name)) return false
  if (names) names.add(name)
  else reached.set(nodeRole, new Set([name]))
  return true
}

/** Whether a run had the value that the input has now, and has it from where it was traced. */
function ranWith(nodeRole: NodeRole, input: InputPlan, hasSaid: boolean | undefined): Reached {
  const { group, flight, success } = nodeRole
  if (!group.role.apply) return { kind: 'never' }
  const bound = boundOf(nodeRole, input)
  const standsIn = bound?.origin.kind === 'level' || bound?.origin.kind === 'none'
  if (!bound || hasSaid === false || (hasSaid && standsIn)) return { kind: 'would' }
  const had = (inputs: Readonly<Record<string, Json>>): boolean =>
    Object.hasOwn(inputs, input.name) && valueOf(inputs[input.name] as Json).digest === bound.value.digest
  if (flight && flight.action !== 'remove' && had(flight.inputs)) return { kind: 'runs', run: flight.run }
  return success && had(inputsOfSuccess(nodeRole) ?? {})
    ? { kind: 'ran', run: success.run }
    : { kind: 'would' }
}

/** It is sensitive, or made of what is. */
export function isSecretOutput(nodeRole: NodeRole, output: string): boolean {
  const { role, early, inputs } = nodeRole.group
  if (role.outputs[output]?.sensitive) return true
  const reads = early.find(({ name }) => name === output)?.reads ?? []
  return reads.some((index) => isSecret(nodeRole, inputs[index] as InputPlan))
}

/** One is inside of the other. */
function overlap(one: readonly string[], other: readonly string[]): boolean {
  const length = Math.min(one.length, other.length)
  return one.slice(0, length).every((part, index) => part === other[index])
}

function readsFact(expression: Expression | undefined, path: readonly string[]): boolean {
  return (
    expression?.reads.some(
      ([root, of, ...read]) =>
        root === 'node' && (of === undefined || (of === 'facts' && overlap(read, path))),
    ) ?? false
  )
}

function howMade({ spec }: InputPlan): How {
  const { source } = spec
  if (source?.kind === 'value') return { kind: 'expression', expression: source.expression }
  if (source?.kind !== 'output') return { kind: 'fact' }
  const { take, select } = source
  return select === undefined ? { kind: 'output', take } : { kind: 'output', take, select }
}

function howEarly({ group }: NodeRole, { name }: EarlyPlan): How {
  return { kind: 'early', expression: group.role.outputs[name]?.value ?? '' }
}
