// Problems: a refusal as HTTP says it (RFC 9457), with its code and all its fields, and what to do next.
import type { Refusal } from '../model/refusal.ts'
import { refusalWords } from '../model/words.ts'

/** Complete by the compiler: a new refusal has no status until it stands here. */
export const STATUS_OF_REFUSAL: Record<Refusal['code'], number> = {
  timelineMoved: 409,
  unknownRevision: 404,
  unknownNodeRole: 404,
  unknownNode: 404,
  unknownTarget: 404,
  ambiguousTarget: 422,
  invalidControl: 422,
  notHeld: 409,
  unknownRun: 404,
  unknownCycle: 404,
  unknownEvent: 404,
  unknownInput: 404,
  unknownValue: 404,
  notInFlight: 409,
  invalidSite: 422,
  waitsForItself: 422,
  conflict: 422,
  nothingToApprove: 409,
  busy: 409,
  keyMissing: 503,
  keyUnusable: 503,
  keyWrong: 503,
  damagedJournal: 503,
  newerJournal: 503,
  journalFault: 503,
  noNodes: 422,
  nothingUnderWay: 409,
  nothingThere: 404,
  fourEyes: 409,
  damagedExport: 422,
  unknownToken: 404,
  invalidToken: 422,
  invalidDatabase: 422,
  notEmpty: 409,
  unknownRunner: 404,
  invalidRunner: 422,
  leaseOver: 409,
  outOfOrder: 409,
  otherProtocol: 426,
  unauthenticated: 401,
  notAllowed: 403,
  replayed: 409,
  crossSite: 403,
  tooMany: 429,
  invalidRequest: 400,
  unknownPath: 404,
  wrongMethod: 405,
  wrongContentType: 415,
  tooLarge: 413,
  tookTooLong: 504,
  movedOn: 412,
  mustMatch: 428,
  keyReused: 422,
  askedBefore: 409,
  notServing: 503,
  internal: 500,
  draining: 503,
  notServed: 422,
  notAsConfirmed: 409,
  noServer: 502,
  cannotListen: 500,
}

export const PROBLEM_TYPE = 'application/problem+json'

export function problemOf(refusal: Refusal): Response {
  const body = problemBody(refusal)
  const { status } = body
  const headers: Record<string, string> = { 'content-type': PROBLEM_TYPE }
  if (refusal.code === 'wrongMethod') headers['allow'] = refusal.allowed.join(', ')
  if (refusal.code === 'unauthenticated') headers['www-authenticate'] = 'Bearer'
  if (refusal.code === 'tooMany') headers['retry-after'] = String(Math.ceil(refusal.retryAfterMs / 1000))
  if (refusal.code === 'notServing') headers['retry-after'] = '1'
  const response = new Response(JSON.stringify(body), { status, headers })
  codes.set(response, refusal.code)
  return response
}

const codes = new WeakMap<Response, Refusal['code']>()

/** Of the refusal that it says, for who tells about it. */
export function codeOf(response: Response): Refusal['code'] | undefined {
  return codes.get(response)
}

export interface ProblemBody {
  type: string
  title: string
  status: number
  detail: string
  code: string
  next?: string
}

/** `type` is a name and not an address that anybody should fetch. */
export function problemBody(refusal: Refusal): ProblemBody {
  const { says, next } = refusalWords(refusal)
  return {
    ...refusal,
    type: `urn:anneal:problem:${refusal.code}`,
    title: titleOf(refusal.code),
    status: STATUS_OF_REFUSAL[refusal.code],
    detail: says,
    ...(next === undefined ? {} : { next }),
  }
}

/** `unknownNodeRole` is `unknown node role`. */
function titleOf(code: string): string {
  return code.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
}
