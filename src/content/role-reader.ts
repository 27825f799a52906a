// What the parts of reading a role share: its document, its package, and where faults go.
import type { Content } from './content.ts'
import type { Findings } from './findings.ts'
import type { Schemas } from './schema.ts'
import type { YamlDocument } from './yaml.ts'

export interface RoleSurroundings {
  /** The package's real directory, and how it is shown to people. */
  root: string
  shown: string
  /** `name` and `name@version`. */
  packageName: string
  packageId: string
  content: Content
  schemas: Schemas
  findings: Findings
}

export interface RoleReader extends RoleSurroundings {
  document: YamlDocument
  name: string
}
