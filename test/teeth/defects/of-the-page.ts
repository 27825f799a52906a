// Defects of the page, and of files as they are shown: what a viewer may press, what a cell says, which secret stands there.
import { type Defect, tests } from '../defect.ts'

const me = tests('web/src/parts/use-me.test.ts')
const cells = tests('web/src/live/cells.test.ts')
const stream = tests('web/src/live/event-stream.test.ts')
const ansi = tests('web/src/node-role/ansi.test.ts')
const files = (only: string) => tests('test/api/files.test.ts', only)

export const OF_THE_PAGE: readonly Defect[] = [
  {
    name: 'A viewer finds the button to commit switched on',
    file: 'web/src/parts/use-me.ts',
    find: 'if (holding.some(isHere)) return undefined',
    put: 'if (me.grants.some(isHere)) return undefined',
    caughtBy: [me],
  },
  {
    name: 'An author of one deployment is shown as one of all',
    file: 'web/src/parts/use-me.ts',
    find: 'deployments === undefined || deployment === undefined || deployments.includes(deployment)',
    put: 'deployments === undefined || deployment === undefined || deployments.length > 0',
    caughtBy: [me],
  },
  {
    name: 'A cell that went away goes on being counted',
    file: 'web/src/live/cells.ts',
    find: 'if (before !== NOT_PLACED) this.counts[before]',
    put: 'if (before !== NOT_PLACED && after !== NOT_PLACED) this.counts[before]',
    caughtBy: [cells],
  },
  {
    name: 'What was placed anew never comes onto the board',
    file: 'web/src/live/cells.ts',
    find: 'if (at === undefined) return state === undefined',
    put: 'if (at === undefined) return true',
    caughtBy: [cells],
  },
  {
    name: 'The page resumes from an event before the one that passed by',
    file: 'web/src/live/event-stream.ts',
    find: "if (data === undefined) return id === undefined ? undefined : { id, event: 'id', data: '' }",
    put: 'if (data === undefined) return undefined',
    caughtBy: [stream],
  },
  {
    name: 'A message that the network cut is lost',
    file: 'web/src/live/event-stream.ts',
    find: 'if (end < 0) return at === 0 ? text : text.slice(at)',
    put: "if (end < 0) return at === 0 ? text : ''",
    caughtBy: [stream],
  },
  {
    name: 'A log moves the cursor of who reads it',
    file: 'web/src/node-role/ansi.ts',
    find: "if (text !== '') spans.push({ text: visible(text), style: this.#style })",
    put: "if (text !== '') spans.push({ text, style: this.#style })",
    caughtBy: [ansi],
  },
  {
    name: 'A template is given the secret, and only its value is looked for afterwards',
    file: 'src/drivers/show-files.ts',
    find: 'if (order.clear || !hides(order, basis)) return { whole, shown: whole }',
    put: 'if (order.clear || hides(order, basis)) return { whole, shown: whole }',
    caughtBy: [files('each is as the last')],
  },
  {
    name: 'Whoever may read is shown secrets in files',
    file: 'src/api/access/route-rights.ts',
    find: "right: 'readSecrets', where: 'path'",
    put: "right: 'read', where: 'path'",
    caughtBy: [files('an author may not')],
  },
  {
    name: 'Who is admin of one deployment reads secrets of another',
    file: 'src/api/access/route-rights.ts',
    find: "right: 'readSecrets', where: 'path'",
    put: "right: 'readSecrets', where: 'anywhere'",
    caughtBy: [files('an author may not')],
  },
]
