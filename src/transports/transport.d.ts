import type { NodeAddress, NodeFault } from '../model/run.ts';
export interface Transport {
    kind: NodeAddress['transport']['kind'];
    /** One login, then a loop at the far end. Faults are values; nothing is thrown. */
    open(node: NodeAddress, options: OpenOptions): Promise<Opened>;
}
export interface OpenOptions {
    signal: AbortSignal;
    connectTimeoutMs: number;
    /** Things people should see once, e.g. a host key pinned on first enrolment with its fingerprint. */
    notice(message: string): void;
}
export type Opened = {
    ok: true;
    session: Session;
} | {
    ok: false;
    fault: NodeFault;
};
export interface Session {
    node: string;
    /** Requests are answered in the order in which they were sent; several may be in flight. */
    carryOut(work: Work, signal: AbortSignal): Promise<WorkResult>;
    /** Resolves when the connection is gone, with why; never rejects. */
    lost: Promise<NodeFault>;
    close(): Promise<void>;
}
/** One round trip: put files that differ, then run a script. */
export interface Work {
    /** Sent only where the far end does not have these bytes yet. */
    files: WorkFile[];
    /** Executable text with its own `#!` line (or run by sh), kept at the far end by digest. Absent: files only. */
    script?: {
        digest: string;
        bytes: Uint8Array;
    };
    /** Handed over through a file and the process environment, never pasted into a shell line. */
    env: Record<string, string>;
    /** JSON text that `$ANNEAL_INPUTS` names a file of; mode 0600, removed after the run. */
    inputs: string;
    become: boolean;
    deadlineMs: number;
    onOutput(stream: 'stdout' | 'stderr', bytes: Uint8Array): void;
}
export interface WorkFile {
    path: string;
    digest: string;
    bytes: Uint8Array;
    mode: string;
    owner: string;
    group: string;
}
export type WorkResult = {
    ok: true;
    exit: number;
    /** What the script appended to `$ANNEAL_OUTPUTS`, as it stands; untrusted. */
    outputs: Uint8Array;
    filesChanged: string[];
    durationMs: number;
} | {
    ok: false;
    fault: NodeFault;
    durationMs: number;
};
