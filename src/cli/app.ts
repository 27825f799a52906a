// The table of commands, and how Stricli is to read and explain them.
import { type Application, buildApplication, buildRouteMap } from '@stricli/core'
import { command, type Context } from './command.ts'
import { SHELLS } from './completion-scripts.ts'
import { helpFlag } from './help-flag.ts'
import { parseShell } from './parse.ts'
import * as access from './specs/access.ts'
import * as changing from './specs/changing.ts'
import * as exec from './specs/exec.ts'
import * as controlling from './specs/controlling.ts'
import { serveCommand } from './specs/serving.ts'
import { journalCommand } from './specs/journal.ts'
import { labCommand } from './specs/lab.ts'
import * as looking from './specs/looking.ts'
import { runnerCommand, runnersCommand } from './specs/runners.ts'
import { secretsCommand } from './specs/secrets.ts'
import { simulateCommand } from './specs/simulating.ts'
import { json } from './specs/shared.ts'
import { USAGE_TEXT } from './usage-text.ts'

const completionCommand = command({
  load: async () => (await import('./commands/completion.ts')).default,
  parameters: {
    positional: {
      kind: 'tuple',
      parameters: [
        {
          parse: parseShell,
          placeholder: 'SHELL',
          brief: SHELLS.join(', '),
          proposeCompletions: () => SHELLS,
        },
      ],
    },
  },
  docs: {
    brief: 'The script that makes a shell complete these words',
    more: `  source <(anneal completion bash)
  source <(anneal completion zsh)
  anneal completion fish | source`,
  },
})

const versionCommand = command({
  load: async () => (await import('./commands/version.ts')).default,
  parameters: { flags: { json } },
  docs: { brief: 'Which Anneal this is', more: '  anneal version' },
})

const ROUTES = {
  up: changing.upCommand,
  diff: changing.diffCommand,
  simulate: simulateCommand,
  propose: changing.proposeCommand,
  commit: changing.commitCommand,
  discard: changing.discardCommand,
  rollback: changing.rollbackCommand,
  timeline: looking.timelineCommand,
  show: looking.showCommand,
  status: looking.statusCommand,
  watch: looking.watchCommand,
  why: looking.whyCommand,
  trace: looking.traceCommand,
  logs: looking.logsCommand,
  runs: looking.runsCommand,
  cycles: looking.cyclesCommand,
  nodes: looking.nodesCommand,
  facts: looking.factsCommand,
  files: looking.filesCommand,
  approve: controlling.approveCommand,
  retry: controlling.retryCommand,
  run: controlling.runCommand,
  hold: controlling.holdCommand,
  release: controlling.releaseCommand,
  pause: controlling.pauseCommand,
  resume: controlling.resumeCommand,
  cancel: controlling.cancelCommand,
  stop: controlling.stopCommand,
  serve: serveCommand,
  exec: exec.execCommand,
  execs: exec.execsCommand,
  rinse: changing.rinseCommand,
  drift: changing.driftCommand,
  forget: changing.forgetCommand,
  secrets: secretsCommand,
  validate: changing.validateCommand,
  runner: runnerCommand,
  runners: runnersCommand,
  token: access.tokenCommand,
  audit: access.auditCommand,
  journal: journalCommand,
  ui: access.uiCommand,
  lab: labCommand,
  completion: completionCommand,
  version: versionCommand,
}
const ALIASES = { cycle: 'cycles' } as const

/** All of them, or where `name` is one of them that one alone: to check each against all that it may not be called costs as much as to run one. */
export function appFor(name?: string): Application<Context> {
  const one = name !== undefined && Object.hasOwn(ROUTES, name) ? (name as keyof typeof ROUTES) : undefined
  const docs = { brief: 'Brings machines to the state that was asked for, and keeps them there' }
  const root =
    one === undefined
      ? buildRouteMap({ routes: ROUTES, aliases: ALIASES, docs })
      : buildRouteMap({ routes: { [one]: ROUTES[one] }, docs })
  return buildApplication(
    root,
    {
      name: 'anneal',
      scanner: { caseStyle: 'allow-kebab-for-camel', allowArgumentEscapeSequence: true },
      documentation: { disableAnsiColor: true, useAliasInUsageLine: false, onlyRequiredInUsageLine: true },
      localization: { text: USAGE_TEXT },
    },
    { help: helpFlag },
  )
}
