// Work: what a driver asks of a node in one round trip, and the session that carries it there.
import type { NodeFault } from './run.ts'

export interface Session {
  node: string
  /** Requests are answered in the order in which they were sent; several may be in flight. */
  carryOut(work: Work, signal: AbortSignal): Promise<WorkResult>
  /** Resolves when the connection is gone, with why; never rejects. */
  lost: Promise<NodeFault>
  close(): Promise<void>
}

/** One round trip: put files that differ, then run a script. */
export interface Work {
  /** Sent only where the far end does not have these bytes yet. */
  files: WorkFile[]
  /** Executable text with its own `#!` line (or run by sh), kept at the far end by digest. Absent: files only. */
  script?: { digest: string; bytes: Uint8Array }
  /** Handed over through a file and the process environment, never pasted into a shell line. */
  env: Record<string, string>
  /** JSON text that `$ANNEAL_INPUTS` names a file of; mode 0600, removed after the run. */
  inputs: string
  become: boolean
  deadlineMs: number
  onOutput(stream: 'stdout' | 'stderr', bytes: Uint8Array): void
}

export interface WorkFile {
  path: string
  digest: string
  bytes: Uint8Array
  mode: string
  owner: string
  group: string
}

export type WorkResult =
  | {
      ok: true
      exit: number
      /** What the script appended to `$ANNEAL_OUTPUTS`, as it stands; untrusted. */
      outputs: Uint8Array
      filesChanged: string[]
      durationMs: number
    }
  | { ok: false; fault: NodeFault; durationMs: number }
