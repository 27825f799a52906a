// The words of scripts about the heart: each directive becomes commands, each turn becomes lines.
//
//   site / change              the site as its files would say it, as YAML (see ../support/short-site.ts)
//   commit [onto N]            proposes the site and commits it
//   propose | commit revision N [onto N] | discard N | rollback N
//   contact n1 [n2 ...] {facts}     all due contacts: contact all {facts}
//   lost n1 CODE [passing | for good]   a look at the node failed, and what it is known of another one
//   finish RUN ok {outputs} [token N] [took 5s] | finish RUN failed "message" [for good] | fault RUN CODE
//                              RUN is run-3, a node-role in flight, or `all`; `check` roles too
//   anneal [without n3]        carries out all that is due until rest; body lines `ROLE {outputs} [or {outputs}]` say what runs give,
//                              in turn;
//                              n3 does not answer
//   advance 2s | retry ID [why] | available n1 yes|no [why] | forget n1 | stop | disconnect n1
//   rinse TARGET... [once] [because WHY] | preview TARGET... [once]    NODE, ROLE, NODE/ROLE or all
//   hold TARGET [why] | release TARGET | only TARGET ... | cancel RUN|RINSE [why]      TARGET may be `site`, too
//   exec SELECTION | executed EXEC NODE EXIT | execs      an ad-hoc command on nodes, and its end on one of them
//   meant TARGET               what an operator who types it means
//   approve TARGET [VARIANT]
//   check [ID ...] | found n1, body lines `ROLE drifted PATH`, `ROLE unknown WHY`, all else as asked | found n1 fault CODE
//   found n1 [of CHECK] [token N]   with another token, or of a check that is over
//   session [stays] [checks | repairs]   a new one in the same process
//   restart [stays]            a new process: from the snapshot, which must equal the replayed journal
//   placed                     on which nodes each placement stands, and of how many that were asked for
//   why ID [INPUT] | trace VALUE | status | due | diff | timeline
//   why ID | status | due | diff | estimate | timeline | cycles | critical-path N
//
// Ids may leave the deployment out where there is only one. Each step is held against two laws (../support/heart.ts).
import { criticalPath } from '../../src/annealer/critical-path.ts'
import { diffSite } from '../../src/annealer/diff.ts'
import { checkOrderOf, isAtRest, whatIsDue } from '../../src/annealer/due.ts'
import { nodesMeant, viewExec } from '../../src/annealer/execs.ts'
import { explain } from '../../src/annealer/explain.ts'
import { judge } from '../../src/annealer/judge.ts'
import { targetMeant } from '../../src/annealer/targets.ts'
import { previewRinse } from '../../src/annealer/rinse-preview.ts'
import { rootsMeant } from '../../src/annealer/trace-meant.ts'
import { trace } from '../../src/annealer/trace.ts'
import type { Turn } from '../../src/annealer/turn.ts'
import { viewCycles } from '../../src/annealer/view-cycles.ts'
import { viewStatus } from '../../src/annealer/view.ts'
import type { NodeRole } from '../../src/annealer/world.ts'
import { parseDuration } from '../../src/base/duration.ts'
import type { Json, JsonObject } from '../../src/base/json.ts'
import { renderAll } from '../../src/cli/text.ts'
import { traceLines } from '../../src/cli/trace-text.ts'
import { outputWords } from '../../src/model/provenance-words.ts'
import { inputLines } from '../../src/cli/why-text.ts'
import { makeLanguage } from '../../src/content/language.ts'
import { matchesGlob } from '../../src/base/glob.ts'
import { cycleCauseWords, pathWaitWords, speedUpWords } from '../../src/model/cycle-words.ts'
import type { CycleView } from '../../src/model/cycle.ts'
import type { Finding } from '../../src/model/drift.ts'
import type { Command } from '../../src/model/command.ts'
import type { Event } from '../../src/model/event.ts'
import type { RinsePreview } from '../../src/model/rinse.ts'
import type { NodeFault, NodeFaultCode, RunOutcome } from '../../src/model/run.ts'
import { type Scope, scopeExactly, scopeName } from '../../src/model/scope.ts'
import type { InputChange, InputView, SourceView, WhyView } from '../../src/model/view.ts'
import { causeWords, originWords, reasonWords, refusalWords, unboundWords } from '../../src/model/words.ts'
import {
  expectSameAfterReplay,
  expectSameFromScratch,
  type Heart,
  newHeart,
  restart,
  tell,
} from '../support/heart.ts'
import { changed, readShortSite, shortSite } from '../support/short-site.ts'
import type { Handler, Step } from './golden.ts'

process.env['TZ'] = 'UTC' // values are told with local times

const OPERATOR = 'ann'

interface Script {
  heart: Heart
  short: JsonObject
}

export function annealerScript(): Handler {
  const script: Script = { heart: newHeart(makeLanguage()), short: {} }
  tell(script.heart, { kind: 'startSession', by: OPERATOR })
  return (step) => {
    const directive = DIRECTIVES[step.directive]
    if (!directive) throw new Error(`line ${step.line}: ${step.directive} is no directive`)
    const output = directive(script, step)
    expectSameFromScratch(script.heart.world)
    expectSameAfterReplay(script.heart)
    return output
  }
}

const DIRECTIVES: Record<string, (script: Script, step: Step) => string> = {
  site(script, { body }) {
    script.short = readShortSite(body)
    return ''
  },
  change(script, { body }) {
    script.short = changed(script.short, readShortSite(body))
    return ''
  },
  propose: (script) => turned(script, proposal(script)),
  commit(script, { args }) {
    const given = numberAfter(args, 'revision')
    const lines: string[] = []
    if (given === undefined) {
      const { answers } = tell(script.heart, proposal(script))
      const [first] = answers
      if (first && !first.ok) return refused(first.refusal)
    }
    const revision = given ?? Math.max(0, ...script.heart.world.revisions.keys())
    const onto = numberAfter(args, 'onto') ?? script.heart.world.head
    lines.push(turned(script, { kind: 'commitRevision', revision, onto, author: OPERATOR, message: '' }))
    return lines.join('\n')
  },
  discard: (script, { args }) =>
    turned(script, { kind: 'discardRevision', revision: Number(args), author: OPERATOR }),
  rollback: (script, { args }) =>
    turned(script, { kind: 'rollbackRevision', revision: Number(args), author: OPERATOR, message: '' }),
  contact(script, { args }) {
    const { words, json } = split(args)
    const due = whatIsDue(script.heart.world).contacts.map(({ name }) => name)
    const names = words[0] === 'all' ? due : words
    const outcome = { result: 'reached', facts: (json ?? {}) as JsonObject } as const
    return turned(script, ...names.map((node): Command => ({ kind: 'reportContact', node, outcome })))
  },
  lost(script, { args }) {
    const [node = '', code = '', ...known] = args.split(' ')
    const passing = known.length === 0 ? {} : { passing: known[0] === 'passing' }
    const outcome = { result: 'fault', fault: { ...faultOf(code), ...passing } } as const
    return turned(script, { kind: 'reportContact', node, outcome })
  },
  disconnect: (script, { args }) => turned(script, { kind: 'reportConnectionLost', node: args }),
  finish(script, { args }) {
    const [what = '', result = '', ...rest] = args.split(' ')
    const tail = rest.join(' ')
    const took = /\btook (\S+)/.exec(tail)?.[1]
    const outcome = result === 'ok' ? okWith(split(tail).json, took) : failedWith(tail)
    return report(script, what, outcome, numberAfter(tail, 'token'))
  },
  fault(script, { args }) {
    const [what = '', code = ''] = args.split(' ')
    return report(script, what, { result: 'fault', fault: faultOf(code), durationMs: 1_000 })
  },
  anneal: annealed,
  advance(script, { args }) {
    const ms = parseDuration(args)
    if (ms === undefined) throw new Error(`${args} is no duration`)
    script.heart.now += ms
    return turned(script, { kind: 'tick' })
  },
  retry(script, { args }) {
    const [id = '', ...why] = args.split(' ')
    const command = { kind: 'retryNodeRole', nodeRole: longId(script, id), by: OPERATOR } as const
    return turned(script, why.length === 0 ? command : { ...command, why: why.join(' ') })
  },
  approve(script, { args }) {
    const [id = '', ...variant] = args.split(' ')
    const meant = targetMeant(script.heart.world, id)
    if (!meant.ok) return refused(meant.refusal)
    const { scope } = meant.value
    const only = variant.length === 0 ? {} : { variant: variant.join(' ') }
    return turned(script, { kind: 'approve', scope, ...only, by: OPERATOR })
  },
  available(script, { args }) {
    const [node = '', is, ...why] = args.split(' ')
    const command = { kind: 'setAvailable', node, available: is === 'yes', by: OPERATOR } as const
    return turned(script, why.length === 0 ? command : { ...command, why: why.join(' ') })
  },
  rinse: (script, { args }) => turned(script, rinseCommand(script, args)),
  preview(script, { args }) {
    const { world } = script.heart
    const { nodeRoles, once } = rinseCommand(script, args)
    const named = nodeRoles.flatMap((id) => world.nodeRoles.get(id) ?? [])
    const preview = previewRinse(world, named, once)
    return preview.ok ? previewText(script, preview.value) : refused(preview.refusal)
  },
  hold(script, { args }) {
    const [target = '', ...why] = args.split(' ')
    return onScopes(script, [target], ([scope]) => ({ kind: 'hold', scope, by: OPERATOR, ...given(why) }))
  },
  release: (script, { args }) =>
    onScopes(script, [args], ([scope]) => ({ kind: 'release', scope, by: OPERATOR })),
  only: (script, { args }) =>
    onScopes(script, args.split(' '), (only) => ({ kind: 'chooseOnly', only, by: OPERATOR })),
  exec(script, { args }) {
    const meant = nodesMeant(script.heart.world, args === 'all' ? 'all' : { text: args })
    if (!meant.ok) return refusedAtLength(meant.refusal)
    const nodes = meant.value.map(({ name }) => name)
    const what = { argv: ['uptime'], become: false, selection: args, nodes }
    return turned(script, { kind: 'startExec', ...what, by: OPERATOR })
  },
  executed(script, { args }) {
    const [exec = '', node = '', exit = '0'] = args.split(' ')
    const outcome = { result: 'done', exit: Number(exit), durationMs: 1_000 } as const
    return turned(script, { kind: 'finishExec', exec, node, outcome })
  },
  execs: ({ heart }) =>
    [...heart.world.execs.values()]
      .map(viewExec)
      .flatMap(({ exec, nodes }) =>
        nodes.map(({ node, outcome }) => `${exec} ${node} ${outcome?.result ?? 'running'}`),
      )
      .join('\n'),
  cancel(script, { args }) {
    const [name = '', ...why] = args.split(' ')
    const what = name.startsWith('rinse-')
      ? ({ kind: 'cancelRinse', rinse: name } as const)
      : ({ kind: 'cancelRun', run: name } as const)
    return turned(script, { ...what, by: OPERATOR, ...given(why) })
  },
  forget: (script, { args }) => turned(script, { kind: 'forgetNode', node: args, by: OPERATOR }),
  stop: (script) => turned(script, { kind: 'stopClaiming', by: OPERATOR }),
  restart(script, { args }) {
    restart(script.heart)
    return turned(script, { kind: 'startSession', by: OPERATOR, stays: args === 'stays' })
  },
  session(script, { args }) {
    const only = (['checks', 'repairs'] as const).find((word) => args.includes(word))
    const stays = args.includes('stays')
    return turned(script, { kind: 'startSession', by: OPERATOR, stays, ...(only ? { only } : {}) })
  },
  check(script, { args }) {
    const nodeRoles = args.split(' ').filter((id) => id !== '')
    const asked = nodeRoles.length === 0 ? {} : { nodeRoles: nodeRoles.map((id) => longId(script, id)) }
    return turned(script, { kind: 'askCheck', by: OPERATOR, ...asked })
  },
  found(script, { args, body }) {
    const [node = '', fault, code = ''] = args.split(' ')
    if (fault === 'of' || fault === 'token') {
      const check = /\bof (\S+)/.exec(args)?.[1] ?? script.heart.world.nodes.get(node)?.check?.check ?? ''
      const outcome = { result: 'done' as const, findings: [], durationMs: 5 }
      return turned(script, {
        kind: 'reportCheck',
        check,
        token: numberAfter(args, 'token') ?? 0,
        node,
        outcome,
      })
    }
    if (fault === undefined) return turned(script, checked(script, node, body.split('\n')))
    const outcome = { result: 'fault', fault: faultOf(code), durationMs: 5 } as const
    return turned(script, { ...checked(script, node, []), outcome })
  },
  why(script, { args }) {
    const [id = '', input] = args.split(' ')
    const nodeRole = script.heart.world.nodeRoles.get(longId(script, id))
    if (!nodeRole) return `there is no ${id}`
    const view = explain(script.heart.world, nodeRole, input)
    const asked = view.inputs.find((one) => one.input === input)
    return asked ? renderAll(inputLines(asked, true), false).trimEnd() : whyText(script, view)
  },
  trace(script, { args }) {
    const words = args.split(' ')
    const whole = words[0] === '--all'
    const roots = rootsMeant(script.heart.world, whole ? words.slice(1) : words)
    if (!roots.ok) return refused(roots.refusal)
    return renderAll(traceLines(trace(script.heart.world, roots.value, whole), whole), false).trimEnd()
  },
  meant(script, { args }) {
    const meant = targetMeant(script.heart.world, args)
    if (!meant.ok) return refusedAtLength(meant.refusal)
    const { scope, nodeRoles } = meant.value
    return [scopeExactly(scope), ...nodeRoles.map(({ id }) => `  ${id}`).sort()].join('\n')
  },
  status(script) {
    const { world } = script.heart
    const status = viewStatus(world)
    const head = `revision ${status.revision}, ${status.ready ? 'ready' : status.atRest ? 'at rest' : 'moving'}`
    const lines = status.nodeRoles.map(
      (view) =>
        `${shortId(script, view.id)}  ${view.state}${view.leaving ? ', leaving' : ''}: ${reasonWords(view.id, view.reason, script.heart.now).says}`,
    )
    return [head, ...lines].join('\n')
  },
  due: (script) => dueLine(script),
  placed: ({ heart: { world } }) =>
    Object.entries(world.target?.deployments ?? {})
      .flatMap(([deployment, { placements }]) =>
        placements.map(({ role, members, count, broughtInBy }) => {
          const wanted = count === undefined ? '' : `  (${members.length} of ${count})`
          const by = broughtInBy === undefined ? '' : `  for ${broughtInBy}`
          return `${deployment}/${role}  ${members.join(' ') || '(nowhere)'}${wanted}${by}`
        }),
      )
      .join('\n'),
  diff(script) {
    const diff = diffSite(script.heart.world, shortSite(script.short))
    if (!diff.ok) return refused(diff.refusal)
    const { changes, mayFollow, nodesAdded, nodesRemoved } = diff.value
    const lines = changes.map((change) => {
      const later = change.knownAfter.map(({ input, runs, contacts, more }) => {
        const after = [...runs.map((id) => shortId(script, id)), ...contacts.map((node) => `contact ${node}`)]
        const others = more > 0 ? ` and ${more} more` : ''
        return `, ${input} known after ${after.join(', ') || 'who knows what'}${others}`
      })
      const marks = [change.destructive ? ', destructive' : '', changesText(change.inputs), ...later].join('')
      return `${change.what} ${shortId(script, change.nodeRole)}  because ${causeWords(change.cause)}${marks}`
    })
    const nodes = [
      ...nodesAdded.map((node) => `node ${node} added`),
      ...nodesRemoved.map((node) => `node ${node} removed`),
    ]
    const follows = mayFollow.map(
      ({ nodeRole, input, after }) =>
        `may follow ${shortId(script, nodeRole)}  by its input ${input}, if ${shortId(script, after)} says something new`,
    )
    return [...nodes, ...lines, ...follows].join('\n') || '(no difference)'
  },
  estimate(script) {
    const diff = diffSite(script.heart.world, shortSite(script.short))
    if (!diff.ok) return refused(diff.refusal)
    const { estimate, nodes } = diff.value
    if (!estimate) return 'nothing would run'
    const { lowMs, expectedMs, highMs, runs, left, guessed } = estimate
    const known = guessed.length === 0 ? '' : `, never measured: ${guessed.join(', ')}`
    return `${runs} runs on ${nodes} nodes, ${left} left: ${expectedMs / 1_000}s, from ${lowMs / 1_000}s to ${highMs / 1_000}s${known}`
  },
  timeline: ({ heart }) =>
    [...heart.world.revisions.values()]
      .map(({ revision, onto, status, author }) => `${revision} onto ${onto}  ${status} (${author})`)
      .join('\n'),
  'critical-path'(script, { args }) {
    const { world } = script.heart
    const record = world.cycles.find(({ cycle }) => cycle === Number(args))
    if (!record) return `there is no cycle ${args}`
    const { steps, endMs, most, cycle } = criticalPath(world, record)
    const lines = steps.map(
      ({ run, nodeRole, tookMs, waitedMs, waitedFor }) =>
        `${run} ${shortId(script, nodeRole)}  ${tookMs / 1_000}s, ${waitedMs / 1_000}s after ${pathWaitWords(waitedFor)}`,
    )
    return [...lines, `rest ${endMs / 1_000}s later`, most ? speedUpWords(most, cycle.wallMs) : '']
      .join('\n')
      .trimEnd()
  },
  cycles: ({ heart }) => viewCycles(heart.world).cycles.map(cycleLine).join('\n') || '(none)',
}

/** The wall time of a script is that of its `advance`s. */
function cycleLine(cycle: CycleView): string {
  const { runs, reruns, retries, failed, nodes, touches, facts, wallMs, temperatures } = cycle
  const curve = temperatures.map(([ms, temperature]) => `${temperature} at ${ms / 1_000}s`).join(', ')
  return [
    `${cycle.cycle}  ${cycleCauseWords(cycle.cause)}: ${cycle.result ?? 'going on'} after ${wallMs / 1_000}s`,
    `   runs ${runs}, reruns ${reruns}, retries ${retries}, failed ${failed}, nodes ${nodes}, touches ${touches}, facts ${facts}`,
    `   temperature ${curve}`,
  ].join('\n')
}

function given(why: readonly string[]): { why?: string } {
  return why.length === 0 ? {} : { why: why.join(' ') }
}

function onScopes(
  script: Script,
  targets: readonly string[],
  command: (scopes: [Scope, ...Scope[]]) => Command,
): string {
  const scopes: Scope[] = []
  for (const target of targets) {
    const meant = target === 'site' ? undefined : targetMeant(script.heart.world, target)
    if (meant && !meant.ok) return refusedAtLength(meant.refusal)
    scopes.push(meant?.value.scope ?? { kind: 'site' })
  }
  return turned(script, command(scopes as [Scope, ...Scope[]]))
}

function proposal({ short }: Script): Command {
  return { kind: 'proposeRevision', site: shortSite(short), author: OPERATOR, message: '' }
}

function rinseCommand(script: Script, args: string): Extract<Command, { kind: 'rinse' }> {
  const [what = '', why] = args.split(' because ')
  const words = what.split(' ')
  const once = words.includes('once')
  const nodeRoles = [...script.heart.world.nodeRoles.values()].flatMap(({ id, nodeName, group }) => {
    const names = [nodeName, group.role.name, shortId(script, id), id, 'all']
    return words.some((word) => names.includes(word)) ? [id] : []
  })
  return { kind: 'rinse', nodeRoles, once, by: OPERATOR, ...(why === undefined ? {} : { why }) }
}

function previewText(script: Script, preview: RinsePreview): string {
  const names = (ids: readonly string[]): string => ids.map((id) => shortId(script, id)).join(', ')
  return [
    ...preview.removes.map(
      (step) => `remove ${names(step.nodeRoles)}${step.nothingToRemove ? '    (nothing to remove)' : ''}`,
    ),
    ...preview.applies.map((step) => `apply ${names(step.nodeRoles)}`),
    ...preview.leftOut.map(({ nodeRole, why }) => `left out ${shortId(script, nodeRole)}    ${why}`),
    ...preview.held.map(({ nodeRole, node }) => `held by ${shortId(script, nodeRole)} on ${node}`),
    ...(preview.stays.length === 0 ? [] : [`stays ${names(preview.stays)}`]),
  ].join('\n')
}

/** One turn, as lines: what happened, what changed by it, what did not although it reads what changed, what is due. */
function turned(script: Script, ...commands: Command[]): string {
  const made = tell(script.heart, ...commands)
  const lines = made.answers.flatMap((given) => (given.ok ? [] : [refused(given.refusal)]))
  lines.push(...made.events.flatMap((event) => eventLine(script, event)))
  lines.push(...changeLines(script, made), ...unmoved(script, made))
  return [...lines, dueLine(script)].join('\n')
}

function changeLines(script: Script, made: Turn): string[] {
  const all = [...made.changed].sort(([a], [b]) => (a.id < b.id ? -1 : 1))
  return all.flatMap(([nodeRole, before]) => {
    const { state } = nodeRole
    const id = shortId(script, nodeRole.id)
    if (state === undefined) return before === undefined ? [] : [`${id}  ${before} -> gone`]
    const { reason } = judge(script.heart.world, nodeRole)
    const says = QUIET.has(reason.kind)
      ? ''
      : `    ${reasonWords(nodeRole.id, reason, script.heart.now).says}`
    return [before === state ? `${id}  ${state}${says}` : `${id}  ${before ?? 'new'} -> ${state}${says}`]
  })
}

/** Reasons that the state and the event beside it say already. */
const QUIET = new Set(['running', 'current', 'milestone'])

/** Active ones that read an output of what has just run, and had no cause to run. */
function unmoved(script: Script, made: Turn): string[] {
  const readers = new Set<NodeRole>()
  for (const event of made.events) {
    if (event.kind !== 'runFinished' || event.outcome.result !== 'ok') continue
    const source = script.heart.world.nodeRoles.get(event.nodeRole)
    for (const { reader, output } of source?.group.readers ?? []) {
      if (!source?.group.lateOutputs.includes(output)) continue
      for (const member of reader.members.values()) readers.add(member)
    }
  }
  return [...readers]
    .filter((reader) => reader.state === 'active' && !made.changed.has(reader))
    .map((reader) => `${shortId(script, reader.id)}  active    same input: no run`)
    .sort()
}

/** The chain of reasons, then each input with its value and where it came from, then each output. */
function whyText(script: Script, { chain, inputs, outputs, variant, lastCause }: WhyView): string {
  const { now } = script.heart
  const links = chain.map(({ nodeRole, state, reason }, depth) => {
    const says = reasonWords(nodeRole, reason, now).says
    return `${'  '.repeat(depth)}${shortId(script, nodeRole)}  ${state}: ${says}`
  })
  const last = lastCause
    ? [`${lastCause.run} ran because ${causeWords(lastCause.cause)}${changesText(lastCause.changes)}`]
    : []
  const shown = inputs.flatMap((input) => [
    `${input.input} = ${input.sensitive ? '(sensitive)' : (JSON.stringify(input.value) ?? '?')}    ${inputOrigin(input)}`,
    ...input.candidates
      .filter(({ wins, origin }) => !wins && origin && input.candidates.length > 1)
      .map(({ value, origin }) => `  not ${JSON.stringify(value)}    ${origin ? originWords(origin) : ''}`),
    ...input.sources.flatMap((source) => sourceText(source, 1)),
  ])
  const said = outputs.map(
    (output) =>
      `says ${output.output} = ${output.sensitive ? '(sensitive)' : (JSON.stringify(output.value) ?? '?')}    ${outputWords(output)}`,
  )
  const on = variant === undefined ? [] : [`on ${variant}`]
  return [...links, ...on, ...last, ...shown, ...said].join('\n')
}

function inputOrigin({ unbound, origin }: InputView): string {
  return unbound ? unboundWords(unbound).says : origin ? originWords(origin) : ''
}

function sourceText({ what, value, sensitive, origin, sources }: SourceView, depth: number): string[] {
  const shown = sensitive ? '(sensitive)' : (JSON.stringify(value) ?? '?')
  return [
    `${'  '.repeat(depth)}${what} = ${shown}    ${originWords(origin)}`,
    ...sources.flatMap((source) => sourceText(source, depth + 1)),
  ]
}

function changesText(changes: readonly InputChange[]): string {
  return changes
    .map(({ input, before, after, sensitive }) =>
      sensitive
        ? `, ${input} (sensitive)`
        : `, ${input} ${JSON.stringify(before) ?? '-'} -> ${JSON.stringify(after) ?? '-'}`,
    )
    .join('')
}

function eventLine(script: Script, event: Event): string[] {
  switch (event.kind) {
    case 'revisionProposed':
      return [`${event.kind} ${event.revision} onto ${event.onto}`]
    case 'revisionCommitted':
    case 'revisionDiscarded':
      return [`${event.kind} ${event.revision}`]
    case 'sessionStarted':
      return [
        `${event.kind} ${event.session}${event.stays ? ', stays' : ''}${event.only ? `, only ${event.only}` : ''}`,
      ]
    case 'rinseCancelled':
      return [`${event.kind} ${event.rinse}`]
    case 'rinseAsked':
      return [
        `${event.kind} ${event.rinse} of ${event.nodeRoles.map((id) => shortId(script, id)).join(', ')}`,
      ]
    case 'tokenIssued':
    case 'tokenUsed':
    case 'tokenRevoked':
      return [`${event.kind} ${event.token}`]
    case 'runnerInvited':
    case 'runnerEnrolled':
    case 'runnerArrived':
    case 'runnerLeft':
    case 'runnerDrained':
    case 'runnerResumed':
    case 'runnerRevoked':
      return [`${event.kind} ${event.runner}`]
    case 'requestAudited':
    case 'claimingStopped':
      return [event.kind]
    case 'held':
    case 'released':
      return [`${event.kind} ${scopeName(event.scope)}`]
    case 'onlyChosen':
      return [`${event.kind} ${event.only.map(scopeName).join(', ')}`]
    case 'execStarted':
      return [`${event.kind} ${event.exec} ${event.nodes.join(', ')}`]
    case 'execFinished':
      return [`${event.kind} ${event.exec} ${event.node} ${event.outcome.result}`]
    case 'runCancelAsked':
      return [`${event.kind} ${event.run}`]
    case 'factsChanged':
    case 'nodeReached':
    case 'connectionLost':
    case 'nodeForgotten':
      return [`${event.kind} ${event.node}`]
    case 'nodeLost':
      return [`${event.kind} ${event.node} ${event.fault.code}`]
    case 'availabilityChanged':
      return [`${event.kind} ${event.node} ${event.available ? 'yes' : 'no'}`]
    case 'runStarted': {
      const attempt = event.attempt > 1 ? `, attempt ${event.attempt}` : ''
      const id = shortId(script, event.nodeRole)
      return [`${event.kind} ${event.run} ${event.action} ${id}    ${causeWords(event.cause)}${attempt}`]
    }
    case 'runFinished': {
      const code = event.outcome.result === 'fault' ? ` ${event.outcome.fault.code}` : ''
      return [`${event.kind} ${event.run} ${event.outcome.result}${code}`]
    }
    case 'checkAsked':
      return [event.kind]
    case 'checkStarted':
      return [
        `${event.kind} ${event.check} ${event.node}    ${event.nodeRoles.map((id) => shortId(script, id)).join(', ')}`,
      ]
    case 'checkFinished': {
      const told = event.findings.filter(({ found }) => found !== 'asAsked')
      const words = told.map(({ nodeRole, found }) => `${shortId(script, nodeRole)} ${found}`).join(', ')
      return [`${event.kind} ${event.check}    ${words || 'as asked'}`]
    }
    case 'checkLost':
      return [`${event.kind} ${event.check}    ${event.why}`]
    case 'runLost':
      return [`${event.kind} ${event.run}    ${event.why}`]
    case 'cycleBegan':
    case 'temperatureChanged':
    case 'cycleEnded':
      return []
    case 'rolloutPlanned':
      return event.variants.map(
        ({ variant, nodes }) => `${event.kind} ${event.rollout} ${variant}: ${nodes.join(' ')}`,
      )
    case 'stepOpened':
      return [`${event.kind} ${event.rollout} ${event.variant}: ${event.nodes.join(' ')}`]
    case 'stepApproved':
      return [`${event.kind} ${event.rollout} ${event.variant}`]
    case 'failuresAllowed':
      return [`${event.kind} ${event.group}`]
    case 'rolloutEnded':
      return [`${event.kind} ${event.rollout}`]
    case 'nodeRoleRemoved':
    case 'rerunAsked':
    case 'nodeRoleRinsed':
      return [`${event.kind} ${shortId(script, event.nodeRole)}`]
  }
}

function dueLine({ heart }: Script): string {
  const { runs, checks, contacts, wakeAt } = whatIsDue(heart.world)
  const parts = [
    ...[...runs].map(({ run, cancelAsked }) => (cancelAsked ? `${run} to be cancelled` : run)),
    ...[...checks].map(({ check }) => check?.check ?? ''),
    ...contacts.map(({ name }) => `contact ${name}`),
    ...(wakeAt === undefined ? [] : [`wake in ${(wakeAt - heart.now) / 1_000}s`]),
  ]
  return `due  ${parts.join(', ') || (isAtRest(heart.world) ? '(none, at rest)' : '(none)')}`
}

function refused(refusal: Parameters<typeof refusalWords>[0]): string {
  return `refused ${refusal.code}: ${refusalWords(refusal).says}`
}

function refusedAtLength(refusal: Parameters<typeof refusalWords>[0]): string {
  const { says, next } = refusalWords(refusal)
  return `refused ${refusal.code}: ${says}${next === undefined ? '' : `; ${next}`}`
}

function report(script: Script, what: string, outcome: RunOutcome, token?: number): string {
  const { world } = script.heart
  const flying = [...world.inFlight]
  const records =
    what === 'all'
      ? flying
      : what.startsWith('run-')
        ? [world.runs.get(what) ?? { run: what, token: 0 }]
        : flying.filter(({ nodeRole }) => nodeRole === longId(script, what))
  if (records.length === 0) throw new Error(`${what} is not in flight`)
  const commands = records.map(
    (record): Command => ({ kind: 'reportRun', run: record.run, token: token ?? record.token, outcome }),
  )
  return turned(script, ...commands)
}

/** Reaches every node and lets every run succeed, until rest; one line for each run, in the order of their claims. */
function annealed(script: Script, { args, body }: Step): string {
  const dead = args.split(' ').slice(1)
  const outputs = new Map(
    body.split('\n').flatMap((line): [string, JsonObject[]][] => {
      const [{ words, json } = { words: [] }, ...more] = line.split(' or ').map(split)
      const all = [json, ...more.map((one) => one.json)].map((one) => (one ?? {}) as JsonObject)
      return words[0] === undefined ? [] : [[words[0], all]]
    }),
  )
  const { heart } = script
  const before = heart.recorded.length
  for (let turns = 0; ; turns++) {
    if (turns > 500) throw new Error('it does not come to rest')
    const commands = dueCommands(script, outputs, dead)
    if (commands.length === 0) break
    tell(heart, ...commands)
  }
  const lines = heart.recorded
    .slice(before)
    .flatMap(({ event }) => (WORTH_TELLING.has(event.kind) ? eventLine(script, event) : []))
  const rest = [...heart.world.nodeRoles.values()].filter((nodeRole) => nodeRole.state !== 'active')
  const left = rest
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .map((nodeRole) => {
      const { state, reason } = judge(heart.world, nodeRole)
      return `${shortId(script, nodeRole.id)}  ${state}    ${reasonWords(nodeRole.id, reason, heart.now).says}`
    })
  return [...lines, ...left, left.length === 0 ? 'ready' : 'at rest'].join('\n')
}

const WORTH_TELLING = new Set<Event['kind']>([
  'runStarted',
  'nodeRoleRemoved',
  'factsChanged',
  'stepOpened',
  'rolloutEnded',
])

function dueCommands(
  script: Script,
  outputs: ReadonlyMap<string, JsonObject[]>,
  dead: readonly string[],
): Command[] {
  const { heart } = script
  const { runs, checks, contacts, wakeAt } = whatIsDue(heart.world)
  const restful = isAtRest(heart.world)
  const commands: Command[] = [...runs].map(({ run, token, nodeRole }) => {
    const role = nodeRole.split('/').at(-1) as string
    const told = outputs.get(shortId(script, nodeRole)) ?? outputs.get(role) ?? []
    const before = [...heart.world.runs.values()].filter((one) => one.nodeRole === nodeRole).length - 1
    return { kind: 'reportRun', run, token, outcome: okWith(told[before % told.length]) }
  })
  for (const { name } of checks) commands.push(checked(script, name, []))
  for (const node of contacts) {
    if (restful && dead.includes(node.name)) continue
    const outcome = dead.includes(node.name)
      ? ({ result: 'fault', fault: faultOf('unreachable') } as const)
      : ({ result: 'reached', facts: outputs.get(node.name)?.[0] ?? node.facts ?? {} } as const)
    commands.push({ kind: 'reportContact', node: node.name, outcome })
  }
  if (commands.length === 0 && wakeAt !== undefined && !restful) {
    heart.now = Math.max(heart.now, wakeAt)
    commands.push({ kind: 'tick' })
  }
  return commands
}

function okWith(outputs: Json | undefined, took = '1s'): RunOutcome {
  const durationMs = parseDuration(took) ?? 0
  return { result: 'ok', outputs: (outputs ?? {}) as JsonObject, filesChanged: [], durationMs }
}

function failedWith(text: string): RunOutcome {
  const message = /"(.*)"/.exec(text)?.[1] ?? 'it said no'
  return {
    result: 'failed',
    exit: 1,
    message,
    tail: '',
    retry: !text.endsWith('for good'),
    durationMs: 1_000,
  }
}

/** The report of the check in flight, by who looks as the order says. */
function checked(
  script: Script,
  name: string,
  lines: readonly string[],
): Extract<Command, { kind: 'reportCheck' }> {
  const node = script.heart.world.nodes.get(name)
  const check = node?.check
  if (!check) throw new Error(`${name} is not being looked at`)
  const findings = Object.keys(check.of).map((nodeRole): Finding => {
    const role = nodeRole.split('/').at(-1)
    const [, found, what = ''] =
      lines.map((line) => line.split(/ (\S+) /)).find(([first]) => first === role) ?? []
    if (found === 'unknown') return { nodeRole, found, message: what }
    const part = checkOrderOf(script.heart.world, node)?.parts.find((one) => one.nodeRole === nodeRole)
    const isAllowed = part?.allow.some((glob) => matchesGlob(glob, what)) ?? false
    if (found !== 'drifted' || isAllowed) return { nodeRole, found: 'asAsked' }
    return { nodeRole, found, differences: [{ kind: 'file', path: what, differs: ['content'] }] }
  })
  const outcome = { result: 'done', findings, durationMs: 5 } as const
  return { kind: 'reportCheck', check: check.check, token: check.token, node: name, outcome }
}

function faultOf(code: string): NodeFault {
  return { code: code as NodeFaultCode, message: `${code}, says the script` }
}

/** Words up to the first brace, and the JSON from there to the last one. */
function split(text: string): { words: string[]; json?: Json } {
  const brace = text.indexOf('{')
  const words = (brace < 0 ? text : text.slice(0, brace)).split(' ').filter((word) => word !== '')
  return brace < 0
    ? { words }
    : { words, json: JSON.parse(text.slice(brace, text.lastIndexOf('}') + 1)) as Json }
}

function numberAfter(text: string, word: string): number | undefined {
  const found = new RegExp(`\\b${word} (\\d+)`).exec(text)?.[1]
  return found === undefined ? undefined : Number(found)
}

function shortId(script: Script, id: string): string {
  return onlyDeployment(script) === undefined ? id : id.slice(id.indexOf('/') + 1)
}

function longId(script: Script, id: string): string {
  const only = onlyDeployment(script)
  return only === undefined || id.split('/').length > 2 ? id : `${only}/${id}`
}

function onlyDeployment({ short }: Script): string | undefined {
  const names = Object.keys((short['deployments'] ?? {}) as JsonObject)
  return names.length === 1 ? names[0] : undefined
}
