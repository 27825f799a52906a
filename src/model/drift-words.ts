// Words about drift: what differs, and why something was not looked at, the same at every door.
import { unreachable } from '../base/assert.ts'
import type { Difference, Unchecked } from './drift.ts'
import type { NodeRoleId } from './names.ts'
import { reasonWords, type Words } from './words.ts'
import type { FileAspect } from './work.ts'

/** A clause: `/etc/motd differs in content and mode`. */
export function differenceWords(difference: Difference): string {
  switch (difference.kind) {
    case 'check':
      return difference.message
    case 'file':
      return `${difference.path} ${aspectWords(difference.differs)}`
    default:
      return unreachable(difference)
  }
}

export function aspectWords(differs: readonly FileAspect[]): string {
  const whole = differs.find((aspect) => aspect in WHOLE)
  if (whole !== undefined) return WHOLE[whole] ?? ''
  return `differs in ${differs.join(', ').replace(/, ([^,]*)$/, ' and $1')}`
}

const WHOLE: Partial<Record<FileAspect, string>> = {
  absent: 'is not there',
  kind: 'is not a regular file',
  link: 'is a symbolic link',
}

/** Why content that differs is not shown. */
export function untoldWords(untold: NonNullable<Extract<Difference, { kind: 'file' }>['untold']>): string {
  switch (untold) {
    case 'binary':
      return 'it is not text, so what differs is not shown'
    case 'large':
      return 'it is too large to show what differs'
    case 'link':
      return 'what a link leads to is not read'
    case 'unreadable':
      return 'it could not be read'
    default:
      return unreachable(untold)
  }
}

export function uncheckedWords(nodeRole: NodeRoleId, unchecked: Unchecked, now: number): Words {
  switch (unchecked.kind) {
    case 'nothingToCheck':
      return { says: 'its role has neither check nor files' }
    case 'off':
      return { says: 'its drift is not looked for (drift: off)' }
    case 'notActive':
      return reasonWords(nodeRole, unchecked.reason, now)
    case 'lost':
      return { says: unchecked.message }
    default:
      return unreachable(unchecked)
  }
}
