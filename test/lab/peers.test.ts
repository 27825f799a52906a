// A circle on real hosts: peers that need each other's addresses and certificates before any of them is complete.
import { cpSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type LabSite, labSite, type Run } from './lab-site.ts'

const LONG_MS = 600_000
const TWO = ['peer-1', 'peer-2']
const THREE = [...TWO, 'peer-3']
const EXAMPLE = join(import.meta.dirname, '../../examples/peers')

let site: LabSite

beforeAll(async () => {
  site = labSite('peers', readFileSync(join(EXAMPLE, 'anneal.yaml'), 'utf8'))
  cpSync(join(EXAMPLE, 'peers'), join(site.directory, 'peers'), { recursive: true })
  await site.hosts(TWO)
}, 600_000)
afterAll(() => site.end(), LONG_MS)

describe('peers', { timeout: LONG_MS }, () => {
  test('come from nothing to all verified, and nobody runs once too often', async () => {
    const { code, runs, said } = await site.up()
    expect(code, said).toBe(0)
    expect(runs.every(({ result }) => result === 'ok')).toBe(true)
    // One begins and knows nobody, the other knows it at once, and the first is told of the other.
    expect(counted(runs)).toEqual({ openssl: 2, peer: 3, handshake: 2 })
    expect(await verified(TWO)).toEqual({ 'peer-1': ['peer-2'], 'peer-2': ['peer-1'] })
    expect(await site.up()).toMatchObject({ code: 0, runs: [] })
  })

  test('let nobody in whose certificate they were not told of', async () => {
    const stranger = `cd /tmp; openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=peer-1 -keyout k.pem -out c.pem 2>/dev/null; printf 'GET / HTTP/1.0\\r\\n\\r\\n' | timeout 20 openssl s_client -quiet -connect 127.0.0.1:7443 -cert c.pem -key k.pem 2>&1 || :`
    const answer = await site.on('peer-2', stranger)
    expect(answer).not.toMatch('HTTP/1.0 200')
    expect(answer).toMatch(/alert/)
  })

  test('take in a third: it runs once, each of the others once', async () => {
    await site.hosts(THREE)
    const { code, runs, said } = await site.up()
    expect(code, said).toBe(0)
    expect(counted(runs)).toEqual({ openssl: 1, peer: 3, handshake: 3 })
    expect(of(runs, 'peer')[0]).toBe('peer-3')
    expect(await verified(THREE)).toEqual({
      'peer-1': ['peer-2', 'peer-3'],
      'peer-2': ['peer-1', 'peer-3'],
      'peer-3': ['peer-1', 'peer-2'],
    })
  })

  test('when one has a new certificate exactly its consumers run, as trace and diff had said', async () => {
    const before = await certificate('peer-2')
    site.edit('generation: 1', 'generation: 2')
    const diff = await site.anneal('diff', '--json')
    const [head = {}] = lines(diff.stdout)
    const follow = (head['mayFollow'] as { nodeRole: string }[]).map(({ nodeRole }) => nodeRole)
    const { code, runs, said } = await site.up()
    expect(code, said).toBe(0)
    expect(await certificate('peer-2')).not.toBe(before)
    expect(of(runs, 'peer')[0]).toBe('peer-2')
    expect(of(runs, 'peer').sort()).toEqual(THREE)
    expect(of(runs, 'handshake').sort()).toEqual(THREE)
    expect(runs.length).toBe(6)
    expect(['peers/peer-2/peer', ...follow].sort()).toEqual(runs.map(({ nodeRole }) => nodeRole).sort())
    expect(Object.keys(await verified(THREE))).toEqual(THREE)

    const traced = await site.anneal('trace', 'peer-2/peer.identity', '--json')
    const reached = lines(traced.stdout).flatMap(
      ({ thing }) => (thing as { nodeRole?: string })?.nodeRole ?? [],
    )
    expect([...new Set(reached)].sort()).toEqual(runs.map(({ nodeRole }) => nodeRole).sort())
    expect(await site.up()).toMatchObject({ code: 0, runs: [] })
  })

  test('run again and say the same: nobody follows', async () => {
    const { code, stderr } = await site.anneal('retry', 'peer-1/peer')
    expect(code, stderr).toBe(0)
    expect((await site.newRuns()).map(({ nodeRole }) => nodeRole)).toEqual(['peers/peer-1/peer'])
  })

  test('keep their keys: none is in what Anneal remembers', async () => {
    const told = await site.anneal('why', 'peer-1/peer', '--json')
    expect(told.stdout).toMatch('BEGIN CERTIFICATE')
    expect(told.stdout).not.toMatch('PRIVATE KEY')
    expect(await site.on('peer-1', 'stat -c %a /etc/peer/own.key')).toBe('600')
  })
})

async function verified(nodes: readonly string[]): Promise<Record<string, unknown>> {
  const all = await Promise.all(
    nodes.map(async (node) => {
      const { stdout } = await site.anneal('trace', `${node}/handshake.verified`, '--json')
      return [node, lines(stdout).find(({ kind }) => kind === 'step')?.['value']] as const
    }),
  )
  return Object.fromEntries(all)
}

function certificate(node: string): Promise<string> {
  return site.on(node, 'openssl x509 -noout -fingerprint -sha256 -in /etc/peer/own.pem')
}

/** Runs by role. */
function counted(runs: readonly Run[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { nodeRole } of runs) {
    const role = nodeRole.split('/').at(-1) as string
    counts[role] = (counts[role] ?? 0) + 1
  }
  return counts
}

/** The nodes on which a role ran, in order. */
function of(runs: readonly Run[], role: string): string[] {
  return runs.flatMap(({ nodeRole }) =>
    nodeRole.endsWith(`/${role}`) ? [nodeRole.split('/')[1] as string] : [],
  )
}

function lines(text: string): Record<string, unknown>[] {
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Record<string, unknown>)
}
