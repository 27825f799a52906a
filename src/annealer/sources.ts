// Sources: what a value was made from, as a tree down to its roots; each place is told once.
import type { Json } from '../base/json.ts'
import type { Origin } from '../model/binding.ts'
import type { SourceView } from '../model/view.ts'
import { inputsOfSuccess } from './asleep.ts'
import { boundOf, isSecret } from './bind.ts'
import { candidatesOf } from './candidates.ts'
import type { InputPlan } from './graph.ts'
import { knownOutput } from './hubs.ts'
import { sinceRun } from './since.ts'
import { isSecretOutput } from './trace.ts'
import type { NodeRole, World } from './world.ts'

/** `whole`: through runs, too, by what they were started with; else what a run said is a root. */
export function sourcesOf(world: World, reader: NodeRole, origin: Origin, whole: boolean): SourceView[] {
  return new Sources(world, whole).of(reader, origin, 0)
}

/** Deep enough for any real site. */
const DEPTH_MOST = 64
const MEMBERS_SHOWN = 20

class Sources {
  readonly #world: World
  readonly #whole: boolean
  readonly #told = new Set<string>()

  constructor(world: World, whole: boolean) {
    this.#world = world
    this.#whole = whole
  }

  of(reader: NodeRole, origin: Origin, depth: number): SourceView[] {
    if (depth >= DEPTH_MOST) return []
    switch (origin.kind) {
      case 'output': {
        const nodeRole = this.#world.nodeRoles.get(origin.nodeRole)
        return nodeRole ? [this.#output(nodeRole, origin.output, depth)] : []
      }
      case 'outputs': {
        const group = this.#world.plan.groups.get(`${origin.deployment}/${origin.role}`)
        const members = [...(group?.members.values() ?? [])]
        const shown = members.slice(0, MEMBERS_SHOWN).map((one) => this.#output(one, origin.output, depth))
        const last = shown.at(-1)
        if (last && members.length > shown.length) last.more = members.length - shown.length
        return shown
      }
      case 'expression':
        return origin.reads.flatMap((name) => {
          const input = reader.group.inputs.find((one) => one.name === name)
          return input ? [this.#input(reader, input, depth)] : []
        })
      case 'level':
      case 'fact':
      case 'none':
        return []
    }
  }

  #output(nodeRole: NodeRole, output: string, depth: number): SourceView {
    const told = knownOutput(nodeRole, output)
    const sensitive = isSecretOutput(nodeRole, output)
    const early = nodeRole.group.early.find((one) => one.name === output)
    const run = told?.run ?? 'early'
    const view: SourceView = {
      what: `${nodeRole.id}.${output}`,
      origin: { kind: 'output', nodeRole: nodeRole.id, output, run },
      sensitive,
      sources: [],
    }
    if (told && !sensitive) view.value = told.value.json
    if (told && !early) view.since = sinceRun(this.#world, told.run)
    if (early || (this.#whole && told)) this.#tell(view, () => this.#behind(nodeRole, early?.reads, depth))
    return view
  }

  /** What an early output reads, or all that its node-role last ran with. */
  #behind(nodeRole: NodeRole, reads: readonly number[] | undefined, depth: number): SourceView[] {
    const { inputs } = nodeRole.group
    if (!reads) return inputs.map((input) => this.#input(nodeRole, input, depth + 1, true))
    return reads.flatMap((index) => {
      const input = inputs[index]
      return input ? [this.#input(nodeRole, input, depth + 1)] : []
    })
  }

  #input(nodeRole: NodeRole, input: InputPlan, depth: number, asRun = false): SourceView {
    const { value, origin } = asRun ? this.#ranWith(nodeRole, input) : boundNow(nodeRole, input)
    const sensitive = isSecret(nodeRole, input)
    const view: SourceView = {
      what: `${nodeRole.id} ${input.name}`,
      origin: origin ?? { kind: 'none' },
      sensitive,
      sources: [],
    }
    if (value !== undefined && !sensitive) view.value = value
    if (!origin) return view
    const winner = origin.kind === 'level' ? candidatesOf(this.#world, nodeRole, input) : []
    const since = winner.find(({ wins }) => wins)?.since
    if (since) view.since = since
    this.#tell(view, () => this.of(nodeRole, origin, depth + 1))
    return view
  }

  #ranWith(nodeRole: NodeRole, input: InputPlan): { value?: Json | undefined; origin?: Origin | undefined } {
    const { success } = nodeRole
    const now = boundNow(nodeRole, input)
    if (!success || success.digest === nodeRole.digest) return now
    const origin = this.#world.runs.get(success.run)?.origins[input.name] ?? now.origin
    const inputs = inputsOfSuccess(nodeRole) ?? {}
    return {
      value: Object.hasOwn(inputs, input.name) ? inputs[input.name] : undefined,
      origin,
    }
  }

  #tell(view: SourceView, sources: () => SourceView[]): void {
    const isNew = !this.#told.has(view.what)
    this.#told.add(view.what)
    if (isNew) view.sources = sources()
    else if (this.#whole) view.again = true
  }
}

function boundNow(nodeRole: NodeRole, input: InputPlan): { value?: Json; origin?: Origin } {
  const bound = boundOf(nodeRole, input)
  return bound ? { value: bound.value.json, origin: bound.origin } : {}
}
