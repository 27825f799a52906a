// `anneal stop`: lets the process that anneals finish what is in flight, and end.
import { type ControlFlags, controlling } from '../controlling.ts'
import type { Door } from '../door.ts'
import type { ExitCode } from '../exit-codes.ts'

export default function stop(door: Door, flags: ControlFlags): Promise<ExitCode> {
  return controlling(door, flags, { kind: 'stop' })
}
