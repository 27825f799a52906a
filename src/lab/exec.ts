// Runs a command inside a host, past ssh: for looking in, and for what a test must do behind Anneal's back.
import { spawn } from 'node:child_process'
import { type CommandOptions, type CommandResult, run } from './command.ts'
import { LabFault } from './fault.ts'
import { inLab, scriptPath } from './holder.ts'
import type { Lab } from './lab.ts'
import { expectHost } from './records.ts'

/** As root, in a clean environment. Gives back whatever it ended with. */
export async function labExec(
  lab: Lab,
  name: string,
  argv: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  return run(inHost(lab, name, argv), options)
}

/** The same on this process's own stdin, stdout and stderr; resolves to the exit code. */
export function labExecHere(lab: Lab, name: string, argv: readonly string[]): Promise<number> {
  const [file, ...args] = inHost(lab, name, argv) as [string, ...string[]]
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { stdio: 'inherit' })
    child.once('error', (cause) => reject(new LabFault('command-failed', `${file}: ${cause.message}`, cause)))
    child.once('exit', (code) => resolve(code ?? 143))
  })
}

function inHost(lab: Lab, name: string, argv: readonly string[]): string[] {
  const host = expectHost(lab, name)
  if (argv.length === 0) throw new LabFault('bad-value', `nothing to run in ${name}: give a command`)
  return [...inLab(lab), 'sh', scriptPath('exec.sh'), lab.directory, host.name, ...argv]
}
