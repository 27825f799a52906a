// The log of a server: what happens in its site, and every request that it answered; each refusal stands out.
import { cycleCauseWords } from '../model/cycle-words.ts'
import type { JsonObject } from '../base/json.ts'
import type { Log, LogLevel } from '../base/log.ts'
import type { ServedTurn } from '../engine/serving.ts'
import type { AnsweredRequest } from '../model/door-watch.ts'
import type { Event } from '../model/event.ts'
import type { RunOutcome } from '../model/run.ts'
import { scopeName } from '../model/scope.ts'

export function logTurn(log: Log, { events, feed, at, first }: ServedTurn): void {
  events.forEach((event, index) => {
    const line = lineOf(event)
    if (line) log(line.level, line.message, { seq: first + index, ...line.fields })
  })
  for (const one of feed) {
    if (one.kind === 'drift')
      log('warn', 'drift found', { nodeRole: one.nodeRole, policy: one.policy, what: one.what, at })
    if (one.kind === 'notice') log('info', one.message, one.node === undefined ? {} : { node: one.node })
  }
}

export function logRequest(log: Log, request: AnsweredRequest): void {
  const { id, method, route, status, durationMs, stream, principal, code } = request
  const fields: JsonObject = {
    request: id,
    method,
    route,
    status,
    durationMs: Math.round(durationMs * 10) / 10,
  }
  if (principal !== undefined) fields['principal'] = principal
  if (code !== undefined) fields['code'] = code
  if (stream) fields['stream'] = true
  // A server that ends says so to whoever asks for more: that is no failure.
  if (status >= 500 && code !== 'draining') return log('error', 'request failed', fields)
  if (status >= 400) return log('warn', 'request refused', fields)
  log(method === 'GET' || method === 'HEAD' ? 'debug' : 'info', 'request answered', fields)
}

interface Line {
  level: LogLevel
  message: string
  fields: JsonObject
}

/** Facts, inputs, targets and what scripts printed stay out of it: the journal has them, and knows what is sensitive. */
function lineOf(event: Event): Line | undefined {
  switch (event.kind) {
    case 'sessionStarted':
      return line('info', 'session started', { session: event.session, by: event.by })
    case 'revisionProposed': {
      const { revision, onto, author } = event
      return line('info', 'revision proposed', { revision, onto, by: author })
    }
    case 'revisionCommitted':
      return line('info', 'revision committed', { revision: event.revision, by: event.author })
    case 'revisionDiscarded':
      return line('info', 'revision discarded', { revision: event.revision, by: event.author })
    case 'cycleBegan': {
      const { cycle, cause } = event
      return line('info', 'cycle began', { cycle, cause: cause.kind, words: cycleCauseWords(cause) })
    }
    case 'cycleEnded': {
      const level = event.result === 'problems' ? 'warn' : 'info'
      return line(level, 'cycle ended', { cycle: event.cycle, result: event.result })
    }
    case 'runStarted': {
      const { run, nodeRole, action, attempt, cause } = event
      return line('debug', 'run started', { run, nodeRole, action, attempt, cause: cause.kind })
    }
    case 'runFinished':
      return endLine(event.run, event.nodeRole, event.outcome)
    case 'runLost':
      return line('warn', 'run lost', { run: event.run, nodeRole: event.nodeRole, why: event.why })
    case 'nodeLost': {
      const { node, fault, tries } = event
      const level = tries === 1 ? 'warn' : 'debug'
      return line(level, 'node lost', { node, fault: fault.code, why: fault.message, tries })
    }
    case 'nodeReached':
      return line('debug', 'node reached', { node: event.node })
    case 'held':
    case 'released':
      return line('info', event.kind, { scope: scopeName(event.scope), by: event.by })
    case 'rinseAsked':
      return line('info', 'rinse asked for', {
        rinse: event.rinse,
        nodeRoles: event.nodeRoles.length,
        by: event.by,
      })
    case 'rinseCancelled':
      return line('info', 'rinse cancelled', { rinse: event.rinse, by: event.by })
    case 'rerunAsked':
      return line('info', 'run asked for', { nodeRole: event.nodeRole, by: event.by })
    case 'runCancelAsked':
      return line('info', 'cancel asked for', { run: event.run, nodeRole: event.nodeRole, by: event.by })
    case 'claimingStopped':
      return line('info', 'stopped', { by: event.by })
    case 'nodeForgotten':
      return line('info', 'node forgotten', { node: event.node, by: event.by })
    case 'execStarted':
      return line('info', 'exec started', { exec: event.exec, nodes: event.nodes.length, by: event.by })
    case 'stepApproved':
      return line('info', 'step approved', { rollout: event.rollout, group: event.group, by: event.by })
    default:
      return undefined
  }
}

function line(level: LogLevel, message: string, fields: JsonObject): Line {
  return { level, message, fields }
}

function endLine(run: string, nodeRole: string, outcome: RunOutcome): Line {
  const { result, durationMs } = outcome
  const fields: JsonObject = { run, nodeRole, durationMs: Math.round(durationMs) }
  switch (result) {
    case 'ok':
      return line(
        'debug',
        'run ended',
        outcome.changed === undefined ? fields : { ...fields, changed: outcome.changed },
      )
    case 'failed':
      return line('warn', 'run failed', { ...fields, why: outcome.message })
    case 'fault':
      return line('warn', 'run not finished', {
        ...fields,
        fault: outcome.fault.code,
        why: outcome.fault.message,
      })
  }
}
