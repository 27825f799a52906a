// Defects of a server: callers who share one live world, its end, and operations over HTTP.
import { type Defect, tests } from '../defect.ts'

const serving = (only: string) => tests('test/simulation/serving.test.ts', only)
const served = (only: string) => tests('test/contracts/operations-served.test.ts', only)
const http = (only: string) => tests('test/contracts/operations-http.test.ts', only)

export const OF_SERVING: readonly Defect[] = [
  {
    name: 'A world is shown that is not on the disk yet',
    file: 'src/engine/engine.ts',
    find: 'if (this.#isAhead && !this.#fault) this.#questions.push(put)',
    put: 'if (this.#head < 0 && !this.#fault) this.#questions.push(put)',
    caughtBy: [serving('before it is durable')],
  },
  {
    name: 'Who looks at a world whose journal has failed is shown what was never written',
    file: 'src/engine/engine.ts',
    find: 'if (this.#fault) return reject(new JournalFault(this.#fault))',
    put: 'if (this.#fault && this.#head < 0) return reject(new JournalFault(this.#fault))',
    caughtBy: [serving('a disk that says no')],
  },
  {
    name: 'A caller waits on although they have gone',
    file: 'src/engine/asking.ts',
    find: 'await Promise.race([mover.settled(), aborted(request.signal)])',
    put: 'await mover.settled()',
    caughtBy: [serving('one that goes away')],
  },
  {
    name: 'What somebody lost the race for stays on the timeline',
    file: 'src/engine/asking.ts',
    find: "if (!committed.ok) await engine.ask({ kind: 'discardRevision', revision, author })",
    put: '',
    caughtBy: [serving('two that commit')],
  },
  {
    name: 'A server that drains begins more',
    file: 'src/engine/served-operations.ts',
    find: 'return session.signal.aborted ? Promise.resolve(refuse(DRAINING)) : attending(request, work)',
    put: 'return attending(request, work)',
    caughtBy: [serving('draining')],
  },
  {
    name: 'A session for some alone is begun for everybody',
    file: 'src/engine/served-operations.ts',
    find: "if (control.kind === 'run' && control.only) return refuse(onlyRefused('run'))",
    put: '',
    caughtBy: [serving('a session for some alone')],
  },
  {
    name: 'Files of the server undo what was committed from elsewhere',
    file: 'src/engine/move-on.ts',
    find: 'current = current && (kept.get(event.revision) ?? current)',
    put: 'current = current && kept.size < 0 ? undefined : current',
    caughtBy: [serving('counts from then on')],
  },
  {
    name: 'A caller is told rest before Anneal has moved on',
    file: 'src/engine/move-on.ts',
    find: 'if (engine.fault || !current || !(stirred || moving)) return',
    put: 'if (engine.fault || !current || engine.head >= 0) return',
    caughtBy: [served('the first look at nodes')],
  },
  {
    name: 'Something else is done than what was agreed to',
    file: 'src/api/agreement.ts',
    find: 'broken = confirmed !== undefined && digestOf(jsonOf(shown)) !== confirmed',
    put: 'broken = false',
    caughtBy: [http('asked again')],
  },
  {
    name: 'The API gives its lists the other way round',
    file: 'src/client/http-operations.ts',
    find: 'return found.ok ? answer(found.value.reverse()) : found',
    put: 'return found',
    caughtBy: [http('runs: all|propose, look, commit')],
  },
  {
    name: 'Scripts of a proposal are not sent along',
    file: 'src/client/proposing.ts',
    find: 'for (const digest of missing.value.missing) {',
    put: 'for (const digest of missing.value.missing.slice(1)) {',
    caughtBy: [http('scripts that the server lacks')],
  },
  {
    name: 'Half a letter that a command printed is lost on the wire',
    file: 'src/api/exec-stream.ts',
    find: 'return isUtf8(buffer) ? { text: buffer.toString() }',
    put: 'return buffer.length > 0 ? { text: buffer.toString() }',
    caughtBy: [http('byte for byte')],
  },
  {
    name: 'Questions on a live world leave out what was asked for',
    file: 'src/engine/questions.ts',
    find: 'records.slice(limit === undefined ? 0 : -limit)',
    put: 'records.slice(0)',
    caughtBy: [served('runs: all')],
  },
]
