// Members: which nodes a selection means, and who belongs to each deployment.
import type { Language } from '../model/language.ts'
import type { Choice, NodeSelection, Site } from '../model/site.ts'
import { type Chooser, chooserOf, type NodeScope, readsFacts } from './choosing.ts'
import type { Fleet } from './fleet.ts'

export interface Members {
  /** Of a deployment, by name. */
  of(deployment: string): string[]
  select(selection: NodeSelection): string[]
  /** For a role, or for the members of the deployment. */
  among(deployment: string, choice: Choice, selected: readonly string[], role?: string): Chooser
  /** Nodes whose facts were asked for and are not known, by name. */
  undecided(): string[]
}

export function membersIn(site: Site, language: Language, fleet: Fleet): Members {
  const scope: NodeScope = (name) => ({
    node: { name, labels: site.nodes[name]?.labels ?? {}, facts: fleet.facts(name) ?? {} },
  })
  const known = new Map<string, string[]>()
  const unknown = new Set<string>()
  return { of: members, select, among, undecided: () => [...unknown].sort() }

  function members(name: string): string[] {
    const there = known.get(name)
    if (there) return there
    // A deployment that is its own ancestor is refused later; until then it has nobody.
    known.set(name, [])
    const found = membersOf(name)
    known.set(name, found)
    return found
  }

  function membersOf(name: string): string[] {
    const spec = site.deployments[name]
    if (!spec) return []
    const inherits = spec.inheritsNodes && spec.parent !== undefined && site.deployments[spec.parent]
    const selected = inherits ? members(spec.parent as string) : select(spec.nodes)
    if (!spec.choice) return selected
    const chooser = among(name, spec.choice, selected)
    chooser.fill(() => true)
    return [...chooser.chosen]
  }

  function select(selection: NodeSelection): string[] {
    if ('names' in selection) return selection.names.toSorted()
    const expression = language.expression(selection.expression)
    if (readsFacts(expression)) noteUnknown(Object.keys(site.nodes))
    return Object.keys(site.nodes)
      .filter((name) => {
        const result = expression.evaluate(scope(name))
        // An absent label or fact is no match and not a mistake: nodes differ.
        return result.ok && result.value === true
      })
      .sort()
  }

  function among(deployment: string, choice: Choice, selected: readonly string[], role?: string): Chooser {
    const carriers = fleet.carriers(deployment, role)
    const chooser = chooserOf(deployment, choice, selected, carriers, language, scope, fleet)
    if (chooser.readsFacts) noteUnknown(selected)
    return chooser
  }

  function noteUnknown(nodes: readonly string[]): void {
    for (const node of nodes) if (fleet.facts(node) === undefined) unknown.add(node)
  }
}
