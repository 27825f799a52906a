// What the command line needs of the world around it: streams, clock, signals, and the rooms that main.ts picked.
import type { TrailReport } from '../model/audit.ts'
import type { Fault } from '../model/fault.ts'
import type { LogLevel } from '../base/log.ts'
import type { ContentStore, Feed, Operations, SiteFiles, SiteNow } from '../model/operations.ts'
import type { Answer, Refusal } from '../model/refusal.ts'
import type { Demo, DemoRequest } from '../model/rehearsal.ts'
import type { RunId } from '../model/run.ts'
import type { SecretsKeeping } from '../model/secrets.ts'
import type { Site } from '../model/site.ts'
import type { LabDoor } from './lab-door.ts'

export interface CliWorld {
  stdin: Input
  /** Data. */
  stdout: Output
  /** Talk: questions, progress, advice. */
  stderr: Output
  env: Readonly<Record<string, string | undefined>>
  cwd: string
  version: string
  /** e.g. `node v24.21.0`. */
  runtime: string
  /** Who asks, e.g. `alice@desk`; stands in the journal. */
  user: string
  /** Milliseconds since the epoch. */
  now(): number
  /** Calls `tick` every so often until the returned function is called. */
  every(ms: number, tick: () => void): () => void
  /** Ctrl-C, SIGTERM and SIGHUP go to the listener instead of ending the process, until the returned function is called. */
  onInterrupt(listener: () => void): () => void
  /** Called when the process ends in whatever way that it notices, until the returned function is called. */
  onExit(listener: () => void): () => void
  /** Ends the process at once. */
  exit(code: number): never
  loadSite(directory: string): Promise<LoadedSite>
  /** Another text when a file below the directory, or one of these, was written, came or went. */
  siteStamp(directory: string, files: readonly string[]): Promise<string>
  /**
   * Of the server at that address, where one is named; else of the one that serves this site, where one does; else here:
   * `read` never waits for a writer, `write` refuses with `busy` when there is one.
   */
  openOperations(siteDirectory: string, mode: 'read' | 'write', server?: string): Promise<Answer<Operations>>
  /** Where the transcript of a run is kept. */
  transcriptPath(siteDirectory: string, run: RunId): string
  /** Takes the site, and answers over HTTP from when it resolves. */
  serve(request: ServeRequest): Promise<Answer<ServedSite>>
  /** Works for a server elsewhere; resolves once it has left, or with why it is not let in. */
  runner(request: RunnerRequest): Promise<Answer<void>>
  /** The history of a site as its journal has it, on this machine. */
  trail(siteDirectory: string): Promise<TrailDoor>
  journal(siteDirectory: string): Promise<JournalDoor>
  /** Of the server that runs here; refuses with `nothingUnderWay` where none does. */
  signInLink(siteDirectory: string): Promise<Answer<{ url: string; endsAt: number }>>
  /** Whether something opened it. */
  openPage(siteDirectory: string, url: string): Promise<boolean>
  /** The secret of a new token, and its digest. */
  makeToken(name: string): Promise<{ text: string; hash: string }>
  /** The same of a token by which a runner of that name enrols once. */
  makeEnrolment(runner: string): Promise<{ text: string; hash: string }>
  secrets(siteDirectory: string): Promise<SecretsKeeping>
  lab(): Promise<LabDoor>
  demo(request: DemoRequest): Promise<Demo>
}

export type LoadedSite =
  | { ok: true; site: Site; content: ContentStore; warnings: Fault[]; files: string[] }
  | { ok: false; faults: Fault[]; warnings?: Fault[]; files: string[] }

export interface TrailDoor {
  verify(anchor?: string): Promise<Answer<TrailReport>>
  /** `file`: relative to where the command was called. */
  verifyExport(file: string, anchor?: string): Promise<Answer<TrailReport>>
  /** Lines of NDJSON. */
  export(): Promise<Answer<AsyncIterable<string>>>
}

/** The journal of a site as a whole, where the site says that it is. */
export interface JournalDoor {
  verify(anchor?: string): Promise<Answer<TrailReport>>
  /** Lines of NDJSON. */
  export(): Promise<Answer<AsyncIterable<string>>>
  import(lines: AsyncIterable<string>): Promise<Answer<TrailReport>>
  /** To an address of PostgreSQL, or `embedded`. `aside`: where what was there before is kept. */
  move(to: string): Promise<Answer<{ report: TrailReport; from: string; where: string; aside: string }>>
}

export interface ServeRequest {
  /** Of the site. */
  directory: string
  /** Before what environment and settings say. */
  database?: string
  /** Before what its settings say. */
  listen?: { host: string; port: number }
  now: SiteNow
  files: SiteFiles
  by: string
  onFeed(feed: Feed): void
  /** What to log besides, before what its settings say; absent: only what somebody must see. */
  log?: { format?: 'json' | 'text'; level?: LogLevel }
  /** Whole lines. */
  onLog(line: string): void
}

export interface RunnerRequest {
  /** The address of the server. */
  server: string
  /** Where its key and its content are kept. */
  directory: string
  /** The one-time token, where it has not enrolled yet. */
  token?: string
  /** So much at once. */
  slots: number
  /** Aborting takes nothing new; it leaves once it holds nothing any more. */
  signal: AbortSignal
  say(message: string): void
}

export interface ServedSite {
  url: string
  /** Nothing new starts; `over` resolves once nothing is in flight any more. */
  drain(by: string): Promise<void>
  over: Promise<void>
  /** The journal has failed. */
  fault(): Refusal | undefined
  close(): Promise<void>
}

export interface Output {
  write(text: string | Uint8Array): void
  isTTY: boolean
  columns(): number
  rows(): number
  onResize(listener: () => void): () => void
  /** The reader has gone away (`| head`); what is written goes nowhere. */
  closed(): boolean
}

export interface Input {
  isTTY: boolean
  /** One line without its end, or undefined at the end of input or when the signal says not to wait for it. */
  readLine(signal?: AbortSignal): Promise<string | undefined>
}
