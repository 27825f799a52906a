// One control from a command: carried out here with an annealing to its end, or by the process that anneals already.
import type { Control, Controlled } from '../model/control.ts'
import { answer } from '../model/refusal.ts'
import { type AnnealFlags, annealing } from './annealing.ts'
import type { Door, SiteFlags } from './door.ts'
import type { ExitCode } from './exit-codes.ts'
import type { JsonLines } from './json-lines.ts'
import { type Line, styled } from './text.ts'

export type ControlFlags = SiteFlags & { message?: string }

/** `control`: without its why, which the flags have. */
export async function controlling(
  door: Door,
  flags: ControlFlags & Partial<AnnealFlags>,
  control: Control,
): Promise<ExitCode> {
  const asked = flags.message === undefined ? control : { ...control, why: flags.message }
  const { json, plain = false } = flags
  return door.writing(flags, (operations) =>
    annealing(door, { json, plain, stay: false }, control.kind, async (request, reporter, lines) => {
      const carriedOut = await operations.control(asked, request)
      if (!carriedOut.ok) return carriedOut
      const { names, result, elsewhere } = carriedOut.value
      const isHere = elsewhere === undefined && operations.server === undefined
      reporter.pause()
      if (!result)
        showControlled(door, control.kind, carriedOut.value, lines, wayBack(control, names, isHere))
      return answer(result)
    }),
  )
}

export function showControlled(
  door: Door,
  kind: Control['kind'],
  controlled: Controlled,
  json: JsonLines | undefined,
  more: Line = [],
): void {
  if (json !== undefined) return json.line('controlled', controlled)
  door.print([[styled('strong', SAYS[kind](controlled.names)), ...more]])
  tellElsewhere(door, controlled)
}

export function tellElsewhere(door: Door, { elsewhere }: { elsewhere?: string }): void {
  if (elsewhere === undefined) return
  door.talk([[styled('faint', `carried out by ${elsewhere}, which is at work; anneal watch follows it`)]])
}

const SAYS: Record<Control['kind'], (names: readonly string[]) => string> = {
  stop: () => 'stopping: runs in flight finish, nothing new starts',
  hold: (names) => `held: ${names.join(', ')}`,
  release: (names) => `released: ${names.join(', ')}`,
  retry: (names) => `to run again: ${names.join(', ')}`,
  run: (names) => `to run: ${names.join(', ')}`,
  approve: (names) => `approved: ${names.join(', ')}`,
  cancel: (names) => `${names.every(isRinse) ? 'cancelled' : 'being cancelled'}: ${names.join(', ')}`,
  commit: (names) => `committed: ${names.join(', ')}`,
  discard: (names) => `discarded: ${names.join(', ')}`,
}

function isRinse(name: string): boolean {
  return name.startsWith('rinse-')
}

/** What is to be said next, where it is not done by itself. */
function wayBack(control: Control, names: readonly string[], isHere: boolean): Line {
  if (control.kind === 'cancel' && isHere && names.some(isRinse))
    return [styled('faint', '  (anneal up applies what is removed already)')]
  if (control.kind !== 'hold') return []
  const release = control.targets.length === 0 ? 'anneal resume' : `anneal release ${names.join(' ')}`
  return [styled('faint', `  (${release})`)]
}
