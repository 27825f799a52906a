// A client that writes to etcd without a pause, for as long as a test does things to the cluster.
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { labExec } from '../../src/lab/exec.ts'
import { inLab } from '../../src/lab/holder.ts'
import type { Lab } from '../../src/lab/lab.ts'
import { readHosts } from '../../src/lab/records.ts'
import type { Tally } from './etcd-writer-loop.ts'

export type { Tally } from './etcd-writer-loop.ts'

export interface Writer {
  /** Ends the writing, waits for what is in flight, and reads everything back. */
  stop(): Promise<Tally>
}

/** Resolves when the first key is acknowledged. It has the certificate of the first of the nodes, and talks to them all. */
export async function startWriter(
  lab: Lab,
  nodes: readonly string[],
  prefix: string,
  everyMs = 25,
): Promise<Writer> {
  const pemFile = join(lab.directory, 'writer.pem')
  const files = ['cat', '/etc/etcd/pki/member.pem', '/etc/etcd/pki/ca.pem']
  const pem = await labExec(lab, nodes[0] ?? '', files)
  if (pem.code !== 0) throw new Error(`no certificate on ${nodes[0]}: ${pem.stderr}`)
  writeFileSync(pemFile, pem.stdout, { mode: 0o600 })
  const endpoints = readHosts(lab)
    .filter((host) => nodes.includes(host.name))
    .map((host) => `https://${host.address}:2379`)
  const loop = join(import.meta.dirname, 'etcd-writer-loop.ts')
  const [file, ...args] = [
    ...inLab(lab),
    process.execPath,
    loop,
    prefix,
    String(everyMs),
    pemFile,
    ...endpoints,
  ] as [string, ...string[]]
  const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  await expectLine(child, lines)
  return {
    async stop() {
      child.stdin.end()
      return JSON.parse(await expectLine(child, lines)) as Tally
    },
  }
}

type Child = ChildProcessByStdio<Writable, Readable, null>

async function expectLine(child: Child, lines: AsyncIterator<string>): Promise<string> {
  const line = await lines.next()
  if (!line.done) return line.value
  if (child.exitCode === null) await once(child, 'exit')
  throw new Error(`the writer ended with ${child.exitCode}`)
}
