// A universe: hosts, a network, a disk, an operator and a server that comes back whenever it has died; one story is one
// run of it, decided by the seed and the steps alone.
// Loaded before time begins: what is loaded when it is needed takes real time, which no story waits for.
import '../../src/engine/anneal.ts'
import '../../src/engine/dry-run.ts'
import '../../src/engine/exec.ts'
import { bindingOf } from '../../src/annealer/bind.ts'
import type { NodeRole, World } from '../../src/annealer/world.ts'
import { canonical } from '../../src/base/canonical.ts'
import { makeLanguage } from '../../src/content/language.ts'
import { makeRenderer } from '../../src/content/renderer.ts'
import type { JournalFaults, JournalStore } from '../../src/journal/journal.ts'
import type { NodeAddress } from '../../src/model/run.ts'
import { VirtualTime } from './clock.ts'
import { CommandedSite } from './commanded-site.ts'
import { dice } from './dice.ts'
import { Disk } from './disk.ts'
import { play, type Step } from './faults.ts'
import { Host } from './hosts.ts'
import { expectNoSecretIn } from './invariants.ts'
import type { Ground, Management } from './management.ts'
import { Model } from './model.ts'
import { Post } from './post.ts'
import { ServedSite } from './served-site.ts'
import { anyChange, anySaying, anySite, type Change, MACHINES } from './sites.ts'
import { wildChange, wildSite } from './wild-sites.ts'
import type { Stage } from './stage.ts'
import type { Story, Told } from './story.ts'
import { must, Violation } from './violation.ts'

export interface Circumstances {
  /** Where a real journal is to be; in memory without it. */
  directory?: string
  /** Makes another one than these. */
  journal?: (faults: JournalFaults) => JournalStore
  /** Compares live with replayed every so many steps. */
  compareEvery?: number
  /** Sets the scene further, e.g. with a fate for each write. */
  prepare?(universe: Universe): void
}

const language = makeLanguage()
const render = makeRenderer()

/** Steps from one look at all worlds to the next. */
export const COMPARE_EVERY = 25
/** Most need some hundreds; a snapshot in small slices is many writes, and each write a step or two. */
const STEPS_MOST = 20_000
const ROUNDS_MOST = 30
/** A wild site may go round in a circle a thousand times before it is stopped: that end is for the laws about the heart. */
const WILD_RUNS_MOST = 250
/** Where roles that are per deployment run. */
const HERE = 'here'

export async function tellStory(
  story: Story,
  circumstances: Circumstances = {},
): Promise<Told & { universe: Universe }> {
  const universe = new Universe(story, circumstances)
  circumstances.prepare?.(universe)
  const onMistake = (error: unknown): void => universe.mistake(error)
  process.on('unhandledRejection', onMistake)
  try {
    await universe.run(story.steps)
  } catch (error) {
    universe.mistake(error)
  } finally {
    await settle(universe.disk)
    process.off('unhandledRejection', onMistake)
  }
  return { lines: universe.lines, broken: universe.broken, universe }
}

export class Universe {
  readonly stage: Stage
  readonly hosts = new Map<string, Host>()
  readonly disk: Disk
  readonly model = new Model(language)
  readonly post: Post
  readonly site: Management
  readonly lines: string[] = []
  broken: Error | undefined
  readonly #time = new VirtualTime()
  readonly #secrets = new Set(['open-sesame', 'pass-word-1', 'pass-word-2', 'pass-word-3'])
  readonly #compareEvery: number
  readonly #wild: boolean
  #transcripts = ''
  /** By somebody, since all machines were looked at. */
  #handsOn = false
  #steps = 0

  constructor(
    { seed, by, wild = false, demanding = false }: Story,
    { directory, journal, compareEvery = COMPARE_EVERY }: Circumstances,
  ) {
    this.#compareEvery = compareEvery
    this.stage = {
      seed,
      time: this.#time,
      secrets: this.#secrets,
      tell: (line) => void this.lines.push(`${(this.#time.elapsed / 1000).toFixed(3).padStart(9)} ${line}`),
      broken: (violation) => this.mistake(violation),
    }
    for (const name of [...MACHINES, HERE]) this.hosts.set(name, new Host(name, this.stage))
    this.disk = new Disk({ stage: this.stage, model: this.model, directory, journal })
    this.post = new Post(this.stage, this.model)
    this.#wild = wild
    const short = wild ? wildSite(seed) : anySite(dice(seed, 'site'), demanding)
    this.site =
      by === 'commands' ? new CommandedSite(this.#ground(), short) : new ServedSite(this.#ground(), short)
  }

  mistake(error: unknown): void {
    if (this.broken) return
    this.broken = error instanceof Error ? error : new Error(String(error))
    this.stage.tell(`BROKEN ${this.broken.message}`)
  }

  async run(steps: readonly Step[]): Promise<void> {
    this.site.begin()
    await settle(this.disk)
    this.#time.after(10, () => this.site.commit({ says: 'the first of all', change: {} }))
    for (const step of steps) this.#time.after(step.at, () => play(this, step))
    const troubleEnds = Math.max(0, ...steps.map(({ at }) => at)) + 2_000
    while (this.#time.elapsed < troubleEnds && (await this.#step()));
    this.#heal()
    await this.#comeToRest()
    if (!this.broken && !this.isCutShort) await this.#expectEnd()
  }

  get steps(): number {
    return this.#steps
  }

  get isCutShort(): boolean {
    return this.#wild && this.model.runs.size > WILD_RUNS_MOST
  }

  anyChange(roll: number): Change {
    return this.#wild ? wildChange(roll) : anyChange(dice(roll, 'change'))
  }

  anySaying(roll: number): Change {
    const rolls = dice(roll, 'saying')
    const asIs = { role: 'db', input: 'port', deployments: ['lower', 'upper'] as [string, string] }
    const wild = { role: `r${rolls.below(6)}`, input: 'plain', deployments: ['d0', 'd1'] as [string, string] }
    return anySaying(rolls, this.#wild ? wild : asIs)
  }

  /** For a while, and then the other way round. */
  during(
    machine: Step[string] | undefined,
    ms: Step[string] | undefined,
    change: (host: Host, on: boolean) => void,
  ): void {
    const host = this.hosts.get(String(machine))
    if (!host) return
    change(host, true)
    this.#time.after(Number(ms), () => change(host, false))
  }

  /** On what a check would find; wild sites may say that nobody is to look. */
  layHandsOn(machine: string, which: number): void {
    if (this.#wild) return
    const host = this.hosts.get(machine)
    const checked = [...(host?.roles.keys() ?? [])].filter((key) => {
      return this.model.roles.get(key.split('/')[1] ?? '')?.check !== undefined
    })
    const key = checked[which % checked.length]
    if (key !== undefined && host?.edit(key, which % 2 === 0)) this.#handsOn = true
  }

  #ground(): Ground {
    const { stage, disk, model, post } = this
    return {
      stage,
      disk,
      model,
      post,
      language,
      render,
      snapshotEvery: dice(stage.seed, 'snapshots').pick([3, 10, 40, 2_000]),
      snapshotAtOnce: dice(stage.seed, 'slices').pick([0, 1, 1_000]),
      hostAt: (address) => this.#hostAt(address),
      onTranscript: (text) => (this.#transcripts += text),
      mistake: (error) => this.mistake(error),
    }
  }

  /** A node with another address is the same machine by another way. */
  #hostAt({ name, transport }: NodeAddress): Host {
    const host = this.hosts.get(transport.kind === 'ssh' ? name : HERE)
    if (!host) throw new Error(`there is no machine ${name}`)
    return host
  }

  async #step(): Promise<boolean> {
    if (this.broken || this.isCutShort || !this.#time.step()) return false
    await settle(this.disk)
    if (++this.#steps > STEPS_MOST) throw new Violation('a story ends', `not within ${STEPS_MOST} steps`)
    if (this.#steps % this.#compareEvery === 0) await this.site.compare()
    return !this.broken
  }

  // --- The end ------------------------------------------------------------------------------------------------------

  #heal(): void {
    if (this.broken) return
    this.stage.tell('* all trouble is over')
    for (const host of this.hosts.values()) {
      host.change({ power: 'up', answersGarbage: false, denied: false, full: false, slow: 1, flaky: 0 })
      host.block('both', false)
    }
    Object.assign(this.post.habits, { doubled: 0, late: 0 })
    Object.assign(this.disk, { full: false, slowMs: 0, next: undefined })
    this.#time.after(1, () => this.site.commit({ says: 'nothing more', change: {} }))
  }

  async #comeToRest(): Promise<void> {
    for (let round = 0; ; round++) {
      while (await this.#step());
      if (this.broken || this.isCutShort) return
      await this.site.expectRest()
      if (round === ROUNDS_MOST) return
      this.stage.tell('* ann looks after what is left')
      let asked: boolean | undefined
      this.#time.after(1, () => void this.site.tidyUp().then((was) => (asked = was)))
      while (asked === undefined && (await this.#step()));
      if (asked === true) continue
      if (!this.#handsOn) return
      this.#handsOn = false
      this.#time.after(1, () => void this.site.lookForDrift(true))
    }
  }

  async #expectEnd(): Promise<void> {
    await this.site.compare()
    expectNoSecretIn(this.#transcripts, this.#secrets, 'a transcript')
    expectNoSecretIn(this.lines.join('\n'), this.#secrets, 'the story')
    const world = (await this.site.world()) as World
    for (const nodeRole of world.nodeRoles.values()) {
      const isReady = this.#wild || nodeRole.state === 'active'
      must(isReady, 'the fleet becomes ready', () => `${nodeRole.id} is ${nodeRole.state}`)
      if (nodeRole.state === 'active') this.#expectAsAsked(nodeRole)
    }
    for (const [name, host] of this.hosts) {
      this.#expectOncePerRun(name, host)
      if (!this.#wild) this.#expectNothingLeft(world, name, host)
    }
  }

  #expectAsAsked(nodeRole: NodeRole): void {
    // A stale one has the inputs of its last success.
    if (!nodeRole.group.role.apply || nodeRole.success?.digest !== nodeRole.digest) return
    const host = nodeRole.node ? this.hosts.get(nodeRole.nodeName) : this.hosts.get(HERE)
    const kept = host?.roles.get(`${nodeRole.deployment}/${nodeRole.group.role.name}`)
    const wanted = this.model.values.inputsOf(nodeRole.id) ?? canonical(bindingOf(nodeRole).inputs)
    must(kept?.phase === 'done' && kept.inputs === wanted, 'hosts are as asked', () => {
      return `${nodeRole.id} is ${JSON.stringify(kept)}, wanted ${wanted}`
    })
  }

  #expectOncePerRun(name: string, host: Host): void {
    for (const [what, count] of host.begun) {
      const [deployment, roleAndAction] = what.split('/')
      const started =
        this.model.starts.get(`${deployment}/${name === HERE ? '-' : name}/${roleAndAction}`) ?? 0
      const details = `${what} on ${name} ${count} times, ${started} started`
      must(count <= started, 'a run happens once', () => details)
    }
  }

  #expectNothingLeft(world: World, name: string, host: Host): void {
    if (this.site.forgotten.has(name)) return
    for (const key of host.roles.keys()) {
      const [deployment, role = ''] = key.split('/')
      const id = `${deployment}/${name === HERE ? '-' : name}/${role}`
      const spec = this.model.roles.get(role)
      must(
        world.nodeRoles.has(id) || !spec?.remove,
        'what was taken away is removed',
        () => `${key} on ${name}`,
      )
    }
  }
}

/** Lets everything happen that needs no time. */
async function settle(disk: Disk): Promise<void> {
  for (;;) {
    await new Promise(setImmediate)
    if (!disk.isBusy) return
    await disk.stirred()
  }
}
