// The carrier: a runner in a process of its own, which works shift after shift for one server until it is told to leave.
import { type Answer, answer, type Refusal } from '../model/refusal.ts'
import { type LeaseGiven, signedText } from '../model/runner-talk.ts'
import { signed } from './key-pair.ts'
import type { Link } from './link.ts'
import { Shift, type ShiftParts } from './shift.ts'

export interface CarrierParts extends Omit<ShiftParts, 'link' | 'lease' | 'isLedElsewhere'> {
  link: Link
  runner: string
  /** PKCS #8 as PEM. */
  privateKey: string
  version: string
}

const AGAIN_MS = 1_000
const AGAIN_MOST_MS = 15_000

/** Nothing that time alone would mend. */
const FINAL: ReadonlySet<Refusal['code']> = new Set([
  'unauthenticated',
  'otherProtocol',
  'invalidRequest',
  'unknownPath',
])

/** Resolves once it has left, or with why it never will be let in. */
export async function carry(parts: CarrierParts, leaving: AbortSignal): Promise<Answer<void>> {
  let said = ''
  for (let tries = 0; ; ) {
    if (leaving.aborted) return answer(undefined)
    const given = await leaseFor(parts)
    if (given.ok) {
      tries = 0
      said = ''
      parts.say(`works for the server, ${parts.slots} at once`)
      const shift = new Shift({
        ...parts,
        link: parts.link.shown(given.value.token),
        lease: given.value,
        isLedElsewhere: () => parts.link.isLedElsewhere(parts.runner),
      })
      if ((await shift.work(leaving)) === 'left') return answer(undefined)
      continue
    }
    if (FINAL.has(given.refusal.code)) return given
    if (given.refusal.message !== said) parts.say(`waits for the server: ${given.refusal.message}`)
    said = given.refusal.message
    await parts.clock.sleep(Math.min(AGAIN_MS * 2 ** tries++, AGAIN_MOST_MS), leaving)
  }
}

async function leaseFor({
  link,
  runner,
  privateKey,
  slots,
  version,
}: CarrierParts): Promise<Answer<LeaseGiven>> {
  const asked = await link.challenge(runner)
  if (!asked.ok) return asked
  const { challenge } = asked.value
  const signature = signed(signedText(runner, challenge), privateKey)
  return link.lease({ runner, challenge, signature, slots, version })
}
