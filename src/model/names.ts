// Names of nodes, roles, deployments and node-roles: what is allowed, and how the compound ones are put together.

/** `deployment/node/role`; for a role that is `per: deployment` the node part is `-`. */
export type NodeRoleId = string

/** The node part of a node-role that belongs to its deployment and not to a node. */
export const NO_NODE = '-'

export interface NodeRoleName {
  deployment: string
  node: string
  role: string
}

export function nodeRoleId({ deployment, node, role }: NodeRoleName): NodeRoleId {
  return [deployment, node, role].join('/')
}

export function nodeRoleName(id: NodeRoleId): NodeRoleName {
  const [deployment = '', node = '', role = ''] = id.split('/')
  return { deployment, node, role }
}

/** Names are what DNS allows in a label, plus dots for nodes: they end up in file names, hosts files and commands. */
export const NAME_PATTERN = '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'
export const NODE_NAME_PATTERN = '^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$'
/** Inputs and outputs become environment variables and template words. */
export const VALUE_NAME_PATTERN = '^[a-z][a-z0-9_]{0,62}$'

/** Who stands in the timeline for what nobody asked for. */
export const ANNEAL = 'anneal'
