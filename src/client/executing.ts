// An ad-hoc command by a server: what it prints as it comes; going away ends it on every machine.
import type { ExecOutcome, ExecView } from '../model/exec.ts'
import type { ExecRequest } from '../model/operations.ts'
import { type Answer, answer, type Refusal, refuse } from '../model/refusal.ts'
import type { OutputStream } from '../model/work.ts'
import { jsonLinesOf } from './json-lines-of.ts'
import { listOf } from './list-of.ts'
import { type Connection, jsonInit, noServer, refusalIn, send } from './request.ts'

/** Bytes that are no text come as base64. */
type ExecLine =
  | { kind: 'started'; exec: string; nodes: string[] }
  | { kind: 'output'; node: string; stream: OutputStream; text: string; base64?: undefined }
  | { kind: 'output'; node: string; stream: OutputStream; base64: string }
  | { kind: 'ended'; node: string; outcome: ExecOutcome }
  | { kind: 'notice'; node: string; message: string }
  | { kind: 'done'; exec: string }
  | { kind: 'refused'; refusal: Refusal }

export async function executed(connection: Connection, asked: ExecRequest): Promise<Answer<ExecView>> {
  const { selection, argv, become, deadlineMs, parallel, why, signal } = asked
  const body = { selection, argv, become, deadlineMs, parallel, ...(why === undefined ? {} : { why }) }
  let exec: string | undefined
  try {
    const response = await send(connection, '/api/v1/execs', { ...jsonInit('POST', body), signal })
    if (!response.ok) return refuse(await refusalIn(response))
    for await (const line of jsonLinesOf<ExecLine>(response)) {
      if (line.kind === 'started') exec = line.exec
      if (line.kind === 'refused') return refuse(line.refusal)
      tell(asked, line)
    }
  } catch (error) {
    if (!signal.aborted) return refuse(noServer(connection, error))
  }
  const all = await listOf<ExecView>(connection, '/api/v1/execs')
  if (!all.ok) return all
  const view = all.value.find((one) => one.exec === exec)
  return view ? answer(view) : refuse({ code: 'noServer', message: 'nothing was begun' })
}

function tell(asked: ExecRequest, line: ExecLine): void {
  switch (line.kind) {
    case 'started':
      return asked.onStart(line.exec, line.nodes)
    case 'output': {
      const { node, stream, base64 } = line
      const bytes =
        base64 === undefined
          ? new TextEncoder().encode(line.text)
          : Uint8Array.from(atob(base64), (one) => one.charCodeAt(0))
      return asked.onOutput(node, stream, bytes)
    }
    case 'ended':
      return asked.onEnd(line.node, line.outcome)
    case 'notice':
      return asked.onNotice(line.node, line.message)
    case 'done':
    case 'refused':
      return undefined
  }
}
