// `anneal retry NODE/ROLE...`: asks for node-roles to run again, whatever their last run said, and anneals to rest.
import { type AnnealFlags, annealing } from '../annealing.ts'
import type { Door, SiteFlags } from '../door.ts'
import type { ExitCode } from '../exit-codes.ts'

export default async function retry(
  door: Door,
  flags: SiteFlags & AnnealFlags,
  ...nodeRoles: string[]
): Promise<ExitCode> {
  return door.writing(flags, (operations) =>
    annealing(door, { ...flags, stay: false }, 'retry', (request) => operations.retry(nodeRoles, request)),
  )
}
