// The format of package.yaml, as the JSON Schema that both the loader and editors use.
import { described, type Format, NAME, record, ROLE_VALUES } from './format.ts'

export const PACKAGE_FORMAT: Format = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'An Anneal package (package.yaml)',
  ...record(
    {
      name: described(NAME, 'The name by which a site lists it.'),
      version: {
        type: 'string',
        pattern: '^\\d+\\.\\d+(\\.\\d+)?(-[0-9A-Za-z.-]+)?$',
        title: 'a version such as "1.4.0", in quotes',
        description: 'Of the package, not of the software that it brings; quoted.',
      },
      summary: { type: 'string', description: 'One sentence.' },
      license: { type: 'string', description: 'An SPDX expression, e.g. `Apache-2.0`.' },
      defaults: described(
        ROLE_VALUES,
        'Role -> input -> value; also for roles of other packages. Above role defaults, below all deployments.',
      ),
    },
    ['name', 'version'],
  ),
}
