// Defects of the API: what is told to who listens, what a repeat does, what is shown to whom.
import { type Defect, tests } from '../defect.ts'

const listening = (only: string) => tests('test/api/events.test.ts', only)
const changes = (only: string) => tests('test/api/changes.test.ts', only)
const access = (only: string) => tests('test/api/access.test.ts', only)
const parts = (only: string) => tests('test/api/access-parts.test.ts', only)
const views = (only: string) => tests('test/api/views.test.ts', only)

export const OF_THE_API: readonly Defect[] = [
  {
    name: 'Who changes over from the journal to what happens now loses an event',
    file: 'src/api/live.ts',
    find: 'return this.#kept.slice(after + 1 - first)',
    put: 'return this.#kept.slice(after + 2 - first)',
    caughtBy: [listening('several at once')],
  },
  {
    name: 'Who comes back is not told of states that they may have missed',
    file: 'src/api/follower.ts',
    find: 'await this.#owe(after - STATES_EVERY, after)',
    put: 'await this.#owe(after, after)',
    caughtBy: [listening('a thousand times')],
  },
  {
    name: 'A secret input stands in the event of a run',
    file: 'src/annealer/secret-names.ts',
    find: 'if (sensitive) inputs.add(name)\n',
    put: 'if (sensitive) outputs.add(name)\n',
    caughtBy: [listening('what is sensitive')],
  },
  {
    name: 'Each listener formats each event anew',
    file: 'src/api/live.ts',
    find: 'return (message.bytes ??= this.format(message.recorded))',
    put: 'return this.format(message.recorded)',
    caughtBy: [listening('a turn costs')],
  },
  {
    name: 'A key that was used for something else carries it out anew',
    file: 'src/api/idempotency.ts',
    find: 'if (before.what === what) return before.answer',
    put: 'if (before.what !== what) return before.answer',
    caughtBy: [changes('a repeat')],
  },
  {
    name: 'A repeat does not wait for the first',
    file: 'src/api/idempotency.ts',
    find: '    this.#entries.set(key, entry)\n    try {\n',
    put: '    try {\n',
    caughtBy: [changes('who comes while')],
  },
  {
    name: 'Edits go onto what nobody looked at',
    file: 'src/api/routes/timeline.ts',
    find: "if (wanted !== etag && wanted !== '*')",
    put: "if (wanted === 'never')",
    caughtBy: [changes('are proposed on top')],
  },
  {
    name: 'The default of a sensitive input is shown with its revision',
    file: 'src/annealer/timeline.ts',
    find: 'const hides = spec.sensitive && spec.default !== undefined',
    put: 'const hides = spec.sensitive && spec.default === undefined',
    caughtBy: [changes('a secret is not shown')],
  },
  {
    name: 'A page of a list begins with the item that the one before ended with',
    file: 'src/api/pages.ts',
    find: 'order(key, after) > 0',
    put: 'order(key, after) >= 0',
    caughtBy: [tests('src/api/pages.test.ts')],
  },
  {
    name: 'A page of a list in order begins with the item that the one before ended with',
    file: 'src/api/pages.ts',
    find: 'if (keyOf(items[middle] as T) > key)',
    put: 'if (keyOf(items[middle] as T) >= key)',
    caughtBy: [tests('src/api/pages.test.ts')],
  },
  {
    name: 'The board shows deployments that are not for the caller',
    file: 'src/annealer/view-board.ts',
    find: '(filter.mayRead?.(deployment) ?? true)',
    put: '(filter.mayRead?.(deployment) !== undefined || true)',
    caughtBy: [views('who may read one')],
  },
  {
    name: 'Events of other deployments are heard',
    file: 'src/api/routes/events.ts',
    find: "return named.every((id) => caller.may('read', id.slice(0, id.indexOf('/'))))",
    put: 'return named.length >= 0',
    caughtBy: [views('who may read one')],
  },
  {
    name: 'Whoever hears of some kinds of events alone is told of states by a question of their own',
    file: 'src/api/follower.ts',
    find: "const sortsOut = typeof states === 'function'",
    put: "const sortsOut = typeof states === 'function' || this.#parts.events !== undefined",
    caughtBy: [listening('a turn costs')],
  },
  {
    name: 'Of addresses that came along the one is believed that anybody could make up',
    file: 'src/api/access/came-from.ts',
    find: "for (const said of forwarded.split(',').reverse()) {",
    put: "for (const said of forwarded.split(',')) {",
    caughtBy: [access('behind a proxy')],
  },
  {
    name: 'What a server had begun under a key is not known to the next one',
    file: 'src/api/idempotency.ts',
    find: 'await this.#book?.begin(begun)',
    put: 'await Promise.resolve(begun)',
    caughtBy: [changes('what was under way when the server died')],
  },
  {
    name: 'A secret in an answer is written down',
    file: 'src/api/idempotency.ts',
    find: "isSecret ? 'untold' : kept",
    put: 'isSecret ? kept : kept',
    caughtBy: [changes('a secret in an answer')],
  },
  {
    name: 'Who may read one deployment is told what all of them count',
    file: 'src/annealer/view-part.ts',
    find: 'if (!mayRead(deployment)) continue\n      nodeRoles++',
    put: 'nodeRoles++',
    caughtBy: [parts('what is counted')],
  },
  {
    name: 'Whoever may commit somewhere makes the server run a command of theirs',
    file: 'src/api/site-body.ts',
    find: "const isTrusted = caller.mayEverywhere('commit')",
    put: "const isTrusted = caller.may('commit')",
    caughtBy: [parts('a reference to a secret')],
  },
]
