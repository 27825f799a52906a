// `anneal resume`: ends a pause, and anneals to rest.
import type { AnnealFlags } from '../annealing.ts'
import { type ControlFlags, controlling } from '../controlling.ts'
import type { Door } from '../door.ts'
import type { ExitCode } from '../exit-codes.ts'

export default function resume(door: Door, flags: ControlFlags & AnnealFlags): Promise<ExitCode> {
  return controlling(door, flags, { kind: 'release', targets: [] })
}
