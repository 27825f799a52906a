// `anneal run TARGET...`: runs node-roles now although nothing of them changed, with `--only` nothing else.
import type { AnnealFlags } from '../annealing.ts'
import { type ControlFlags, controlling } from '../controlling.ts'
import type { Door } from '../door.ts'
import type { ExitCode } from '../exit-codes.ts'

export default function run(
  door: Door,
  flags: ControlFlags & AnnealFlags & { only: boolean },
  ...targets: string[]
): Promise<ExitCode> {
  return controlling(door, flags, { kind: 'run', targets, only: flags.only })
}
