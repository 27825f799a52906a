// Secret names: which inputs and outputs of a role hold what is sensitive, by all that was ever on the timeline.
import type { Language } from '../model/language.ts'
import type { Role } from '../model/role.ts'
import type { World } from './world.ts'

/** What is sensitive in one revision is taken to be so in all: its value may be the same in the next one. */
export class SecretNames {
  readonly #language: Language
  readonly #inputs = new Map<string, Set<string>>()
  readonly #outputs = new Map<string, Set<string>>()

  constructor(language: Language) {
    this.#language = language
  }

  /** A role that no revision knows has nothing that may be shown. */
  isSecretInput(role: string, input: string): boolean {
    return this.#inputs.get(role)?.has(input) ?? true
  }

  isSecretOutput(role: string, output: string): boolean {
    return this.#outputs.get(role)?.has(output) ?? true
  }

  /** In rounds, as a secret may go from role to role. */
  learn(roles: Readonly<Record<string, Role>>): void {
    const all = Object.values(roles)
    for (const { name } of all) {
      if (!this.#inputs.has(name)) this.#inputs.set(name, new Set())
      if (!this.#outputs.has(name)) this.#outputs.set(name, new Set())
    }
    while (all.map((role) => this.#learnOf(role, all)).includes(true));
  }

  /** Whether something was new. */
  #learnOf(role: Role, all: readonly Role[]): boolean {
    const inputs = this.#inputs.get(role.name) as Set<string>
    const outputs = this.#outputs.get(role.name) as Set<string>
    const before = inputs.size + outputs.size
    for (const [name, { sensitive, source }] of Object.entries(role.inputs)) {
      if (sensitive) inputs.add(name)
      else if (source?.kind === 'value' && this.#readsSecret(source.expression, inputs)) inputs.add(name)
      else if (source?.kind === 'output' && this.#saysSecret(all, source.role, source.output))
        inputs.add(name)
    }
    for (const [name, { sensitive, value }] of Object.entries(role.outputs))
      if (sensitive || (value !== undefined && this.#readsSecret(value, inputs))) outputs.add(name)
    return inputs.size + outputs.size > before
  }

  #saysSecret(all: readonly Role[], role: string, output: string): boolean {
    return all.some((one) => answersTo(one, role) && this.#outputs.get(one.name)?.has(output))
  }

  #readsSecret(expression: string, secrets: ReadonlySet<string>): boolean {
    const { reads } = this.#language.expression(expression)
    return reads.some(
      ([root, input]) => root === 'inputs' && (input === undefined ? secrets.size > 0 : secrets.has(input)),
    )
  }
}

/** By all revisions of a world; what is proposed later is to be learnt. */
export function secretNamesIn(world: World): SecretNames {
  const names = new SecretNames(world.language)
  for (const { target } of world.revisions.values()) names.learn(target.roles)
  return names
}

function answersTo(role: Role, name: string): boolean {
  return role.name === name || role.provides.includes(name)
}
