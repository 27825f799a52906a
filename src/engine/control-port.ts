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

/** Besides `kind` and `why`. */
const KEYS: Record<Control['kind'], readonly string[]> = {
  stop: [],
  hold: ['targets'],
  release: ['targets'],
  retry: ['targets'],
  run: ['targets', 'only'],
  approve: ['targets', 'variant'],
  cancel: ['targets'],
}

const TARGETS_MOST = 1_000
const TEXT_MOST = 1_000

/** From outside: nothing of it is believed before it was looked at. */
export function readControlMessage(message: Json): Answer<ControlMessage> {
  const fault = faultIn(message)
  if (fault === undefined) return answer(message as unknown as ControlMessage)
  return refuse({ code: 'invalidControl', message: `a control was not understood: ${fault}` })
}

function faultIn(message: Json): string | undefined {
  if (!isObject(message)) return 'it is no object'
  const { control, by } = message
  const stray = strayKey(message, ['control', 'by'])
  if (stray !== undefined) return stray
  if (!isText(by) || by === '') return '`by` says who asks'
  if (!isObject(control)) return '`control` says what is asked'
  const kind = CONTROL_KINDS.find((one) => one === control['kind'])
  if (!kind) return `\`kind\` is one of ${CONTROL_KINDS.join(', ')}`
  if (control['why'] !== undefined && !isText(control['why'])) return '`why` is a text'
  if (kind === 'run' && typeof control['only'] !== 'boolean') return '`only` is true or false'
  if (control['variant'] !== undefined && !isText(control['variant'])) return '`variant` is a text'
  return (
    strayKey(control, ['kind', 'why', ...KEYS[kind]]) ??
    (kind === 'stop' ? undefined : faultInTargets(kind, control['targets']))
  )
}

function faultInTargets(kind: Control['kind'], targets: Json | undefined): string | undefined {
  if (!Array.isArray(targets) || targets.length > TARGETS_MOST || !targets.every(isText))
    return `\`targets\` is a list of at most ${TARGETS_MOST} texts`
  const mayBeAll = kind === 'hold' || kind === 'release'
  return targets.length === 0 && !mayBeAll ? `\`targets\` names what to ${kind}` : undefined
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
