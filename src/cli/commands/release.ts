// `anneal release TARGET...`: lets what was held start again, and anneals to rest.
import type { AnnealFlags } from '../annealing.ts'
import { type ControlFlags, controlling } from '../controlling.ts'
import type { Door } from '../door.ts'
import type { ExitCode } from '../exit-codes.ts'

export default function release(
  door: Door,
  flags: ControlFlags & AnnealFlags,
  ...targets: string[]
): Promise<ExitCode> {
  return controlling(door, flags, { kind: 'release', targets })
}
