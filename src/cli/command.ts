// One command as Stricli takes it: its flags and help at once, its code when it is called, its exit code handed back.
import {
  type BaseArgs,
  type BaseFlags,
  buildCommand,
  type Command,
  type CommandContext,
  type TypedCommandParameters,
} from '@stricli/core'
import type { Door } from './door.ts'

/** What Stricli hands to commands: the door, and where the exit code goes. */
export interface Context extends CommandContext {
  readonly process: {
    stdout: { write(text: string): void }
    stderr: { write(text: string): void }
    exitCode?: number
  }
  readonly door: Door
  /** The line as it was given, for completions that look at what stands before. */
  readonly words: readonly string[]
}

export interface CommandSpec<FLAGS extends BaseFlags, ARGS extends BaseArgs> {
  /** A command's module is loaded when it runs; what it resolves to is the exit code. */
  load(): Promise<(door: Door, flags: FLAGS, ...args: ARGS) => Promise<number>>
  parameters: NoInfer<TypedCommandParameters<FLAGS, ARGS, Context>>
  /** `more`: what `--help` says below the brief, with an example. */
  docs: { brief: string; more: string }
}

export function command<FLAGS extends BaseFlags, ARGS extends BaseArgs>(
  spec: CommandSpec<FLAGS, ARGS>,
): Command<Context> {
  const { brief, more } = spec.docs
  return whenAsked(() =>
    buildCommand<FLAGS, ARGS, Context>({
      async loader() {
        const body = await spec.load()
        return async function (flags, ...args) {
          this.process.exitCode = await body(this.door, flags, ...args)
        }
      },
      parameters: spec.parameters,
      docs: { brief, fullDescription: `${brief}.\n\n${more}` },
    }),
  )
}

/** Who runs one command has no use for the others, and each is checked when it is built. */
function whenAsked(build: () => Command<Context>): Command<Context> {
  let built: Command<Context> | undefined
  const command = (): Command<Context> => (built ??= build())
  return {
    get kind(): Command<Context>['kind'] {
      return command().kind
    },
    get loader() {
      return command().loader
    },
    get parameters() {
      return command().parameters
    },
    get brief() {
      return command().brief
    },
    get fullDescription() {
      return command().fullDescription
    },
    formatUsageLine: (args) => command().formatUsageLine(args),
    formatHelp: (args) => command().formatHelp(args),
    usesFlag: (name, caseStyle) => command().usesFlag(name, caseStyle),
  }
}
