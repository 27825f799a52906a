// A stage for the command line: streams that remember, a clock that stands still, and Operations made of plain data.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { runCli } from '../../../src/cli/cli.ts'
import type { LabDoor } from '../../../src/cli/lab-door.ts'
import type { CliWorld, LoadedSite, Output } from '../../../src/cli/world.ts'
import { makeLanguage } from '../../../src/content/language.ts'
import { demo } from '../../../src/engine/demo.ts'
import type { Operations } from '../../../src/model/operations.ts'
import { type Answer, answer, type Refusal, refuse } from '../../../src/model/refusal.ts'
import type { SecretsKeeping } from '../../../src/model/secrets.ts'
import type { Site } from '../../../src/model/site.ts'

process.env['TZ'] = 'UTC' // commands print local times

/** As a reply: the terminal sends an interrupt. */
export const CTRL_C = '\u0003'

export const NOW = Date.UTC(2026, 10, 23, 10, 0, 0)

export interface StageOptions {
  /** A terminal on all three streams, or pipes. */
  terminal?: boolean
  columns?: number
  rows?: number
  env?: Record<string, string>
  /** What a person types at the questions. */
  replies?: string[]
  loaded?: LoadedSite
  operations?: Partial<Operations>
  /** Opening is refused with it. */
  closed?: Refusal
  secrets?: Partial<SecretsKeeping>
  lab?: Partial<LabDoor>
  serve?: CliWorld['serve']
  /** No anneal.yaml anywhere. */
  nowhere?: boolean
  /** Contents of transcripts by run. */
  transcripts?: Record<string, string>
}

export interface Stage {
  directory: string
  world: CliWorld
  /** All that was written, in order, by stream. */
  written: { stream: 'stdout' | 'stderr'; text: string }[]
  run(...argv: string[]): Promise<number>
  /** Draws the next frame of what moves on the screen. */
  frame(): void
  later(ms: number): void
  interrupt(): void
  /** Listeners, timers and open Operations that were not given back. */
  left(): string[]
  /** The whole story as a golden text. */
  story(code: number, ...argv: string[]): string
}

export class Exited extends Error {
  readonly code: number
  constructor(code: number) {
    super(`the process ended with ${code}`)
    this.code = code
  }
}

export function stage(options: StageOptions = {}): Stage {
  const directory = mkdtempSync(join(tmpdir(), 'anneal-cli-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  if (!options.nowhere) writeFileSync(join(directory, 'anneal.yaml'), 'site: demo\n')
  for (const [run, text] of Object.entries(options.transcripts ?? {})) {
    writeFileSync(join(directory, `${run}.log`), text)
  }
  const written: Stage['written'] = []
  const timers = new Set<{ ms: number; tick: () => void }>()
  const listeners = new Set<() => void>()
  const exits = new Set<() => void>()
  const replies = [...(options.replies ?? [])]
  let now = NOW
  let open = 0

  const output = (stream: 'stdout' | 'stderr'): Output => ({
    write: (text) =>
      void written.push({ stream, text: typeof text === 'string' ? text : Buffer.from(text).toString() }),
    isTTY: options.terminal === true,
    columns: () => options.columns ?? 100,
    rows: () => options.rows ?? 24,
    onResize: () => () => {},
    closed: () => false,
  })

  const world: CliWorld = {
    stdin: {
      isTTY: options.terminal === true,
      readLine(signal) {
        const reply = replies.shift()
        if (reply === CTRL_C) for (const listener of listeners) listener()
        return Promise.resolve(signal?.aborted ? undefined : reply)
      },
    },
    stdout: output('stdout'),
    stderr: output('stderr'),
    env: options.env ?? {},
    cwd: directory,
    version: '1.2.3',
    runtime: 'node v24.0.0',
    user: 'alice@desk',
    now: () => now,
    every(ms, tick) {
      const timer = { ms, tick }
      timers.add(timer)
      if (ms === 250) setImmediate(() => timers.has(timer) && tick()) // looking again: time goes by at once
      return () => timers.delete(timer)
    },
    onInterrupt(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    onExit(listener) {
      exits.add(listener)
      return () => exits.delete(listener)
    },
    exit(code) {
      throw new Exited(code)
    },
    runner: () => {
      throw new Error('nobody expected a runner')
    },
    makeEnrolment: (runner) => Promise.resolve({ text: `annr_${runner}.secret`, hash: '0'.repeat(64) }),
    siteStamp: () => Promise.resolve('as it was'),
    loadSite: () => Promise.resolve(options.loaded ?? LOADED),
    openOperations(): Promise<Answer<Operations>> {
      if (options.closed) return Promise.resolve(refuse(options.closed))
      open++
      const close = (): Promise<void> => {
        open--
        return Promise.resolve()
      }
      return Promise.resolve(answer({ ...unasked(), ...options.operations, close }))
    },
    secrets: () => Promise.resolve({ ...unkept(), ...options.secrets }),
    transcriptPath: (site, run) => join(site, `${run}.log`),
    serve: options.serve ?? (() => Promise.reject(new Error('nothing is served here'))),
    journal: () => Promise.reject(new Error('no journal is moved here')),
    trail: () => Promise.reject(new Error('no history is verified here')),
    signInLink: () =>
      Promise.resolve(refuse({ code: 'nothingUnderWay', message: 'no server of this site runs here' })),
    openPage: () => Promise.resolve(false),
    makeToken: (name) => Promise.resolve({ text: `annt_${name}.secret`, hash: 'a'.repeat(64) }),
    lab: () => Promise.resolve({ ...noLab(), ...options.lab }),
    demo: (request) => Promise.resolve(demo(makeLanguage(), request)),
  }

  return {
    directory,
    world,
    written,
    run: (...argv) => runCli(argv, world),
    frame: () => [...timers].filter(({ ms }) => ms === 100).forEach(({ tick }) => tick()),
    later(ms) {
      now += ms
    },
    interrupt: () => [...listeners].forEach((listener) => listener()),
    left: () => [
      ...[...timers].map(({ ms }) => `a timer of ${ms} ms`),
      ...[...listeners].map(() => 'a listener for interrupts'),
      ...[...exits].map(() => 'a listener for the end'),
      ...(open > 0 ? [`${open} open operations`] : []),
    ],
    story(code, ...argv) {
      const streams = (['stdout', 'stderr'] as const).map((stream) => {
        const text = written.filter((each) => each.stream === stream).map((each) => each.text)
        return text.length === 0 ? '' : `--- ${stream}\n${shown(text.join(''))}`
      })
      const head = `$ anneal ${argv.map(quoted).join(' ')}\n--- exit ${code}\n`
      return (head + streams.join('')).replaceAll(directory, '<site>')
    },
  }
}

const SITE: Site = { name: 'demo', nodes: {}, deployments: {}, roles: {}, defaults: {} }
export const LOADED: LoadedSite = { ok: true, site: SITE, content: new Map(), warnings: [], files: [] }

function unkept(): SecretsKeeping {
  const never = (): never => {
    throw new Error('nobody expected secrets to be asked about')
  }
  return { status: never, rotate: never }
}

/** Every question that a test did not expect is a mistake of the test or of the command. */
function unasked(): Operations {
  const never = (name: string) => (): never => {
    throw new Error(`nobody expected operations.${name} to be called`)
  }
  return {
    access: {
      tokens: never('access.tokens'),
      issueToken: never('access.issueToken'),
      revokeToken: never('access.revokeToken'),
      useToken: never('access.useToken'),
      audit: never('access.audit'),
      note: never('access.note'),
    },
    runners: {
      list: never('runners.list'),
      invite: never('runners.invite'),
      enrol: never('runners.enrol'),
      drain: never('runners.drain'),
      resume: never('runners.resume'),
      revoke: never('runners.revoke'),
    },
    status: never('status'),
    statusAt: never('statusAt'),
    why: never('why'),
    files: never('files'),
    trace: never('trace'),
    runs: never('runs'),
    nodes: never('nodes'),
    facts: never('facts'),
    diff: never('diff'),
    rehearse: never('rehearse'),
    timeline: never('timeline'),
    show: never('show'),
    cycles: never('cycles'),
    cycle: never('cycle'),
    propose: never('propose'),
    rollback: never('rollback'),
    discard: never('discard'),
    commit: never('commit'),
    up: never('up'),
    control: never('control'),
    rinse: never('rinse'),
    drift: never('drift'),
    dryRun: never('dryRun'),
    forget: never('forget'),
    exec: never('exec'),
    execs: never('execs'),
    close: never('close'),
  }
}

function noLab(): LabDoor {
  const never = (name: string) => (): never => {
    throw new Error(`nobody expected lab.${name} to be called`)
  }
  return {
    up: never('up'),
    down: never('down'),
    list: never('list'),
    stop: never('stop'),
    start: never('start'),
    cut: never('cut'),
    heal: never('heal'),
    slow: never('slow'),
    exec: never('exec'),
    connect: never('connect'),
    sshConfig: never('sshConfig'),
    inventory: never('inventory'),
  }
}

/** Escapes that really went out are written `\e`, so that they cannot be taken for ones that were made visible. */
function shown(text: string): string {
  // oxlint-disable-next-line no-control-regex -- what a terminal obeys is what is looked for
  const told = text.replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/g, (character) =>
    character === '\u001b' ? '\\e' : `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  )
  return told.endsWith('\n') ? told : `${told}⏎\n`
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word}'`
}
