// Commands: processes that do one thing to a site and go, by the real operations; they may be interrupted or killed, and
// one that finds the site busy asks the one that is there.
import type { ControlPort, Obey } from '../../src/engine/control-port.ts'
import { siteOperations } from '../../src/engine/site-operations.ts'
import { isObject } from '../../src/base/json.ts'
import type { AnnealRequest, Operations, UpResult } from '../../src/model/operations.ts'
import type { Answer } from '../../src/model/refusal.ts'
import { clockOf } from './clock.ts'
import { executor } from './executor.ts'
import { expectNoSecretIn } from './invariants.ts'
import { Life } from './life.ts'
import type { Ground } from './management.ts'
import { makeRunner } from './runner.ts'
import { Violation } from './violation.ts'

interface Process {
  life: Life
  interrupt: AbortController
}

/** Undefined where the process died first. */
export type Given = Answer<unknown> | undefined

export class Commands {
  /** Oldest first. */
  readonly running: Process[] = []
  readonly #ground: Ground
  #started = 0
  #listening: { life: Life; obey: Obey } | undefined

  constructor(ground: Ground) {
    this.#ground = ground
  }

  async run(
    what: string,
    work: (operations: Operations, request: AnnealRequest) => Promise<Answer<unknown>>,
  ): Promise<Given> {
    const life = new Life(`anneal ${what} ${++this.#started}`)
    const mine: Process = { life, interrupt: new AbortController() }
    this.running.push(mine)
    life.onDeath(() => void this.running.splice(this.running.indexOf(mine), 1))
    this.#ground.stage.tell(`${life.name} starts`)
    const dead = life.death.then(() => undefined)
    const done = this.#carryOut(mine, what, work).catch((error: unknown) => this.#ground.mistake(error))
    const given = (await Promise.race([dead, done])) as Given
    if (life.alive) {
      this.#ground.stage.tell(`${life.name} ends: ${wordsOf(given)}`)
      this.#expectHonest(mine, given)
      life.die()
    }
    return given
  }

  async #carryOut(
    { life, interrupt }: Process,
    what: string,
    work: (operations: Operations, request: AnnealRequest) => Promise<Answer<unknown>>,
  ): Promise<Given> {
    const operations = this.operations(life, what)
    const onFeed = (feed: unknown): void => this.#expectNoSecret(feed, 'the feed')
    const given = await work(operations, { by: 'ann', onFeed, signal: interrupt.signal, stay: false })
    await operations.close()
    return given
  }

  operations(life: Life, what: string): Operations {
    const { stage, disk, language, post } = this.#ground
    return siteOperations({
      store: disk.storeFor(life),
      language,
      clock: clockOf(stage.time, () => life.alive),
      makeRunner: async (blob, events) =>
        makeRunner(this.#ground, {
          life,
          blob,
          report: (report) =>
            post.bring(report, async (brought) => {
              if (life.alive) events.report(brought)
              return undefined
            }),
        }),
      makeExecutor: async () => executor(this.#ground, life),
      control: this.#portOf(life),
      holder: { pid: 1, host: 'here', what: `anneal ${what}` },
    })
  }

  /** Who anneals hears what others ask, unless it has died. */
  #portOf(life: Life): ControlPort {
    return {
      listen: async (obey) => {
        const mine = { life, obey }
        this.#listening = mine
        return {
          close: async () => {
            if (this.#listening === mine) this.#listening = undefined
          },
        }
      },
      ask: async (message) => {
        await this.#ground.stage.time.sleep(5)
        const there = this.#listening
        if (!there?.life.alive) return undefined
        return Promise.race([there.obey(message), there.life.death.then(() => undefined)])
      },
    }
  }

  /** What a command says of itself is so. */
  #expectHonest({ life, interrupt }: Process, given: Given): void {
    this.#expectNoSecret(given, `the answer of ${life.name}`)
    const result = given?.ok ? (given.value as Partial<UpResult> | undefined) : undefined
    if (result?.outcome === 'ready' && result.status?.nodeRoles.some(({ state }) => state !== 'active'))
      this.#ground.mistake(new Violation('ready is ready', life.name))
    if (result?.outcome === 'interrupted' && !interrupt.signal.aborted)
      this.#ground.mistake(new Violation('interrupted is interrupted', life.name))
  }

  #expectNoSecret(told: unknown, where: string): void {
    try {
      expectNoSecretIn(JSON.stringify(told) ?? '', this.#ground.stage.secrets, where)
    } catch (error) {
      this.#ground.mistake(error)
    }
  }
}

function wordsOf(given: Given): string {
  if (!given) return 'nothing is said'
  if (!given.ok) return `refused, ${given.refusal.code}`
  const outcome = isObject(given.value) ? given.value['outcome'] : undefined
  return typeof outcome === 'string' ? outcome : 'done'
}
