// What a script needs of an order: its files rendered, its script found, its environment, and a transcript that no secret enters.
import { constants } from 'node:os'
import type { Json } from '../base/json.ts'
import { nodeRoleName } from '../model/names.ts'
import type { ContentRef, Role } from '../model/role.ts'
import type { RunOrder } from '../model/run.ts'
import type { OutputStream, Work, WorkFile, WorkScript } from '../model/work.ts'
import type { Surroundings } from './driver.ts'
import { environmentOf } from './environment.ts'
import { Redactor, secretForms } from './redact.ts'
import { RenderedOnce } from './rendered-once.ts'
import { Tail } from './tail.ts'

/** What of an order says what is to be done; the rest says where and for whom. */
export type Doing = Pick<
  RunOrder,
  'nodeRole' | 'action' | 'node' | 'role' | 'inputs' | 'sensitive' | 'deadlineMs'
>

export type Prepared = { ok: true; work: Work; transcript: Transcript } | { ok: false; message: string }

export async function prepare(
  order: Doing,
  filesMode: Work['filesMode'],
  surroundings: Surroundings,
  secrets: readonly Buffer[],
): Promise<Prepared> {
  const environment = environmentOf(order)
  if (!environment.ok) return environment
  const files = await renderFiles(
    {
      role: order.role,
      inputs: order.action === 'remove' ? undefined : order.inputs,
      node: order.node?.name ?? null,
      deployment: nodeRoleName(order.nodeRole).deployment,
    },
    surroundings,
  )
  if (!files.ok) return files
  const script = await scriptOf(order, surroundings)
  if (!script.ok) return script
  const transcript = new Transcript(secrets, surroundings)
  const work: Work = {
    files: files.files,
    filesMode,
    ...(script.script === undefined ? {} : { script: script.script }),
    env: environment.env,
    inputs: environment.inputs,
    become: order.role.become,
    deadlineMs: order.deadlineMs,
    onOutput: (stream, bytes) => transcript.add(stream, bytes),
  }
  return { ok: true, work, transcript }
}

export function secretsOf(order: Doing): Buffer[] {
  return secretForms(order.sensitive.flatMap((input) => valueOf(order, input)))
}

/** Redacts, keeps the tail, hands on to the log; in this order, so that no secret is in either. */
export class Transcript {
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

export interface FilesOfRole {
  role: Role
  /** Without, there are none: what is removed gets no files. */
  inputs: Record<string, Json> | undefined
  node: string | null
  deployment: string
}

/** The same bytes for the same role and inputs. */
export async function renderFiles(
  { role, inputs, node, deployment }: FilesOfRole,
  surroundings: Pick<Surroundings, 'blob' | 'render'>,
): Promise<Files> {
  if (inputs === undefined) return { ok: true, files: [] }
  const files: WorkFile[] = []
  // Secrets are not kept for longer than they are needed.
  const isSecret = Object.values(role.inputs).some(({ sensitive }) => sensitive)
  const once = isSecret ? new RenderedOnce() : onceBy(surroundings.render)
  const scope = { inputs, node: { name: node }, deployment: { name: deployment }, role: role.name }
  for (const [path, { kind, content, mode, owner, group }] of Object.entries(role.files)) {
    const source = await surroundings.blob(content.digest)
    if (source === undefined) return { ok: false, message: notThere(content, role) }
    if (kind === 'file') {
      files.push({ path, digest: content.digest, bytes: source, mode, owner, group })
      continue
    }
    const render = (): ReturnType<Surroundings['render']> =>
      surroundings.render(Buffer.from(source).toString(), content.path, scope)
    const got = once.get({ content: { ...content }, scope }, render)
    if (!got.ok) return { ok: false, message: got.message }
    files.push({ path, ...got.rendering, mode, owner, group })
  }
  return { ok: true, files }
}

const rendered = new WeakMap<Surroundings['render'], RenderedOnce>()

function onceBy(render: Surroundings['render']): RenderedOnce {
  const known = rendered.get(render) ?? new RenderedOnce()
  rendered.set(render, known)
  return known
}

type Script = { ok: true; script?: WorkScript } | { ok: false; message: string }

async function scriptOf(order: Doing, surroundings: Surroundings): Promise<Script> {
  const content = order.role[order.action]
  if (content === undefined) return { ok: true }
  const bytes = await surroundings.blob(content.digest)
  if (bytes === undefined) return { ok: false, message: notThere(content, order.role) }
  // What does nothing is not run: the files are all.
  if (bytes.length < 10 && /^\s*(true|:)\s*$/.test(Buffer.from(bytes).toString())) return { ok: true }
  return {
    ok: true,
    script: { name: content.path.split('/').at(-1) ?? order.action, digest: content.digest, bytes },
  }
}

function notThere(content: ContentRef, role: Role): string {
  return `the committed revision has no content for ${content.path} of role ${role.name} (${content.digest.slice(0, 12)})`
}

function valueOf(order: Doing, input: string): Json[] {
  return Object.hasOwn(order.inputs, input) ? [order.inputs[input] as Json] : []
}

export function exitMessage(name = 'the script', exit: number, last?: string): string {
  const said = last === undefined ? '' : `: ${last}`
  const signal = Object.entries(constants.signals).find(([, number]) => number === exit - 128)?.[0]
  if (exit > 128 && signal !== undefined) return `${name} was ended by ${signal}${said}`
  return `${name} ended with exit code ${exit}${said}`
}

export function redacted(text: string, secrets: readonly Buffer[]): string {
  if (secrets.length === 0) return text
  const redactor = new Redactor(secrets)
  return Buffer.concat([redactor.push(Buffer.from(text)), redactor.end()]).toString()
}
