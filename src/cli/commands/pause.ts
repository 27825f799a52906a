// `anneal pause`: keeps all of the site from starting anything, also over sessions, until `anneal resume`.
import { type ControlFlags, controlling } from '../controlling.ts'
import type { Door } from '../door.ts'
import type { ExitCode } from '../exit-codes.ts'

export default function pause(door: Door, flags: ControlFlags): Promise<ExitCode> {
  return controlling(door, flags, { kind: 'hold', targets: [] })
}
