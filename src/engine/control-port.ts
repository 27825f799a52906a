// The port of controls: how a process asks the one that has the writer's lock, and what is taken of what comes in.
import { isObject, type Json } from '../base/json.ts'
import { nearest } from '../base/nearest.ts'
import { type Control, CONTROL_KINDS, type Controlled } from '../model/control.ts'
import { type Answer, answer, refuse } from '../model/refusal.ts'

export interface ControlMessage {
  control: Control
  by: string
}

export interface ControlPort {
  /**
   * Call it with the writer's lock held: what an earlier process left is in nobody's way. Never fails: who cannot be
   * reached works all the same, and `notice` says why.
   */
  listen(obey: Obey, notice: (message: string) => void): Promise<Listening>
  /** Undefined where nobody listens. */
  ask(message: ControlMessage): Promise<Answer<Controlled> | undefined>
}

export type Obey = (message: ControlMessage) => Promise<Answer<Controlled>>

export interface Listening {
  close(): Promise<void>
}

const TARGETS_MOST = 1_000
const TEXT_MOST = 1_000

/** What is wrong with a value. */
type Check = (value: Json | undefined, key: string, kind: string) => string | undefined

const truth: Check = (value, key) => (typeof value === 'boolean' ? undefined : `\`${key}\` is true or false`)
const maybeText: Check = (value, key) =>
  value === undefined || isText(value) ? undefined : `\`${key}\` is a text`
const revision: Check = (value, key) =>
  Number.isSafeInteger(value) && Number(value) >= 0 ? undefined : `\`${key}\` is the number of a revision`
const texts: Check = (value, key) =>
  Array.isArray(value) && value.length <= TARGETS_MOST && value.every(isText)
    ? undefined
    : `\`${key}\` is a list of at most ${TARGETS_MOST} texts`
const someTexts: Check = (value, key, kind) =>
  texts(value, key, kind) ??
  (Array.isArray(value) && value.length > 0 ? undefined : `\`${key}\` names what to ${kind}`)

/** Besides `kind` and `why`. */
const CHECKS: Record<Control['kind'], Record<string, Check>> = {
  stop: {},
  hold: { targets: texts },
  release: { targets: texts },
  retry: { targets: someTexts },
  run: { targets: someTexts, only: truth },
  approve: { targets: someTexts, variant: maybeText },
  cancel: { targets: someTexts },
  commit: { revision, onto: revision },
  discard: { revision },
}

/** From outside: nothing of it is believed before it was looked at. */
export function readControlMessage(message: Json): Answer<ControlMessage> {
  const fault = faultIn(message)
  if (fault === undefined) return answer(message as unknown as ControlMessage)
  return refuse({ code: 'invalidControl', message: `a control was not understood: ${fault}` })
}

function faultIn(message: Json): string | undefined {
  if (!isObject(message)) return 'it is no object'
  const { control, by } = message
  const outside = strayKey(message, ['control', 'by'])
  if (outside !== undefined) return outside
  if (!isText(by) || by === '') return '`by` says who asks'
  if (!isObject(control)) return '`control` says what is asked'
  const kind = CONTROL_KINDS.find((one) => one === control['kind'])
  if (!kind) return `\`kind\` is one of ${CONTROL_KINDS.join(', ')}`
  const checks: [string, Check][] = [['why', maybeText], ...Object.entries(CHECKS[kind])]
  const stray = strayKey(control, ['kind', ...checks.map(([key]) => key)])
  if (stray !== undefined) return stray
  for (const [key, check] of checks) {
    const fault = check(control[key], key, kind)
    if (fault !== undefined) return fault
  }
  return undefined
}

function strayKey(object: object, keys: readonly string[]): string | undefined {
  const stray = Object.keys(object).find((key) => !keys.includes(key))
  if (stray === undefined) return undefined
  const meant = nearest(stray, keys)
  return `the key ${JSON.stringify(stray.slice(0, 50))} is not known${meant === undefined ? '' : `; did you mean ${meant}?`}`
}

function isText(value: Json | undefined): value is string {
  return typeof value === 'string' && value.length <= TEXT_MOST
}
