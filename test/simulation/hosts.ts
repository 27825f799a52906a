// Simulated hosts: small machines with power, files and roles on them, that carry out scripts in virtual time, partly
// when they are interrupted, and that fail in the ways of machines.
import { isObject } from '../../src/base/json.ts'
import { canonical } from '../../src/base/canonical.ts'
import { digestOf } from '../../src/base/digest.ts'
import type { JsonObject } from '../../src/base/json.ts'
import type { FileChange, Work, WorkResult } from '../../src/model/work.ts'
import { type Dice, dice } from './dice.ts'
import type { SimulatedScript } from './sites.ts'
import type { Stage } from './stage.ts'
import { Violation } from './violation.ts'

/** What is on a host of one role: half of it, when an `apply` or `remove` did not get to its end. */
export interface Kept {
  phase: 'half' | 'done'
  inputs: string
}

/** The far end of a session: one job at a time; it is dead when the host went down or a later session took its place. */
export interface FarEnd {
  alive: boolean
  job: Job | undefined
}

interface Job {
  work: Work
  script: SimulatedScript | undefined
  answer(result: WorkResult): void
}

const FACTS = 'facts.sh'

export class Host {
  readonly name: string
  power: 'up' | 'off' | 'hung' = 'up'
  /** Whether what is sent to it, or by it, gets lost. */
  readonly cut = { to: false, from: false }
  answersGarbage = false
  denied = false
  full = false
  /** How many times slower than others. */
  slow = 1
  /** Share of scripts that fail. */
  flaky = 0
  cpus = 2
  /** By `deployment/role`. */
  readonly roles = new Map<string, Kept>()
  readonly files = new Map<string, string>()
  /** How often scripts have begun, by `deployment/role action`. */
  readonly begun = new Map<string, number>()
  readonly #stage: Stage
  readonly #dice: Dice
  readonly #ends = new Set<FarEnd>()
  readonly #watchers = new Set<() => void>()

  constructor(name: string, stage: Stage) {
    this.name = name
    this.#stage = stage
    this.#dice = dice(stage.seed, 'host', name)
  }

  /** Calls back whenever it may have become reachable, or have ceased to be. */
  watch(watcher: () => void): () => void {
    this.#watchers.add(watcher)
    return () => void this.#watchers.delete(watcher)
  }

  change(
    how: Partial<Pick<Host, 'power' | 'answersGarbage' | 'denied' | 'full' | 'slow' | 'flaky' | 'cpus'>>,
  ): void {
    Object.assign(this, how)
    if (this.power === 'off') for (const end of this.#ends) this.hangUp(end)
    for (const watcher of this.#watchers) watcher()
  }

  block(way: 'to' | 'from' | 'both', blocked: boolean): void {
    if (way !== 'from') this.cut.to = blocked
    if (way !== 'to') this.cut.from = blocked
    for (const watcher of this.#watchers) watcher()
  }

  /** Somebody changes by hand what is there of a role; false where nothing is. */
  edit(key: string, files: boolean): boolean {
    const kept = this.roles.get(key)
    if (kept?.phase !== 'done') return false
    this.#stage.tell(`somebody lays hands on ${key} of ${this.name}`)
    this.roles.set(key, { phase: 'done', inputs: `${kept.inputs} by hand` })
    if (files) for (const path of this.files.keys()) this.files.set(path, 'by hand')
    return true
  }

  latency(): number {
    return this.#dice.between(1, 20)
  }

  /** A login that succeeded: what an earlier session left running is ended before anything new starts. */
  greet(): FarEnd {
    for (const end of this.#ends) this.hangUp(end)
    const end: FarEnd = { alive: true, job: undefined }
    this.#ends.add(end)
    return end
  }

  hangUp(end: FarEnd): void {
    if (end.job) this.#stage.tell(`${this.name} ends ${wordsOf(end.job)} half-way`)
    end.alive = false
    end.job = undefined
    this.#ends.delete(end)
  }

  /** What runs is ended; the answer that it was. */
  abort(end: FarEnd): void {
    if (end.job) this.#stage.tell(`${this.name} is told to end ${wordsOf(end.job)}`)
    end.job = undefined
  }

  begin(end: FarEnd, work: Work, answer: (result: WorkResult) => void): void {
    if (!end.alive) return
    const isFacts = work.script?.name === FACTS
    const job: Job = { work, script: isFacts ? undefined : readScript(work), answer }
    end.job = job
    if (!isFacts) this.#stage.tell(`${this.name} begins ${wordsOf(job)}`)
    if (job.script) this.#expectAlone(end, job)
    const mayWrite = job.script?.action !== 'check' && job.script !== undefined
    if (work.filesMode === 'write' && work.files.length > 0 && !mayWrite)
      this.#stage.broken(new Violation('a check changes nothing', `${wordsOf(job)} writes on ${this.name}`))
    const refused = this.full && !isFacts && this.#dice.chance(0.8)
    const files = refused ? [] : this.#putFiles(work)
    const ms = Math.round((isFacts ? this.#dice.between(5, 50) : this.#dice.between(50, 3_000)) * this.slow)
    if (job.script && !refused) this.#halfWay(job)
    const finish = (): void => {
      if (end.job !== job) return
      if (this.power === 'hung') return void this.#stage.time.after(500, finish)
      end.job = undefined
      answer(refused ? this.#noSpace(ms) : this.#resultOf(job, files, ms))
    }
    this.#stage.time.after(refused ? 10 : ms, finish)
  }

  #expectAlone(end: FarEnd, { script }: Job): void {
    if (script?.parallel) return
    for (const other of this.#ends) {
      if (other === end || !other.job?.script || other.job.script.parallel) continue
      const both = `${wordsOf(end.job as Job)} begins while ${wordsOf(other.job)} is under way`
      this.#stage.broken(new Violation('one run per node', `on ${this.name} ${both}`))
    }
  }

  /** From here on, and until it is done, half of it is there. */
  #halfWay({ work, script }: Job): void {
    const key = keyOf(work)
    const what = `${key} ${script?.action}`
    this.begun.set(what, (this.begun.get(what) ?? 0) + 1)
    if (script?.action === 'check') return
    this.roles.set(key, { phase: 'half', inputs: inputsOf(work) })
  }

  #putFiles({ files, filesMode }: Work): FileChange[] {
    const differing = files.filter(({ path, digest }) => this.files.get(path) !== digest)
    const changes = differing.map(({ path }): FileChange => {
      return { path, differs: [this.files.has(path) ? 'content' : 'absent'] }
    })
    if (filesMode === 'write') for (const { path, digest } of differing) this.files.set(path, digest)
    return changes
  }

  #resultOf(job: Job, files: FileChange[], durationMs: number): WorkResult {
    const { work, script } = job
    const done = (exit: number, outputs: string): WorkResult => {
      const bytes = Buffer.from(this.answersGarbage ? `\u0000\ufffd${outputs.slice(0, 5)}` : outputs)
      return { result: 'done', exit, outputs: bytes, files, durationMs }
    }
    if (!script) return done(0, this.#facts())
    for (const input of script.prints) print(work, input)
    if (this.#dice.chance(this.flaky)) {
      void work.onOutput('stderr', Buffer.from(`cannot go on with ${inputsOf(work)}\n`))
      return done(1, '')
    }
    const key = keyOf(work)
    const kept = this.roles.get(key)
    const isAsAsked = kept?.phase === 'done' && kept.inputs === inputsOf(work)
    switch (script.action) {
      case 'check':
        return done(isAsAsked ? 0 : 1, isAsAsked ? this.#tell(job, script) : '')
      case 'remove':
        this.roles.delete(key)
        return done(0, '')
      case 'apply': {
        this.roles.set(key, { phase: 'done', inputs: inputsOf(work) })
        return done(0, this.#tell(job, script))
      }
    }
  }

  /** The same inputs give the same outputs. */
  #tell({ work }: Job, { tells }: SimulatedScript): string {
    return tells
      .map(({ name, secret }) => {
        const digest = digestOf(`${name} ${inputsOf(work)}`)
        // Few values, so that other inputs often give the same output, and circles come round.
        const value = secret ? `secret-${digest.slice(0, 20)}` : Number.parseInt(digest.slice(0, 1), 16) % 2
        if (secret) this.#stage.secrets.add(String(value))
        return `${name}=${value}\n`
      })
      .join('')
  }

  #facts(): string {
    return `=arch x86_64\n=cpu_count ${this.cpus}\n/proc/sys/kernel/hostname:${this.name}\n=end\n`
  }

  #noSpace(durationMs: number): WorkResult {
    const message = '/etc/motd cannot be put in place: No space left on device'
    return { result: 'fault', fault: { code: 'diskFull', message }, sent: true, durationMs }
  }
}

export function keyOf({ env }: Work): string {
  return `${env['ANNEAL_DEPLOYMENT']}/${env['ANNEAL_ROLE']}`
}

function wordsOf({ work, script }: Job): string {
  return script ? `${script.action} ${keyOf(work)}` : 'the facts'
}

function readScript({ script }: Work): SimulatedScript | undefined {
  return script && (JSON.parse(Buffer.from(script.bytes).toString()) as SimulatedScript)
}

/** Loud, and cut in two where it hurts: a redactor must see across the border. */
function print(work: Work, input: string): void {
  const text = `${input} is ${work.env[`ANNEAL_INPUT_${input.toUpperCase()}`] ?? ''}!\n`
  const middle = text.length - 4
  for (const stream of ['stdout', 'stderr'] as const) {
    void work.onOutput(stream, Buffer.from(text.slice(0, middle)))
    void work.onOutput(stream, Buffer.from(text.slice(middle)))
  }
}

function inputsOf({ inputs }: Work): string {
  const value: unknown = JSON.parse(inputs)
  return canonical(isObject(value) ? (value as JsonObject) : {})
}
