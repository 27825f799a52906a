// `anneal approve TARGET`: a person's word for what waits for one, and anneals what that lets go.
import type { AnnealFlags } from '../annealing.ts'
import { type ControlFlags, controlling } from '../controlling.ts'
import type { Door } from '../door.ts'
import type { ExitCode } from '../exit-codes.ts'

export default function approve(
  door: Door,
  flags: ControlFlags & AnnealFlags & { variant?: string },
  target: string,
): Promise<ExitCode> {
  const { variant } = flags
  const of = variant === undefined ? {} : { variant }
  return controlling(door, flags, { kind: 'approve', targets: [target], ...of })
}
