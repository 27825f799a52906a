// `anneal retry NODE/ROLE...`: asks for node-roles to run again, whatever their last run said, and anneals to rest.
import type { AnnealFlags } from '../annealing.ts'
import { type ControlFlags, controlling } from '../controlling.ts'
import type { Door } from '../door.ts'
import type { ExitCode } from '../exit-codes.ts'

export default function retry(
  door: Door,
  flags: ControlFlags & AnnealFlags,
  ...targets: string[]
): Promise<ExitCode> {
  return controlling(door, flags, { kind: 'retry', targets })
}
