// `anneal approve TARGET`: a person's word for what waits for one, and anneals what that lets go.
import { type AnnealFlags, annealing } from '../annealing.ts'
import type { Door, SiteFlags } from '../door.ts'
import type { ExitCode } from '../exit-codes.ts'

export default async function approve(
  door: Door,
  flags: SiteFlags & AnnealFlags & { variant?: string; message?: string },
  target: string,
): Promise<ExitCode> {
  const { variant, message: why } = flags
  return door.writing(flags, (operations) =>
    annealing(door, { ...flags, stay: false }, 'approve', (request) =>
      operations.approve(
        { target, ...(variant === undefined ? {} : { variant }), ...(why === undefined ? {} : { why }) },
        request,
      ),
    ),
  )
}
