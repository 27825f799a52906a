// All that was read of a site and its packages, as the checks between them want it.
import type { Findings } from './findings.ts'
import type { LoadedPackage } from './load-package.ts'
import type { LoadedNode } from './read-nodes.ts'
import type { LoadedRole } from './read-role.ts'
import type { Schemas } from './schema.ts'
import type { YamlDocument } from './yaml.ts'

/** Everything read, for the checks. A name is known when a file bears it, even one that has faults. */
export interface Everything {
  document: YamlDocument
  packages: LoadedPackage[]
  roles: Map<string, LoadedRole>
  /** Names of roles whose file could not be read to the end. */
  brokenRoles: Set<string>
  nodes: Map<string, LoadedNode>
  /** False when an inventory could not be read: a node that is not known may be one of its. */
  nodesComplete: boolean
  shippedPackages: string | undefined
  schemas: Schemas
  findings: Findings
}
