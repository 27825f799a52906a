// `anneal forget NODE`: lets a node go without reaching it, on the operator's word, and anneals what that touches.
import { visible } from '../../base/visible.ts'
import { type AnnealFlags, annealing } from '../annealing.ts'
import type { Door, SiteFlags } from '../door.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { styled } from '../text.ts'

export default async function forget(
  door: Door,
  flags: SiteFlags & AnnealFlags & { yes: boolean },
  node: string,
): Promise<ExitCode> {
  const no = flags.yes ? undefined : await objection(door, flags, node)
  if (no !== undefined) return no
  return door.writing(flags, (operations) =>
    annealing(door, { ...flags, stay: false }, 'forget', (request) => operations.forget(node, request)),
  )
}

/** Undefined when the operator means it. */
async function objection(door: Door, flags: SiteFlags, node: string): Promise<ExitCode | undefined> {
  const { stdin, stderr } = door.world
  if (!stdin.isTTY || !stderr.isTTY || flags.json) {
    return door.fail(
      `nobody is there to be asked, so ${node} was not forgotten`,
      `anneal forget ${node} --yes`,
      flags.json,
    )
  }
  door.talk([
    ['what Anneal did on ', styled('strong', node), ' stays there, and Anneal will not know of it any more'],
  ])
  stderr.write(`Type ${visible(node)} to forget it: `)
  const reply = await stdin.readLine()
  if (reply?.trim() === node) return undefined
  door.talk([['nothing was forgotten']])
  return EXIT.pending
}
