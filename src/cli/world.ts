// What the command line needs of the world around it: streams, clock, signals, and the rooms that main.ts picked.
import type { Fault } from '../model/fault.ts'
import type { ContentStore, Operations } from '../model/operations.ts'
import type { Answer } from '../model/refusal.ts'
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
  /** `read` never waits for a writer; `write` refuses with `busy` when there is one. */
  openOperations(siteDirectory: string, mode: 'read' | 'write'): Promise<Answer<Operations>>
  /** Where the transcript of a run is kept. */
  transcriptPath(siteDirectory: string, run: RunId): string
  secrets(siteDirectory: string): Promise<SecretsKeeping>
  lab(): Promise<LabDoor>
  demo(request: DemoRequest): Promise<Demo>
}

export type LoadedSite =
  | { ok: true; site: Site; content: ContentStore; warnings: Fault[]; files: string[] }
  | { ok: false; faults: Fault[]; files: string[] }

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
