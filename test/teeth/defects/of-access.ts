// Defects of the door: who is let in, to what, and what is told of it.
import { type Defect, tests } from '../defect.ts'

const door = (only: string) => tests('test/api/access.test.ts', only)
const parts = (only: string) => tests('test/api/access-parts.test.ts', only)
const rules = tests('src/api/access/rules.test.ts')
const eyes = tests('test/laws/four-eyes.test.ts')
const signIn = tests('test/contracts/oidc.test.ts')

export const OF_ACCESS: readonly Defect[] = [
  {
    name: 'The key of the server is good from everywhere',
    file: 'src/api/access/identify.ts',
    find: 'if (!isLoopback(remote)) return unknown',
    put: 'if (remote === "nowhere") return unknown',
    caughtBy: [tests('src/api/access/rules.test.ts', 'from its own machine')],
  },
  {
    name: 'A revoked token is good for ever',
    file: 'src/annealer/tokens.ts',
    find: 'return revoked === undefined && (',
    put: 'return (revoked === undefined || revoked !== undefined) && (',
    caughtBy: [door('a token from its issue to its end')],
  },
  {
    name: 'A page of somebody else makes a browser ask',
    file: 'src/api/access/doorkeeper.ts',
    find: "if (caller.via?.kind === 'session' && isCrossSite(knock, origins))",
    put: "if (caller.via?.kind === 'key' && isCrossSite(knock, origins))",
    caughtBy: [door('a page of somebody else')],
  },
  {
    name: 'A link opens as many sessions as one likes',
    file: 'src/api/access/links.ts',
    find: '      made.delete(hash)\n',
    put: '',
    caughtBy: [rules],
  },
  {
    name: 'Who holds one deployment holds all',
    file: 'src/api/access/doorkeeper.ts',
    find: 'const unmet = needs.find((need) => !meets(caller, need))',
    put: 'const unmet = needs.find((need) => !caller.may(need.right))',
    caughtBy: [parts('to commit')],
  },
  {
    name: 'Equal refusals fill the journal',
    file: 'src/api/access/refusal-book.ts',
    find: 'if (isFirst) void write(note)',
    put: 'void write(note)',
    caughtBy: [rules],
  },
  {
    name: 'Anybody is told of tokens and refusals',
    file: 'src/api/routes/events.ts',
    find: '  if (OF_THE_TRAIL.has(event.kind)) return false\n',
    put: '',
    caughtBy: [parts('the stream tells')],
  },
  {
    name: 'Who proposed it commits it by a token of their own',
    file: 'src/annealer/four-eyes.ts',
    find: 'const isOneOfTwo = personOf(world, author) !== personOf(world, by) && !isOfFiles',
    put: 'const isOneOfTwo = author !== by && !isOfFiles',
    caughtBy: [eyes],
  },
  {
    name: 'Whoever wrote the files commits what Anneal proposed of them',
    file: 'src/annealer/four-eyes.ts',
    find: 'const isOfFiles = author === ANNEAL && !isPolicy(cause)',
    put: 'const isOfFiles = author === ANNEAL && by === ANNEAL && !isPolicy(cause)',
    caughtBy: [eyes],
  },
  {
    name: 'One person turns four eyes off',
    file: 'src/annealer/four-eyes.ts',
    find: '(name) => isGuarded(before, name) || isGuarded(after, name)',
    put: '(name) => isGuarded(after, name)',
    caughtBy: [eyes],
  },
  {
    name: 'A sign-in goes on after its time',
    file: 'src/api/access/oidc.ts',
    find: 'if (!beginning || beginning.endsAt <= now) return no(',
    put: 'if (!beginning) return no(',
    caughtBy: [signIn],
  },
  {
    name: 'A nonce of anybody is taken',
    file: 'src/api/access/oidc.ts',
    find: '        expectedNonce: beginning.nonce,\n',
    put: '        expectedNonce: came.searchParams.get("nonce") ?? "of-somebody-else",\n',
    caughtBy: [signIn],
  },
]
