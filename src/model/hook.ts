// A hook that comes in: what a program elsewhere sends, and what was done about it.
import type { HookAction } from './observe-settings.ts'

export interface HookCall {
  name: string
  /** By names in lower case. */
  headers: Readonly<Record<string, string | undefined>>
  /** As it came; its signature is over these bytes. */
  body: Uint8Array
}

export interface HookDone {
  hook: string
  does: HookAction
  /** That was proposed; absent where the files say what is committed, and where nothing is proposed. */
  revision?: number
  /** It was committed, too, as policy says. */
  committed?: true
}
