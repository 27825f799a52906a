// Operations that are now these and now those: whoever holds on to them asks whichever they are by then.
import type { Operations } from '../model/operations.ts'

export function switchingOperations(now: () => Operations): Operations {
  return {
    access: {
      tokens: () => now().access.tokens(),
      issueToken: (request) => now().access.issueToken(request),
      revokeToken: (token, by, why) => now().access.revokeToken(token, by, why),
      useToken: (token) => now().access.useToken(token),
      audit: (filter) => now().access.audit(filter),
      note: (note) => now().access.note(note),
    },
    runners: {
      list: () => now().runners.list(),
      invite: (request) => now().runners.invite(request),
      enrol: (runner, hash, key) => now().runners.enrol(runner, hash, key),
      drain: (runner, by, why) => now().runners.drain(runner, by, why),
      resume: (runner, by, why) => now().runners.resume(runner, by, why),
      revoke: (runner, by, why) => now().runners.revoke(runner, by, why),
    },
    status: (most) => now().status(most),
    why: (nodeRole, input) => now().why(nodeRole, input),
    trace: (words, whole) => now().trace(words, whole),
    files: (nodeRole, clear) => now().files(nodeRole, clear),
    runs: (filter) => now().runs(filter),
    nodes: () => now().nodes(),
    facts: (node) => now().facts(node),
    diff: (site) => now().diff(site),
    dryRun: (request) => now().dryRun(request),
    rehearse: (request) => now().rehearse(request),
    timeline: () => now().timeline(),
    show: (revision) => now().show(revision),
    cycles: () => now().cycles(),
    cycle: (number) => now().cycle(number),
    propose: (request) => now().propose(request),
    rollback: (revision, by, message) => now().rollback(revision, by, message),
    discard: (revision, by) => now().discard(revision, by),
    commit: (request) => now().commit(request),
    up: (request) => now().up(request),
    control: (control, request) => now().control(control, request),
    rinse: (request) => now().rinse(request),
    drift: (request) => now().drift(request),
    exec: (request) => now().exec(request),
    execs: (limit) => now().execs(limit),
    forget: (node, request) => now().forget(node, request),
    close: () => now().close(),
  }
}
