// `anneal version`: which Anneal this is, and on what it runs.
import type { Door } from '../door.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'

export default function version(door: Door, flags: { json: boolean }): Promise<ExitCode> {
  const { version: anneal, runtime } = door.world
  if (flags.json) door.json('version', { version: anneal, runtime })
  else door.print([[`anneal ${anneal}`]])
  return Promise.resolve(EXIT.ok)
}
