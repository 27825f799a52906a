// The command line: argv in, exit code out; everything else it touches comes in with the world.
import { EXIT } from './exit-codes.ts'
import { leading } from './leading.ts'
import type { CliWorld } from './world.ts'

/** Resolves when the command is over; sets nothing and exits nothing by itself. */
export async function runCli(argv: readonly string[], world: CliWorld): Promise<number> {
  const given = leading(argv)
  const { words } = given
  // Asked most often by people and scripts that wait for it: these two need no table of commands.
  if (words.length === 0 || HELP_WORDS.has(words.join(' '))) {
    const { HELP } = await import('./help.ts')
    world.stdout.write(HELP)
    return EXIT.ok
  }
  if (VERSION_WORDS.has(words.join(' '))) {
    world.stdout.write(`anneal ${world.version}\n`)
    return EXIT.ok
  }
  const { runCommand } = await import('./run-command.ts')
  return runCommand(given, world)
}

const HELP_WORDS = new Set(['help', '--help', '-h', '-?'])
const VERSION_WORDS = new Set(['version', '--version', '-V', '-v'])
