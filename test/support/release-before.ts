// The release before, as far as runners go: these sources without what came with protocol 3, which run beside these.
import { type Edit, type NextRelease, treeWith } from './next-release.ts'

export const BEFORE = '0.0.9'

/** Commands and dry runs went out from the server alone, and a runner took what it did not know for a first contact. */
const WITHOUT: readonly Edit[] = [
  { file: 'src/wire-home.ts', find: /(VERSION = )'[\d.]+'/, put: (_, is = '') => `${is}'${BEFORE}'` },
  { file: 'src/model/runner-talk.ts', find: /(RUNNER_PROTOCOL = )3/, put: (_, is = '') => `${is}2` },
  {
    file: 'src/runner/shift.ts',
    find: /if \(work\.kind === 'look' \|\| work\.kind === 'exec'\) return this\.#asides\.begin\(hand, work\)/,
    put: () => "if (work.kind === 'look' || work.kind === 'exec') return runner.contact(undefined as never)",
  },
  {
    file: 'src/engine/exec.ts',
    find: /whyUnasked\(world, node, parts\.served\)/,
    put: () => 'whyUnasked(world, node, false)',
  },
  {
    file: 'src/engine/served-operations.ts',
    find: /planDryRun\(world, request\.site, true\)/,
    put: () => 'planDryRun(world, request.site, false)',
  },
  {
    file: 'src/api/schemas/runner.ts',
    find: /z\.object\(\{ kind: z\.literal\('(look|exec)'\).*\n.*z\.object\(\{ kind: z\.literal\('exec'\).*\n/,
    put: () => '',
  },
]

export function releaseBefore(): Pick<NextRelease, 'home' | 'remove'> {
  return treeWith(WITHOUT)
}
