// What a door tells of itself to whoever watches it: requests that it answered, streams that it keeps open.

export interface DoorWatch {
  /** Once per request, when its answer has been decided; for a stream when it ends. */
  answered(request: AnsweredRequest): void
  /** `dropped`: it was too slow; `closed` follows, as for every other. */
  stream(change: 'opened' | 'closed' | 'dropped'): void
  /** Events were written to one client so long after they had become durable. */
  streamed(lagMs: number): void
}

export interface AnsweredRequest {
  /** As the client named it, or made here; stands in the answer, too. */
  id: string
  method: string
  /** The template, e.g. `/api/v1/runs/{run}`; `unmatched` where no route fits. */
  route: string
  status: number
  durationMs: number
  /** It lasted until one side had enough. */
  stream?: true
  /** Who asked, where somebody said who they are. */
  principal?: string
  /** Of the refusal, where it was one. */
  code?: string
}

export interface Scrape {
  /** Of the content, with version and character set. */
  type: string
  text: string
}
