// `anneal completion SHELL`: the script that makes the shell complete anneal's words.
import { completionScript, type Shell } from '../completion-scripts.ts'
import type { Door } from '../door.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'

export default function completion(
  door: Door,
  _flags: NonNullable<unknown>,
  shell: Shell,
): Promise<ExitCode> {
  door.world.stdout.write(completionScript(shell))
  return Promise.resolve(EXIT.ok)
}
