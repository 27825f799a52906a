// `anneal cancel RUN...`: ends runs in flight; their node-roles do not start again by themselves.
import { type ControlFlags, controlling } from '../controlling.ts'
import type { Door } from '../door.ts'
import type { ExitCode } from '../exit-codes.ts'

export default function cancel(door: Door, flags: ControlFlags, ...targets: string[]): Promise<ExitCode> {
  return controlling(door, flags, { kind: 'cancel', targets })
}
