// A second opinion: what follows from the journal's events by rules so simple that they can be checked by reading them.
// It knows nothing of bindings, ripples or plans; what contradicts it must never have been written.
import { canonical } from '../../src/base/canonical.ts'
import type { Json } from '../../src/base/json.ts'
import type { Event, Recorded } from '../../src/model/event.ts'
import type { Language } from '../../src/model/language.ts'
import { NO_NODE, type NodeRoleId, nodeRoleName } from '../../src/model/names.ts'
import type { Role } from '../../src/model/role.ts'
import { NODE_FAULTS, type RunId, type RunOutcome } from '../../src/model/run.ts'
import type { Target } from '../../src/model/site.ts'
import { placedBy, RinseBook } from '../support/rinses.ts'
import { ControlBook } from './control-book.ts'
import { CycleBook } from './cycle-book.ts'
import { StepBook } from './step-book.ts'
import { ValueBook } from './value-book.ts'
import { must } from './violation.ts'

export interface ModelRun {
  token: number
  nodeRole: string
  action: 'apply' | 'check' | 'remove'
  digest: string
  inputs: string
  inFlight: boolean
  locks: { key: string; capacity: number }[]
}

export class Model {
  seq = 0
  head = 0
  readonly runs = new Map<RunId, ModelRun>()
  readonly revisions = new Map<
    number,
    { text: string; onto: number; committed: boolean; discarded: boolean }
  >()
  /** How often each was started, by `node-role action`. */
  readonly starts = new Map<string, number>()
  /** As committed last. */
  readonly roles = new Map<string, Role>()
  readonly #placed = new Map<string, Role>()
  readonly #targets = new Map<number, Target>()
  /** Destructive roles that may have run, and the last run that may have done it. */
  readonly #mayHaveRun = new Map<string, RunId>()
  /** The digest of the last run, where that was a success and nothing has happened since. */
  readonly #good = new Map<string, string>()
  readonly #asked = new Set<string>()
  readonly #rinses = new RinseBook()
  readonly #controls = new ControlBook()
  readonly #steps = new StepBook()
  readonly #cycles = new CycleBook()
  readonly values: ValueBook
  /** Ad-hoc commands that have not ended, by `exec node`. */
  readonly #execs = new Set<string>()
  /** Machines that are looked at now. */
  readonly #checking = new Set<string>()
  #target: Target | undefined
  /** All that the target places. */
  #here: ReadonlySet<NodeRoleId> = new Set()
  #lastToken = 0
  #lastAt = 0
  #session = 0
  #stopped = false

  constructor(language: Language) {
    this.values = new ValueBook(language)
  }

  hear({ seq, at, event }: Recorded): void {
    must(seq === this.seq + 1, 'events are numbered without a gap', () => `${seq} after ${this.seq}`)
    must(at >= this.#lastAt, 'time does not go back in the journal', () => `${at} after ${this.#lastAt}`)
    this.seq = seq
    this.#lastAt = at
    this.#expectNone('a rinse removes all before it applies', this.#rinses.hear(event))
    this.#take(event)
    this.#expectNone('a run starts when it may, with what is known', this.values.hear(event, this.#target))
    this.#expectNone('what people said is kept to', this.#controls.hear(event, this.#here))
    this.#expectNone('a change goes out in steps', this.#steps.hear(event, this.#target))
    this.#expectNone('a cycle is from rest to rest', this.#cycles.hear(event))
  }

  #expectNone(invariant: string, wrong: string | undefined): void {
    must(wrong === undefined, invariant, () => String(wrong))
  }

  inFlight(): [RunId, ModelRun][] {
    return [...this.runs].filter(([, run]) => run.inFlight)
  }

  /** That are yet to remove something. */
  rinses(): string[] {
    return this.#rinses.underWay()
  }

  #take(event: Event): void {
    switch (event.kind) {
      case 'sessionStarted':
        must(event.session === this.#session + 1, 'sessions are counted', () => String(event.session))
        must(this.inFlight().length === 0, 'no run outlives its session', () => {
          return this.inFlight()
            .map(([run]) => run)
            .join(', ')
        })
        this.#session = event.session
        this.#stopped = false
        return
      case 'claimingStopped':
        this.#stopped = true
        return
      case 'revisionProposed':
        return this.#propose(event)
      case 'revisionCommitted':
        return this.#commit(event.revision)
      case 'revisionDiscarded': {
        const revision = this.revisions.get(event.revision)
        must(
          revision?.committed === false,
          'what is committed stays',
          () => `${event.revision} was discarded`,
        )
        if (revision) revision.discarded = true
        return
      }
      case 'runStarted':
        return this.#start(event)
      case 'runFinished':
        return this.#finish(event.run, event.outcome)
      case 'runLost':
        return this.#finish(event.run, undefined)
      case 'checkStarted':
        return this.#check(event)
      case 'checkFinished':
        for (const { nodeRole, found } of event.findings) if (found === 'drifted') this.#good.delete(nodeRole)
        return this.#endCheck(event)
      case 'checkLost':
        return this.#endCheck(event)
      case 'nodeRoleRemoved':
        this.#mayHaveRun.delete(event.nodeRole)
        this.#placed.delete(event.nodeRole)
        this.#good.delete(event.nodeRole)
        return
      case 'nodeRoleRinsed':
        this.#mayHaveRun.delete(event.nodeRole)
        this.#good.delete(event.nodeRole)
        return
      case 'nodeForgotten':
        // On a person's word there is nothing of it any more; one of that name that comes is another one.
        for (const known of [this.#mayHaveRun, this.#good])
          for (const id of known.keys()) if (nodeRoleName(id).node === event.node) known.delete(id)
        return
      case 'execStarted':
        for (const node of event.nodes) this.#execs.add(`${event.exec} ${node}`)
        return
      case 'execFinished': {
        const what = `${event.exec} ${event.node}`
        must(this.#execs.delete(what), 'an ad-hoc command ends once', () => what)
        return
      }
      case 'rerunAsked':
        this.#mayHaveRun.delete(event.nodeRole)
        this.#asked.add(event.nodeRole)
        return
      default:
        return
    }
  }

  /** A machine is looked at while nothing changes it. */
  #check({ check, node, nodeRoles }: Extract<Event, { kind: 'checkStarted' }>): void {
    must(!this.#checking.has(node), 'a machine is checked once at a time', () => `${check} on ${node}`)
    this.#checking.add(node)
    const under = this.inFlight().find(([, run]) => nodeRoleName(run.nodeRole).node === node)
    must(!under, 'nothing runs under a check', () => `${check} on ${node}, with ${under?.[0]} under way`)
    for (const nodeRole of nodeRoles) this.#count(`${nodeRole} check`)
  }

  #endCheck({ check, node }: { check: string; node: string }): void {
    must(this.#checking.delete(node), 'a check ends once', () => `${check} on ${node}`)
  }

  #propose({ revision, onto, target }: Extract<Event, { kind: 'revisionProposed' }>): void {
    const text = canonical(target as unknown as Json)
    must(!this.revisions.has(revision), 'history is not rewritten', () => `revision ${revision} twice`)
    this.revisions.set(revision, { text, onto, committed: false, discarded: false })
    this.#targets.set(revision, target)
  }

  #commit(number: number): void {
    const revision = this.revisions.get(number)
    must(revision !== undefined, 'what is committed was proposed', () => `revision ${number}`)
    if (!revision) return
    const sound = !revision.committed && !revision.discarded && revision.onto === this.head
    must(sound, 'a commit builds on the head', () => `${number} is onto ${revision.onto}, head ${this.head}`)
    revision.committed = true
    this.head = number
    this.#target = this.#targets.get(number) as Target
    this.#here = placedBy(this.#target)
    this.#place(this.#target)
  }

  #place({ deployments, roles }: Target): void {
    for (const [deployment, { placements }] of Object.entries(deployments)) {
      for (const { role: name, members } of placements) {
        const role = roles[name] as Role
        this.roles.set(name, role)
        const nodes = role.per === 'deployment' ? [NO_NODE] : members
        for (const node of nodes) this.#placed.set(`${deployment}/${node}/${name}`, role)
      }
    }
  }

  #start(event: Extract<Event, { kind: 'runStarted' }>): void {
    const { run, token, nodeRole, action } = event
    const role = this.#placed.get(nodeRole)
    must(role !== undefined, 'only what was committed runs', () => `${run} of ${nodeRole}`)
    must(!this.runs.has(run), 'a run starts once', () => run)
    must(token > this.#lastToken, 'tokens only grow', () => `${run} has ${token} after ${this.#lastToken}`)
    must(!this.#stopped, 'nothing is claimed after stop', () => `${run} of ${nodeRole}`)
    if (!role) return
    const twice = this.inFlight().find(([, other]) => other.nodeRole === nodeRole)
    must(!twice, 'a node-role runs once at a time', () => `${run} and ${twice?.[0]} of ${nodeRole}`)
    const { node } = nodeRoleName(nodeRole)
    must(!this.#checking.has(node), 'nothing runs under a check', () => `${run} on ${node}`)
    const locks = locksOf(nodeRole, role)
    for (const lock of locks) this.#expectRoom(run, lock)
    const before = this.#mayHaveRun.get(nodeRole)
    const again = role.once && action === 'apply' && before !== undefined
    must(!again, 'a once role does not run twice unasked', () => `${run} of ${nodeRole} after ${before}`)
    const needless = this.#good.get(nodeRole) === event.digest && !this.#asked.delete(nodeRole)
    must(!needless || action === 'remove', 'nothing runs without need', () => `${run} of ${nodeRole}`)
    this.#good.delete(nodeRole)
    this.#asked.delete(nodeRole)
    this.#lastToken = token
    const { digest } = event
    const inputs = canonical(event.inputs)
    this.runs.set(run, { token, nodeRole, action, digest, inputs, inFlight: true, locks })
    this.#count(`${nodeRole} ${action}`)
    if (role.once && action === 'apply') this.#mayHaveRun.set(nodeRole, run)
  }

  #count(what: string): void {
    this.starts.set(what, (this.starts.get(what) ?? 0) + 1)
  }

  #expectRoom(run: RunId, { key, capacity }: { key: string; capacity: number }): void {
    const holders = this.inFlight().filter(([, other]) => other.locks.some((lock) => lock.key === key))
    const others = holders.flatMap(([, other]) => other.locks.filter((lock) => lock.key === key))
    const least = Math.min(capacity, ...others.map((lock) => lock.capacity))
    must(holders.length < least, 'a lock is not held beyond its capacity', () => {
      return `${run} takes ${key} (${least}), held by ${holders.map(([id]) => id).join(', ')}`
    })
  }

  #finish(id: RunId, outcome: RunOutcome | undefined): void {
    const run = this.runs.get(id)
    must(run?.inFlight === true, 'one result per run', () => `${id} ends, but it is not in flight`)
    if (!run) return
    run.inFlight = false
    // Undone as asked: what is placed again meanwhile begins anew.
    if (outcome?.result === 'ok' && run.action === 'remove') this.#mayHaveRun.delete(run.nodeRole)
    if (outcome?.result === 'ok' && run.action !== 'remove') this.#good.set(run.nodeRole, run.digest)
    const faultBefore = outcome?.result === 'fault' && !NODE_FAULTS[outcome.fault.code].mayHaveRun
    // It did not begin, or `check` has looked and said that it has not happened.
    const undone = run.action === 'check' && outcome?.result === 'failed'
    if ((faultBefore && run.action === 'apply' && this.#mayHaveRun.get(run.nodeRole) === id) || undone)
      this.#mayHaveRun.delete(run.nodeRole)
  }
}

function locksOf(id: string, role: Role): ModelRun['locks'] {
  const { deployment, node } = nodeRoleName(id)
  const own = role.locks.map(({ of, name, capacity }) => {
    const where = of === 'node' ? node : of === 'deployment' ? deployment : 'the site'
    return { key: `${name} of ${of} ${where}`, capacity }
  })
  return role.parallel || node === NO_NODE ? own : [{ key: `node ${node}`, capacity: 1 }, ...own]
}
