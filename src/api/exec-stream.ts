// An exec over HTTP: JSON lines as things happen; held back where whoever asked does not keep up, ended where they go away.
import { isUtf8 } from 'node:buffer'
import type { ServerResponse } from 'node:http'
import type { ExecRequest } from '../model/operations.ts'
import { type Answer, answer } from '../model/refusal.ts'
import { SECURITY_HEADERS } from './headers.ts'
import { problemBody } from './problem.ts'
import type { Asked } from './route.ts'

type Wanted = Pick<ExecRequest, 'selection' | 'argv' | 'become' | 'deadlineMs' | 'parallel'> & {
  why?: string
}

/** What is printed faster than it is taken is cut, with a word that says so: a command is not held up by who looks at it. */
const BEHIND_BYTES = 8 * 1024 * 1024

export async function streamExec(
  { serving, caller }: Pick<Asked, 'serving' | 'caller'>,
  wanted: Wanted,
  outgoing: ServerResponse,
): Promise<Answer<void>> {
  const gone = new AbortController()
  outgoing.on('close', () => gone.abort())
  let began = false
  let cut = false
  const begin = (): void => {
    if (began || outgoing.destroyed) return
    began = true
    outgoing.writeHead(200, {
      ...SECURITY_HEADERS,
      'content-type': 'application/x-ndjson',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    })
  }
  const say = (line: object): void => {
    begin()
    if (!outgoing.destroyed) outgoing.write(`${JSON.stringify(line)}\n`)
  }
  const done = await serving.operations.exec({
    ...wanted,
    by: caller.name,
    signal: gone.signal,
    onStart: (exec, nodes) => say({ kind: 'started', exec, nodes }),
    onOutput(node, stream, bytes) {
      const isBehind = outgoing.writableLength > BEHIND_BYTES
      if (isBehind && !cut)
        say({ kind: 'notice', node, message: 'output is left out: it is not taken as fast as it comes' })
      cut = isBehind
      if (!isBehind) say({ kind: 'output', node, stream, ...printed(bytes) })
    },
    onEnd: (node, outcome) => say({ kind: 'ended', node, outcome }),
    onNotice: (node, message) => say({ kind: 'notice', node, message }),
  })
  if (!done.ok && !began) return done
  say(
    done.ok
      ? { kind: 'done', exec: done.value.exec }
      : { kind: 'refused', refusal: problemBody(done.refusal) },
  )
  outgoing.end()
  return answer(undefined)
}

/** What is no text by itself, or only half of a letter, comes as it is. */
function printed(bytes: Uint8Array): { text: string } | { base64: string } {
  const buffer = Buffer.from(bytes)
  return isUtf8(buffer) ? { text: buffer.toString() } : { base64: buffer.toString('base64') }
}
