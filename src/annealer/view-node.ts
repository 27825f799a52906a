// One node as a whole: how it is reached and since when, what was advised about it, of which variants it is, and what stands on it.
import type { Json } from '../base/json.ts'
import type { NodeRoleId } from '../model/names.ts'
import type { NodeDetails } from '../model/view.ts'
import type { Values } from '../model/site.ts'
import { SECRET } from '../model/without-secrets.ts'
import type { SecretNames } from './secret-names.ts'
import { shownVariant } from './variant.ts'
import { viewNode, viewNodeRole } from './view.ts'
import type { NodeRecord, NodeRole, World } from './world.ts'

/** Of node-roles those in deployments that may be read; of hints what is not sensitive. */
export function viewNodeDetails(
  world: World,
  node: NodeRecord,
  names: SecretNames,
  mayRead: (deployment: string) => boolean,
): NodeDetails {
  const nodeRoles = [...node.nodeRoles].filter(({ deployment }) => mayRead(deployment)).sort(byId)
  return {
    node: viewNode(node),
    nodeRoles: nodeRoles.map((one) => viewNodeRole(world, one)),
    connection: connectionOf(node),
    hints: hintsOf(node, names),
    variants: variantsOf(nodeRoles),
  }
}

function connectionOf({ spec: { transport, runner }, alive, since }: NodeRecord): NodeDetails['connection'] {
  const reached =
    transport.kind === 'local'
      ? { kind: transport.kind }
      : {
          kind: transport.kind,
          host: transport.host,
          ...(transport.user === undefined ? {} : { user: transport.user }),
          ...(transport.port === undefined ? {} : { port: transport.port }),
          ...(transport.config === undefined ? {} : { config: transport.config }),
        }
  return { ...reached, ...(runner && { runner }), ...(alive === undefined ? {} : { since }) }
}

function hintsOf({ spec: { hints } }: NodeRecord, names: SecretNames): Values {
  const shown = (role: string, given: Record<string, Json>): Record<string, Json> =>
    Object.fromEntries(
      Object.entries(given).map(([input, value]) => [
        input,
        names.isSecretInput(role, input) ? SECRET : value,
      ]),
    )
  return Object.fromEntries(Object.entries(hints).map(([role, given]) => [role, shown(role, given)]))
}

function variantsOf(nodeRoles: readonly NodeRole[]): NodeDetails['variants'] {
  const found = new Map<string, NodeRoleId[]>()
  for (const nodeRole of nodeRoles) {
    const variant = shownVariant(nodeRole)
    if (variant !== undefined) found.set(variant, [...(found.get(variant) ?? []), nodeRole.id])
  }
  return [...found].map(([variant, ids]) => ({ variant, nodeRoles: ids }))
}

function byId(a: NodeRole, b: NodeRole): number {
  return a.id < b.id ? -1 : 1
}
