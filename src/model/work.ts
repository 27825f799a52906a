// Work: what a driver asks of a node in one round trip, and the session that carries it there.
import type { NodeFault } from './run.ts'

export interface Session {
  node: string
  /** Requests are carried out one after the other in the order in which they were given. */
  carryOut(work: Work, signal: AbortSignal): Promise<WorkResult>
  /**
   * Several in one round trip: all are sent, then carried out one after the other, each with its own deadline from the
   * moment at which its turn comes. What another user must carry out costs a round trip of its own, and so does each that
   * writes.
   */
  carryOutTogether(works: readonly Work[], signal: AbortSignal): Promise<WorkResult[]>
  /** Resolves when the connection is gone, with why; never rejects. */
  lost: Promise<NodeFault>
  /** Idempotent; a run in flight is ended at the far end first. */
  close(): Promise<void>
  /** Counted since the session was opened; tests and benchmarks hold us to it. */
  traffic: Readonly<Traffic>
}

export interface Traffic {
  /** Times that we said something and had to wait for the answer; the login is not counted. */
  roundTrips: number
  bytesSent: number
  /** Of files and scripts, without their envelopes. */
  contentBytesSent: number
}

/** One round trip: put files that differ, then run a script. */
export interface Work {
  /** Sent only where the far end does not have these bytes yet. */
  files: WorkFile[]
  /** `compare` writes nothing and tells which differ; `show` tells what stands there instead, too. */
  filesMode: 'write' | 'compare' | 'show'
  /** Executable text with its own `#!` line (or run by sh), kept at the far end by digest. Absent: files only. */
  script?: WorkScript
  /** Handed over as data in the process environment, never pasted into a shell line. */
  env: Record<string, string>
  /** JSON text that `$ANNEAL_INPUTS` names a file of; mode 0600, emptied after the run. */
  inputs: string
  become: boolean
  /** From the moment at which the request is sent. */
  deadlineMs: number
  /** A promise holds the far end back until it resolves. */
  onOutput(stream: OutputStream, bytes: Uint8Array): void | Promise<void>
}

export type OutputStream = 'stdout' | 'stderr'

export interface WorkScript {
  /** A plain file name, shown in the messages of shells. */
  name: string
  digest: string
  bytes: Uint8Array
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
      result: 'done'
      /** 128 + n where signal n ended the script. */
      exit: number
      /** What the script appended to `$ANNEAL_OUTPUTS`, as it stands; untrusted, cut at a little over 1 MiB. */
      outputs: Uint8Array
      /** What was written or corrected; in a comparison, what differs. */
      files: FileChange[]
      durationMs: number
    }
  /** The far end could not do it and said why: an owner that is not there, a read-only filesystem, a NUL in a value. */
  | { result: 'refused'; message: string; retry: boolean; files: FileChange[]; durationMs: number }
  /** `sent` is false when nothing can have started over there. */
  | { result: 'fault'; fault: NodeFault; sent: boolean; durationMs: number }

export interface FileChange {
  path: string
  differs: FileAspect[]
  /** With `show`, of a regular file. */
  found?: FileFound
}

export interface FileFound {
  /** As `stat` tells them; undefined where the far end cannot. */
  rights?: { mode: string; owner: string; group: string }
  /** At most `FOUND_MOST` bytes and one, which tells that there are more; absent where it could not be read. */
  bytes?: Uint8Array
}

export const FOUND_MOST = 256 * 1024

/** `link`: a symbolic link stands there, which a comparison does not follow. */
export const FILE_ASPECTS = ['absent', 'content', 'mode', 'owner', 'group', 'kind', 'link'] as const
export type FileAspect = (typeof FILE_ASPECTS)[number]
