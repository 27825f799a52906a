// Defects of memory: what is acknowledged, what a disk and a restart give back, and what a snapshot holds.
import { type Defect, laws, scripts, tests } from '../defect.ts'

const engine = (only: string) => tests('test/simulation/engine.test.ts', only)
const asleep = (only: string) => tests('test/laws/asleep.test.ts', only)
const damage = (only: string) => tests('test/contracts/journal-sqlite-damage.test.ts', only)

/** What a node-role keeps of what events told, and a script in which that matters. */
const FORGOTTEN = {
  checkedNo: ['adopt'],
  touched: ['rinse-touched'],
  ran: ['oscillates'],
  drift: ['drift'],
  cancelled: ['cancel'],
  asked: ['retry'],
  unlike: ['not-repeatable'],
  checkedAt: ['drift-schedule'],
} as const

export const OF_JOURNAL: readonly Defect[] = [
  {
    name: 'A commit is not synced to the disk',
    file: 'src/journal/sqlite-writing-end.ts',
    find: 'PRAGMA synchronous = FULL',
    put: 'PRAGMA synchronous = OFF',
    caughtBy: [tests('test/contracts/journal-sqlite.test.ts', 'on the disk')],
  },
  {
    name: 'A commit is synced to the disk now and then',
    file: 'src/journal/sqlite-writing-end.ts',
    find: 'PRAGMA synchronous = FULL',
    put: 'PRAGMA synchronous = NORMAL',
    caughtBy: [tests('test/contracts/journal-sqlite.test.ts', 'on the disk')],
  },
  {
    name: 'Runs start before what decided on them is on the disk',
    file: 'src/engine/engine.ts',
    find: 'if (made.events.length > 0) this.#head = (await journal.append(now, made.events)).head',
    put: 'if (made.events.length > 0) void journal.append(now, made.events).catch(() => {})',
    caughtBy: [engine('on their way to the disk')],
  },
  {
    name: 'What failed to be written is acknowledged',
    file: 'src/journal/group-commit.ts',
    find: '        if (this.#fault) waiting.reject(this.#fault)',
    put: '        if (this.#fault && waiting.weight < 0) waiting.reject(this.#fault)',
    caughtBy: [tests('test/contracts/journal-memory.test.ts')],
  },
  {
    name: 'The engine goes on when the journal has failed',
    file: 'src/engine/engine.ts',
    find: '    this.#fault = error.refusal\n',
    put: '',
    caughtBy: [engine('the disk says no')],
  },
  {
    name: 'A turn is written in two transactions',
    file: 'src/journal/sqlite-writing-end.ts',
    find: "    if (load.batches.length > 0) sql('UPDATE head SET seq = ?, chain = ?').run(to.seq, to.chain)",
    put: "    sql('COMMIT').run()\n    sql('BEGIN IMMEDIATE').run()\n    if (load.batches.length > 0) sql('UPDATE head SET seq = ?, chain = ?').run(to.seq, to.chain)",
    caughtBy: [
      tests('test/contracts/journal-sqlite-disk.test.ts'),
      tests('test/contracts/journal-sqlite-crash.test.ts'),
    ],
  },
  {
    name: 'A changed batch is not noticed',
    file: 'src/journal/sqlite-verify.ts',
    find: 'if (!chain.equals(batch.chain)) return findings.damaged(altered(batch))',
    put: '',
    caughtBy: [damage('what is wrong is said')],
  },
  {
    name: 'A journal that ends earlier than was acknowledged is taken as whole',
    file: 'src/journal/sqlite-verify.ts',
    find: 'if (!marked) return findings.damaged(behind(mark as Mark, head, findings.files))',
    put: '',
    caughtBy: [damage('what is wrong is said')],
  },
  {
    name: 'Two writers are let in',
    file: 'src/journal/sqlite-lock.ts',
    find: 'PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE',
    put: 'PRAGMA journal_mode = MEMORY; BEGIN DEFERRED',
    caughtBy: [tests('test/contracts/journal-sqlite-crash.test.ts', 'the second is told who is busy')],
  },
  {
    name: 'A replay passes over an event',
    file: 'src/annealer/turn.ts',
    find: '  world.now = Math.max(world.now, at)\n  evolve(world, event)',
    put: "  world.now = Math.max(world.now, at)\n  if (event.kind !== 'availabilityChanged') evolve(world, event)",
    caughtBy: [scripts('unavailable')],
  },
  {
    name: 'A restart reads the journal from the event after the next',
    file: 'src/engine/memory.ts',
    find: 'const from = fits ? snapshot.seq : 0',
    put: 'const from = fits ? snapshot.seq + 1 : 0',
    caughtBy: [engine('a restart from one is the same world'), engine('snapshot')],
  },
  ...Object.entries(FORGOTTEN).map(
    ([field, known]): Defect => ({
      name: `A snapshot forgets \`${field}\` of a node-role`,
      file: 'src/annealer/snapshot-rows.ts',
      find: `\n  '${field}',\n`,
      put: '\n',
      caughtBy: [scripts(...known), laws(1, 60)],
    }),
  ),
  {
    name: 'A snapshot forgets holds',
    file: 'src/annealer/taking.ts',
    find: '    holds: [...world.holds.values()],',
    put: '    holds: [],',
    caughtBy: [scripts('held')],
  },
  {
    name: 'A snapshot forgets which failures a person has allowed',
    file: 'src/annealer/taking.ts',
    find: 'allowed: [...world.allowed].sort(by(([group]) => group)),',
    put: 'allowed: [],',
    caughtBy: [scripts('max-failures-allowed')],
  },
  {
    name: 'A snapshot forgets whom a step has let through',
    file: 'src/annealer/snapshot.ts',
    find: 'for (const [node, { begun, usedFor }] of passes) variant.passes.set(node, { begun, usedFor })',
    put: 'void passes',
    caughtBy: [scripts('rollout-probe')],
  },
  {
    name: 'A run in flight holds no locks after a restart',
    file: 'src/annealer/snapshot.ts',
    find: '  takeLocks(world, nodeRole, run.locks)\n',
    put: '',
    caughtBy: [scripts('locks-node', 'locks-wide', 'crash')],
  },
  {
    name: 'A run that says something else wakes nobody who reads it',
    file: 'src/annealer/node-role.ts',
    find: '    wakeReaders(this, success)\n',
    put: '',
    caughtBy: [asleep('says something else')],
  },
  {
    name: 'What is said early anew wakes nobody who reads it',
    file: 'src/annealer/node-role.ts',
    find: '    if (value?.digest !== this.#early?.get(output)?.digest) wakeReadersOf(this, output)\n',
    put: '',
    caughtBy: [asleep('said early|says it early')],
  },
  {
    name: 'Changed facts wake nobody on their node',
    file: 'src/annealer/evolve.ts',
    find: '      wakeNode(node)\n',
    put: '',
    caughtBy: [asleep('a fact that one node-role reads')],
  },
  {
    name: 'A commit wakes nobody',
    file: 'src/annealer/placing.ts',
    find: '  wakeAll(world)\n',
    put: '',
    caughtBy: [asleep('one value')],
  },
  {
    name: 'A clock that is set back takes the journal with it',
    file: 'src/engine/engine.ts',
    find: 'return now + this.#aheadMs',
    put: 'return now',
    caughtBy: [engine('a clock that')],
  },
  {
    name: 'A snapshot is numbered by what came before what it holds',
    file: 'src/engine/engine.ts',
    find: '    const seq = this.#head\n',
    put: '    const seq = this.#head - 1\n',
    caughtBy: [tests('test/simulation/engine.test.ts')],
  },
]
