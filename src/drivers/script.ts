// The script driver: renders a role's files, runs its script in one round trip and judges what came back.
import { constants } from 'node:os'
import { digestOfBytes } from '../base/digest.ts'
import type { Json } from '../base/json.ts'
import { unreachable } from '../base/assert.ts'
import { nodeRoleName } from '../model/names.ts'
import type { ContentRef } from '../model/role.ts'
import type { RunOrder, RunOutcome } from '../model/run.ts'
import type { FileChange, OutputStream, Session, WorkFile, WorkResult, WorkScript } from '../model/work.ts'
import type { Driver, Surroundings } from './driver.ts'
import { environmentOf } from './environment.ts'
import { outputsFrom } from './outputs.ts'
import { Redactor, secretForms } from './redact.ts'
import { Tail } from './tail.ts'

export function scriptDriver(): Driver {
  return { kind: 'script', carryOut }
}

async function carryOut(order: RunOrder, session: Session, surroundings: Surroundings): Promise<RunOutcome> {
  const startedAt = performance.now()
  const secrets = secretForms(order.sensitive.flatMap((input) => valueOf(order, input)))
  const failed = (
    message: string,
    more: { retry?: boolean; exit?: number; tail?: string } = {},
  ): RunOutcome => ({
    result: 'failed',
    message: redacted(message, secrets),
    tail: more.tail ?? '',
    retry: more.retry ?? false,
    ...(more.exit === undefined ? {} : { exit: more.exit }),
    durationMs: performance.now() - startedAt,
  })

  const environment = environmentOf(order)
  if (!environment.ok) return failed(environment.message)
  const files = await filesOf(order, surroundings)
  if (!files.ok) return failed(files.message)
  const script = await scriptOf(order, surroundings)
  if (!script.ok) return failed(script.message)

  const transcript = new Transcript(secrets, surroundings)
  const result = await session.carryOut(
    {
      files: files.files,
      filesMode: order.action === 'check' ? 'compare' : 'write',
      ...(script.script === undefined ? {} : { script: script.script }),
      env: environment.env,
      inputs: environment.inputs,
      become: order.role.become,
      deadlineMs: order.deadlineMs,
      onOutput: (stream, bytes) => transcript.add(stream, bytes),
    },
    surroundings.signal,
  )
  await transcript.end()
  return outcomeOf(result)

  function outcomeOf(result: WorkResult): RunOutcome {
    const durationMs = performance.now() - startedAt
    switch (result.result) {
      case 'fault':
        return { result: 'fault', fault: result.fault, durationMs }
      case 'refused':
        return failed(result.message, { retry: result.retry })
      case 'done': {
        const tail = transcript.tail.text()
        if (result.exit !== 0) {
          const message = exitMessage(
            script.ok ? script.script?.name : undefined,
            result.exit,
            transcript.tail.lastLine(),
          )
          return failed(message, { retry: true, exit: result.exit, tail })
        }
        const complete = order.action === 'apply'
        const told = outputsFrom(result.outputs, {
          specs: order.role.outputs,
          schema: (schema) => surroundings.schema(schema),
          complete,
        })
        if (!told.ok) return failed(told.message, { tail })
        if (order.action === 'check' && result.files.length > 0) {
          return failed(result.files.map(differenceOf).join('; '), { tail, retry: false })
        }
        return {
          result: 'ok',
          ...(told.changed === undefined ? {} : { changed: told.changed }),
          outputs: told.outputs,
          filesChanged: result.files.map((file) => file.path),
          durationMs,
        }
      }
      default:
        return unreachable(result)
    }
  }
}

/** Redacts, keeps the tail, hands on to the log; in this order, so that no secret is in either. */
class Transcript {
  readonly tail = new Tail()
  #redactors: Record<OutputStream, Redactor>
  #surroundings: Surroundings

  constructor(secrets: readonly Buffer[], surroundings: Surroundings) {
    this.#redactors = { stdout: new Redactor(secrets), stderr: new Redactor(secrets) }
    this.#surroundings = surroundings
  }

  add(stream: OutputStream, bytes: Uint8Array): void | Promise<void> {
    return this.#show(stream, this.#redactors[stream].push(bytes))
  }

  async end(): Promise<void> {
    for (const stream of ['stdout', 'stderr'] as const)
      await this.#show(stream, this.#redactors[stream].end())
  }

  #show(stream: OutputStream, bytes: Uint8Array): void | Promise<void> {
    if (bytes.length === 0) return undefined
    this.tail.add(stream, bytes)
    return this.#surroundings.log(stream, bytes)
  }
}

type Files = { ok: true; files: WorkFile[] } | { ok: false; message: string }

async function filesOf(order: RunOrder, surroundings: Surroundings): Promise<Files> {
  if (order.action === 'remove') return { ok: true, files: [] }
  const files: WorkFile[] = []
  const scope = {
    inputs: order.inputs,
    node: { name: order.node?.name ?? null },
    deployment: { name: nodeRoleName(order.nodeRole).deployment },
    role: order.role.name,
  }
  for (const [path, { kind, content, mode, owner, group }] of Object.entries(order.role.files)) {
    const source = await surroundings.blob(content.digest)
    if (source === undefined) return { ok: false, message: notThere(content, order) }
    let bytes = source
    if (kind === 'template') {
      const rendered = surroundings.render(Buffer.from(source).toString(), content.path, scope)
      if (!rendered.ok) return { ok: false, message: rendered.message }
      bytes = Buffer.from(rendered.text)
    }
    files.push({ path, digest: digestOfBytes(bytes), bytes, mode, owner, group })
  }
  return { ok: true, files }
}

type Script = { ok: true; script?: WorkScript } | { ok: false; message: string }

async function scriptOf(order: RunOrder, surroundings: Surroundings): Promise<Script> {
  const content = order.role[order.action]
  if (content === undefined) return { ok: true }
  const bytes = await surroundings.blob(content.digest)
  if (bytes === undefined) return { ok: false, message: notThere(content, order) }
  return {
    ok: true,
    script: { name: content.path.split('/').at(-1) ?? order.action, digest: content.digest, bytes },
  }
}

function notThere(content: ContentRef, order: RunOrder): string {
  return `the committed revision has no content for ${content.path} of role ${order.role.name} (${content.digest.slice(0, 12)})`
}

function valueOf(order: RunOrder, input: string): Json[] {
  return Object.hasOwn(order.inputs, input) ? [order.inputs[input] as Json] : []
}

function exitMessage(name = 'the script', exit: number, last?: string): string {
  const said = last === undefined ? '' : `: ${last}`
  const signal = Object.entries(constants.signals).find(([, number]) => number === exit - 128)?.[0]
  if (exit > 128 && signal !== undefined) return `${name} was ended by ${signal}${said}`
  return `${name} ended with exit code ${exit}${said}`
}

const DIFFERENCES: Record<FileChange['differs'][number], string> = {
  absent: 'is not there',
  content: 'differs in content',
  mode: 'differs in mode',
  owner: 'differs in owner',
  group: 'differs in group',
  kind: 'is not a regular file',
}

function differenceOf({ path, differs }: FileChange): string {
  return `${path} ${differs.map((aspect) => DIFFERENCES[aspect]).join(', ')}`
}

function redacted(text: string, secrets: readonly Buffer[]): string {
  if (secrets.length === 0) return text
  const redactor = new Redactor(secrets)
  return Buffer.concat([redactor.push(Buffer.from(text)), redactor.end()]).toString()
}
