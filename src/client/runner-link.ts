// The link of a runner to its server, over HTTP: it connects outwards, and nobody connects to it.
import { type Answer, answer, refuse } from '../model/refusal.ts'
import { unpackClaim } from '../model/packed-claim.ts'
import {
  type BeatAsked,
  type Claimed,
  type ClaimAsked,
  type EnrolAsked,
  type Enrolled,
  type LeaseAsked,
  type LeaseGiven,
  type ReportAsked,
  type ReportTaken,
  RUNNER_PROTOCOL,
  type Word,
} from '../model/runner-talk.ts'
import { isLoopbackHost } from '../model/server-settings.ts'
import { type Connection, jsonInit, noServer, refusalIn, request, send } from './request.ts'

const WORK = '/api/v1/work'
const PATIENCE_MS = 30_000

/** Several servers of one site, parted by commas: the next one is asked where one does not answer. Refuses an address over which others could read along. */
export function linkTo(address: string, protocol: number = RUNNER_PROTOCOL): Answer<NextLink> {
  const links: HttpLink[] = []
  for (const one of address.split(',')) {
    const link = oneLink(one.trim(), protocol)
    if (!link.ok) return link
    links.push(link.value)
  }
  return answer(new NextLink(links))
}

function oneLink(address: string, protocol: number): Answer<HttpLink> {
  const url = address.replace(/\/+$/, '')
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  const host = parsed?.hostname.replace(/^\[|\]$/g, '') ?? ''
  const isGood = parsed?.protocol === 'https:' || (parsed?.protocol === 'http:' && isLoopbackHost(host))
  if (!isGood) {
    const message = `${address} is no address for a runner: https://..., or http:// to this machine itself`
    return refuse({ code: 'noServer', message })
  }
  return answer(new HttpLink(url, protocol))
}

/** Asks the server that answered last, and where it does not lead the others; a challenge is for the server that gave it. */
class NextLink {
  readonly #links: readonly HttpLink[]
  #at = 0

  constructor(links: readonly HttpLink[]) {
    this.#links = links
  }

  enrol(asked: Omit<EnrolAsked, 'protocol'>): Promise<Answer<Enrolled>> {
    return this.#ask((link) => link.enrol(asked))
  }

  challenge(runner: string): Promise<Answer<{ challenge: string }>> {
    return this.#ask((link) => link.challenge(runner))
  }

  lease(asked: Omit<LeaseAsked, 'protocol'>): Promise<Answer<LeaseGiven>> {
    return this.#ask((link) => link.lease(asked))
  }

  shown(token: string): HttpShownLink {
    return this.#link.shown(token)
  }

  async isLedElsewhere(runner: string): Promise<boolean> {
    for (let apart = 1; apart < this.#links.length; apart++) {
      const at = (this.#at + apart) % this.#links.length
      // Only who anneals gives a challenge.
      const asked = await this.#links[at]?.challenge(runner)
      if (!asked?.ok) continue
      this.#at = at
      return true
    }
    return false
  }

  get #link(): HttpLink {
    return this.#links[this.#at] as HttpLink
  }

  async #ask<T>(ask: (link: HttpLink) => Promise<Answer<T>>): Promise<Answer<T>> {
    for (let tries = 1; ; tries++) {
      const answered = await ask(this.#link)
      if (answered.ok || !DOES_NOT_LEAD.has(answered.refusal.code)) return answered
      this.#at = (this.#at + 1) % this.#links.length
      if (tries >= this.#links.length) return answered
    }
  }
}

const DOES_NOT_LEAD: ReadonlySet<string> = new Set(['noServer', 'notServing', 'draining'])

class HttpLink {
  readonly #url: string
  readonly #protocol: number

  constructor(url: string, protocol: number) {
    this.#url = url
    this.#protocol = protocol
  }

  enrol(asked: Omit<EnrolAsked, 'protocol'>): Promise<Answer<Enrolled>> {
    return this.#open('/enrolments', asked)
  }

  challenge(runner: string): Promise<Answer<{ challenge: string }>> {
    return this.#open('/challenges', { runner })
  }

  lease(asked: Omit<LeaseAsked, 'protocol'>): Promise<Answer<LeaseGiven>> {
    return this.#open('/leases', asked)
  }

  shown(token: string): HttpShownLink {
    return new HttpShownLink({ url: this.#url, token })
  }

  #open<T>(path: string, asked: object): Promise<Answer<T>> {
    return post({ url: this.#url }, path, { ...asked, protocol: this.#protocol })
  }
}

class HttpShownLink {
  readonly #connection: Connection

  constructor(connection: Connection) {
    this.#connection = connection
  }

  async claim(asked: ClaimAsked, signal: AbortSignal): Promise<Answer<Claimed>> {
    const either = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)])
    const claimed = await post<Claimed>(this.#connection, '/claims', { ...asked, packed: true }, either)
    return claimed.ok ? answer(unpackClaim(claimed.value)) : claimed
  }

  beat(asked: BeatAsked, patienceMs: number): Promise<Answer<Word>> {
    return post(this.#connection, '/beats', asked, AbortSignal.timeout(patienceMs))
  }

  report(asked: ReportAsked): Promise<Answer<ReportTaken>> {
    return post(this.#connection, '/reports', asked)
  }

  async content(digest: string): Promise<Answer<Uint8Array>> {
    try {
      const signal = AbortSignal.timeout(PATIENCE_MS)
      const response = await send(this.#connection, `${WORK}/content/${digest}`, { signal })
      if (!response.ok) return refuse(await refusalIn(response))
      return answer(new Uint8Array(await response.arrayBuffer()))
    } catch (error) {
      return refuse(noServer(this.#connection, error))
    }
  }

  leave(): Promise<Answer<Word>> {
    return request(this.#connection, `${WORK}/leases`, {
      method: 'DELETE',
      signal: AbortSignal.timeout(PATIENCE_MS),
    })
  }
}

function post<T>(
  connection: Connection,
  path: string,
  body: unknown,
  signal = AbortSignal.timeout(PATIENCE_MS),
): Promise<Answer<T>> {
  return request(connection, WORK + path, { ...jsonInit('POST', body), signal })
}
