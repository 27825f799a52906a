// Where the server of a site is to be found: what it leaves beside the journal while it runs.

/** `.anneal/server.json`: for its owner alone, gone with the server; one that was left by a dead server is in nobody's way. */
export interface ServerPlace {
  /** Without a slash at its end. */
  url: string
  pid: number
  /** Milliseconds since the epoch. */
  startedAt: number
  /** Made up at each start; `/version` says it, too, so that nobody takes another server at that address for it. */
  instance: string
}

export const SERVER_PLACE_FILE = 'server.json'
/** What its owner's commands show to be let in: new with each start. */
export const SERVER_KEY_FILE = 'server.key'

/** What a server says of itself at `/version`, to anybody. */
export interface ServerVersion {
  version: string
  site: string
  instance: string
  standby?: Standby
}

/** It follows another server of the site, which anneals: where that is, as far as it is known. */
export interface Standby {
  active?: string
  silent?: Silence
}

/** Of the process that has the journal, as a rule the server that anneals: it gives no sign of life. */
export interface Silence {
  /** Absent where it has not said its name. */
  holder?: { pid: number; host: string; what: string }
  /** It has had the journal for so long. */
  heldMs: number
  /** Since its last sign of life, by the clock of the database. */
  forMs: number
  /** After so long the standby takes over. */
  patienceMs: number
  /** What the database said when it was to end the session of that process: the standby may not. */
  refused?: string
}
