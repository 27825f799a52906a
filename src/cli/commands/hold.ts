// `anneal hold TARGET...`: keeps parts of the site from starting anything, until they are released.
import { type ControlFlags, controlling } from '../controlling.ts'
import type { Door } from '../door.ts'
import type { ExitCode } from '../exit-codes.ts'

export default function hold(door: Door, flags: ControlFlags, ...targets: string[]): Promise<ExitCode> {
  return controlling(door, flags, { kind: 'hold', targets })
}
