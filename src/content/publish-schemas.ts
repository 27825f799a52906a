// Writes the JSON Schemas of our file formats to schemas/, for editors: `node src/content/publish-schemas.ts`.
//
// An editor with the YAML language server takes one from the first line of a file, by a path or an address:
//   # yaml-language-server: $schema=<path to anneal>/schemas/role.schema.json
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Format } from './format.ts'
import { PACKAGE_FORMAT } from './package-format.ts'
import { ROLE_FORMAT } from './role-format.ts'
import { SERVER_FORMAT } from './server-format.ts'
import { INVENTORY_FORMAT, SITE_FORMAT } from './site-format.ts'

export const PUBLISHED: Record<string, Format> = {
  'site.schema.json': SITE_FORMAT,
  'inventory.schema.json': INVENTORY_FORMAT,
  'package.schema.json': PACKAGE_FORMAT,
  'role.schema.json': ROLE_FORMAT,
  'server.schema.json': SERVER_FORMAT,
}

/** What editors implement is draft 7; our formats use nothing that came later, only the name of the draft differs. */
export function published(format: Format): string {
  return `${JSON.stringify({ ...format, $schema: 'http://json-schema.org/draft-07/schema#' }, null, 2)}\n`
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const directory = fileURLToPath(new URL('../../schemas', import.meta.url))
  for (const [name, format] of Object.entries(PUBLISHED))
    await writeFile(join(directory, name), published(format))
}
