// One command of the table by Stricli, and what may stand next on an unfinished line.
import { proposeCompletions, run } from '@stricli/core'
import { visible } from '../base/visible.ts'
import { appFor } from './app.ts'
import type { Context } from './command.ts'
import { COMPLETE } from './completion-scripts.ts'
import { Door } from './door.ts'
import { EXIT } from './exit-codes.ts'
import { isLeading, type Leading, leading } from './leading.ts'
import type { CliWorld } from './world.ts'

export async function runCommand({ site, server, words }: Leading, world: CliWorld): Promise<number> {
  const door = new Door(world, site, server)
  if (words[0] === COMPLETE) return complete(door, words.slice(1))
  const strange = inheritedFlag(words)
  if (strange !== undefined)
    return door.fail(`there is no flag --${strange}`, 'add --help to the command to see its flags', false)
  if (isLeading(words[0]))
    return door.fail(
      `${words[0]} wants a value, and none is given`,
      `anneal ${words[0]} VALUE COMMAND ...`,
      false,
    )
  const context = contextFor(door, words)
  const asked = words[0] === 'help' ? [...words.slice(1), '--help'] : words
  await run(appFor(asked[0]), asked, context)
  return exitCode(context.process.exitCode)
}

/** Stricli looks flags up in plain objects, where `--valueOf` and its like are found without having been defined. */
function inheritedFlag(words: readonly string[]): string | undefined {
  const end = words.indexOf('--')
  return words
    .slice(0, end < 0 ? words.length : end)
    .flatMap((word) => /^--(?:no-)?([^=]+)/.exec(word)?.[1] ?? [])
    .find((name) => name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase()) in {} || name in {})
}

function contextFor(door: Door, words: readonly string[]): Context {
  const { stdout, stderr } = door.world
  return {
    process: {
      stdout: { write: (text) => stdout.write(text) },
      stderr: { write: (text) => stderr.write(text) },
    },
    door,
    words,
  }
}

/** Stricli's own codes are negative: what it could not understand is usage, the rest is an error. */
function exitCode(code: number | undefined): number {
  if (code === undefined) return EXIT.error
  if (code >= 0) return code
  return code === UNKNOWN_COMMAND || code === INVALID_ARGUMENT ? EXIT.usage : EXIT.error
}

const UNKNOWN_COMMAND = -5
const INVALID_ARGUMENT = -4

async function complete(door: Door, words: readonly string[]): Promise<number> {
  const { words: rest, site, server } = leading(words)
  const asked = new Door(door.world, site ?? door.siteGiven, server ?? door.serverGiven)
  const context = contextFor(asked, rest)
  const proposals = await proposeCompletions(appFor(), rest, context)
  const offered = proposals.filter(({ completion }) => completion !== '--')
  const names = offered.filter(({ completion }) => !completion.startsWith('-'))
  // Flags are in the way until a `-` asks for them, or nothing else may stand there.
  for (const { completion, brief } of names.length > 0 ? names : offered) {
    door.world.stdout.write(`${visible(completion)}\t${visible(brief)}\n`)
  }
  return EXIT.ok
}
