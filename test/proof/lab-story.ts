// A story of kills on real hosts, by seed: engine, runner and PostgreSQL end in turn in the middle of changes; what must hold is looked for.
import { setTimeout as sleep } from 'node:timers/promises'
import { httpOperations } from '../../src/client/http-operations.ts'
import { verifyWhole } from '../../src/journal/moving.ts'
import { postgresJournal } from '../../src/journal/postgres-journal.ts'
import { connectTo, type PostgresPlace, readPlace } from '../../src/journal/postgres-place.ts'
import { lockOf } from '../../src/journal/postgres-schema.ts'
import { postgresWhole } from '../../src/journal/postgres-whole.ts'
import type { Recorded } from '../../src/model/event.ts'
import type { Operations } from '../../src/model/operations.ts'
import type { Answer } from '../../src/model/refusal.ts'
import { dice } from '../simulation/dice.ts'
import type { TestPostgres } from '../support/postgres.ts'
import { historyOf } from './history.ts'
import { HOSTS, type Kept, type KillGround, layKillGround } from './lab-ground.ts'

/** `stopped`: an engine that is stopped, loses its session as that of a silent machine is lost, and wakes up when another one anneals. */
export const VICTIMS = ['engine', 'runner', 'postgres', 'stopped'] as const
type Victim = (typeof VICTIMS)[number]

export interface LabKillReport {
  kills: Record<Victim, number>
  takeoversMs: number[]
  runs: number
  lost: number
  acknowledged: number
  events: number
}

export async function tellLabKills(
  postgres: TestPostgres,
  seed: number,
  kills: number,
): Promise<LabKillReport> {
  const ground = await layKillGround(postgres)
  try {
    return await new LabStory(postgres, ground, seed, kills).tell()
  } finally {
    await ground.end()
  }
}

class LabStory {
  readonly #postgres: TestPostgres
  readonly #ground: KillGround
  readonly #kills: number
  readonly #seed: number
  readonly #place: PostgresPlace
  readonly #acknowledged: string[] = []
  readonly #report: LabKillReport = {
    kills: { engine: 0, runner: 0, postgres: 0, stopped: 0 },
    takeoversMs: [],
    runs: 0,
    lost: 0,
    acknowledged: 0,
    events: 0,
  }

  constructor(postgres: TestPostgres, ground: KillGround, seed: number, kills: number) {
    this.#postgres = postgres
    this.#ground = ground
    this.#seed = seed
    this.#kills = kills
    const place = readPlace(ground.address)
    if (!place.ok) throw new Error(place.refusal.message)
    this.#place = place.value
  }

  async tell(): Promise<LabKillReport> {
    const roll = dice(this.#seed, 'kills on lab hosts')
    await this.#change(1)
    await this.#atRest(1)
    let turn: Victim[] = []
    for (let kill = 0; kill < this.#kills; kill++) {
      if (turn.length === 0) turn = [...VICTIMS]
      const [victim] = turn.splice(roll.below(turn.length), 1)
      await this.#change(kill + 2)
      await sleep(roll.between(0, 900))
      await this.#hurt(victim as Victim, roll.below(2))
      await this.#acknowledge(`after kill ${kill}`)
    }
    const last = this.#kills + 2
    await this.#change(last)
    await this.#atRest(last)
    const disturbed = await this.#ground.state()
    await this.#judge()
    await this.#expectAsUndisturbed(disturbed, last)
    return this.#report
  }

  async #hurt(victim: Victim, which: number): Promise<void> {
    this.#report.kills[victim]++
    if (victim === 'runner') return this.#ground.runners[which]?.kill('SIGKILL')
    if (victim === 'postgres') {
      await this.#postgres.kill()
      await this.#postgres.start()
      return
    }
    const active = await this.#active()
    const other = 1 - active
    const hadStandby = (await this.#ground.role(other)) === 'standby'
    const server = this.#ground.servers[active] as Kept
    const hurt = server.running()
    const began = performance.now()
    if (victim === 'engine') {
      server.kill('SIGKILL')
      await hurt.ended
    } else {
      server.kill('SIGSTOP')
      await this.#endSession()
    }
    // Where nobody stood by it may be the one that was started again.
    while ((await this.#ground.role(other)) !== 'active') {
      if (victim === 'engine' && (await this.#ground.role(active)) === 'active') break
      await sleep(20)
    }
    if (hadStandby) this.#report.takeoversMs.push(performance.now() - began)
    if (victim === 'engine') return
    // Whatever it had in mind when it was stopped, it is too late for.
    server.kill('SIGCONT')
    const { code, said } = await hurt.ended
    if (code !== 1)
      throw new Error(`${this.#told}: a server that lost its journal ended with ${code}:\n${said}`)
  }

  /** As PostgreSQL does with a machine that has gone silent. */
  async #endSession(): Promise<void> {
    const client = await connectTo(this.#place, 'a test')
    await client.query(
      `SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted
         AND (classid::bigint << 32) | objid::bigint = $1`,
      [lockOf(this.#place.schema)],
    )
    await client.end()
  }

  async #active(): Promise<number> {
    for (;;) {
      for (const server of [0, 1]) if ((await this.#ground.role(server)) === 'active') return server
      await sleep(20)
    }
  }

  /** Committed when it resolves; it goes on when nobody waits any more. */
  async #change(version: number): Promise<void> {
    const now = await this.#ground.write(version)
    await this.#insisting((operations) =>
      operations.up({
        ...now,
        by: 'ann',
        message: `version ${version}`,
        confirm: async () => true,
        onFeed: () => {},
        signal: AbortSignal.timeout(2_000),
        stay: false,
      }),
    )
  }

  /** What is answered with yes must be there in the end. */
  async #acknowledge(why: string): Promise<void> {
    const asking = { by: 'ann', onFeed: () => {}, signal: AbortSignal.timeout(60_000), stay: false }
    await this.#insisting((operations) => operations.control({ kind: 'hold', targets: ['k1'], why }, asking))
    this.#acknowledged.push(why)
    await this.#insisting((operations) =>
      operations.control(
        { kind: 'release', targets: ['k1'] },
        { ...asking, signal: AbortSignal.timeout(300) },
      ),
    )
  }

  async #insisting(ask: (operations: Operations) => Promise<Answer<unknown>>): Promise<void> {
    let last = ''
    for (let tries = 0; tries < 400; tries++) {
      const found = await this.#ground.find(tries % 2)
      const told = found && (await ask(httpOperations(found.connection)))
      if (told?.ok) return
      last = told ? told.refusal.message : last
      await sleep(50)
    }
    throw new Error(`${this.#told}: nobody takes what is asked (${last})`)
  }

  async #atRest(version: number): Promise<void> {
    const wanted = `version ${version}`
    for (let tries = 0; tries < 1_200; tries++) {
      const found = await this.#ground.find(tries % 2)
      const status = found && (await httpOperations(found.connection).status())
      const timeline = found && (await httpOperations(found.connection).timeline())
      const head = timeline?.ok ? timeline.value.findLast(({ status: is }) => is === 'committed') : undefined
      if (status?.ok && status.value.ready && head?.message === wanted) return
      await sleep(100)
    }
    throw new Error(`${this.#told}: it does not come to rest`)
  }

  async #judge(): Promise<void> {
    const whole = await verifyWhole(postgresWhole(this.#place, '0.0.0').openWhole)
    if (!whole.ok) throw new Error(`${this.#told}: ${whole.refusal.message}`)
    const events = await this.#read()
    const history = historyOf(events)
    const held = new Set(events.flatMap(({ event }) => (event.kind === 'held' ? [event.why] : [])))
    const gone = this.#acknowledged.filter((why) => !held.has(why))
    const problem =
      history.problem ??
      (gone.length > 0 ? `acknowledged and gone: ${gone.join(', ')}` : await this.#onHosts(history.starts))
    if (problem !== undefined) throw new Error(`${this.#told}: ${problem}`)
    Object.assign(this.#report, {
      runs: history.runs,
      lost: history.lost,
      events: events.length,
      acknowledged: this.#acknowledged.length,
    })
  }

  /** What the hosts themselves have seen: one at a time, and no more than the journal says. */
  async #onHosts(starts: ReadonlyMap<string, number>): Promise<string | undefined> {
    for (const host of HOSTS) {
      const lines = (await this.#ground.on(host, 'cat /var/log/proof')).split('\n').filter(Boolean)
      const beside = lines.find((line) => line.startsWith('beside'))
      if (beside !== undefined) return `${host}: ${beside}`
      for (const [nodeRole, most] of starts) {
        const [, node, role] = nodeRole.split('/')
        if (node !== host) continue
        const begun = lines.filter((line) => line.startsWith(`begin ${role} `)).length
        if (begun > most) return `${nodeRole} began ${begun} times, and was started ${most} times`
      }
    }
    return undefined
  }

  /** The same hosts once more, empty, with a site that never saw the others, and nobody who disturbs. */
  async #expectAsUndisturbed(disturbed: string, version: number): Promise<void> {
    const undisturbed = await this.#ground.undisturbed([version - 1, version])
    if (undisturbed !== disturbed)
      throw new Error(`${this.#told}: the end is not as undisturbed:\n${disturbed}\n---\n${undisturbed}`)
  }

  async #read(): Promise<Recorded[]> {
    const opened = await postgresJournal(this.#place, { site: 'e2e', toolVersion: '0.0.0' }).openReader()
    if (!opened.ok) throw new Error(opened.refusal.message)
    const events: Recorded[] = []
    for await (const batch of opened.value.events(0)) events.push(...batch)
    await opened.value.close()
    return events
  }

  get #told(): string {
    return `seed ${this.#seed}`
  }
}
