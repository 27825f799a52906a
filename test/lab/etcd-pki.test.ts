// Certificates by request on real hosts: keys that never travel, requests that ask for too much, renewal.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type LabSite, labSite } from './lab-site.ts'

const SITE = `
site: pki
packages: [ready, pki]
nodes: { from: nodes.yaml }
deployments:
  trust:
    nodes: "true"
    roles:
      - { role: certificate-signing, nodes: [pki-1], values: { validity_days: 90 } }
      - { role: certificate-request, values: { dns_names: [store.example] } }
`
const HOSTS = ['pki-1', 'pki-2']
const LONG_MS = 600_000

let site: LabSite

beforeAll(async () => {
  site = labSite('pki', SITE)
  await site.hosts(HOSTS)
  const { code, said } = await site.up()
  expect(code, said).toBe(0)
}, 600_000)
afterAll(() => site.end(), LONG_MS)

describe('certificates', { timeout: LONG_MS }, () => {
  test('are for the node that Anneal means, by an authority whose key is on one node', async () => {
    const [subject, names] = await Promise.all([
      issued('pki-2', '-noout -subject -issuer'),
      issued('pki-2', '-noout -ext subjectAltName,extendedKeyUsage,basicConstraints'),
    ])
    expect(subject).toBe('subject=CN = pki-2\nissuer=CN = Anneal CA')
    expect(names).toMatch(
      /DNS:pki-2, DNS:localhost, IP Address:10\.77\.\d+\.12, IP Address:127\.0\.0\.1, DNS:store\.example/,
    )
    expect(names).toMatch('CA:FALSE')
    expect(
      await site.on(
        'pki-1',
        'openssl verify -CAfile /etc/anneal-pki/ca/ca.pem /etc/anneal-pki/ca/issued/*.pem',
      ),
    ).toMatch(/pki-2\.pem: OK/)
    expect(await site.on('pki-1', 'stat -c "%a %n" /etc/anneal-pki/ca/ca.key /etc/anneal-pki/node.key')).toBe(
      '600 /etc/anneal-pki/ca/ca.key\n600 /etc/anneal-pki/node.key',
    )
    expect(await site.on('pki-2', 'ls /etc/anneal-pki')).toBe('node.csr\nnode.key')
  })

  test('leave no key in what Anneal remembers', () => {
    const search = spawnSync('grep', ['-rlE', 'PRIVATE KEY', join(site.directory, '.anneal')], {
      encoding: 'utf8',
    })
    expect(search.status, search.stdout).toBe(1)
    expect(spawnSync('grep', ['-rlq', 'pki', join(site.directory, '.anneal')]).status).toBe(0)
  })

  test('are the same when asked again, and each script changes nothing the second time', async () => {
    const before = await issued('pki-2', '-noout -fingerprint')
    const ids = HOSTS.flatMap((host) => [`${host}/openssl`, `${host}/certificate-request`])
    const { code, stderr } = await site.anneal('retry', 'pki-1/ca', 'pki-1/certificate-signing', ...ids)
    expect(code, stderr).toBe(0)
    expect((await site.newRuns()).map(({ nodeRole, changed }) => [nodeRole, changed])).toEqual(
      expect.arrayContaining([
        ['trust/pki-1/ca', false],
        ['trust/pki-1/certificate-signing', false],
        ['trust/pki-2/certificate-request', false],
      ]),
    )
    expect(await issued('pki-2', '-noout -fingerprint')).toBe(before)
  })

  test('are issued anew in their last third', async () => {
    const short = `set -e; cd /etc/anneal-pki/ca
      openssl x509 -new -subj /CN=pki-2 -force_pubkey issued/pub -CA ca.pem -CAkey ca.key -days 29 -out issued/short.pem
      { head -n 1 issued/pki-2.pem; cat issued/short.pem; } >issued/new; mv issued/new issued/pki-2.pem; rm issued/short.pem issued/pub`
    await site.on('pki-1', 'cd /etc/anneal-pki/ca/issued; openssl x509 -in pki-2.pem -noout -pubkey >pub')
    await site.on('pki-1', short)
    expect((await site.anneal('retry', 'pki-1/certificate-signing')).code).toBe(0)
    expect(
      await site.on('pki-1', 'openssl x509 -in /etc/anneal-pki/ca/issued/pki-2.pem -noout -checkend 7603200'),
    ).toMatch('will not expire')
  })

  test('are refused to a request for somebody else’s name, and what was issued before stays', async () => {
    const before = await issued('pki-2', '-noout -fingerprint')
    await site.newRuns()
    await site.on(
      'pki-2',
      `cd /etc/anneal-pki && openssl req -new -key node.key -subj /CN=pki-2 -addext subjectAltName=DNS:pki-1 -out node.csr`,
    )
    expect((await site.anneal('retry', 'pki-2/certificate-request')).code).toBe(0)
    const [signing] = (await site.newRuns()).filter(({ nodeRole }) =>
      nodeRole.endsWith('/certificate-signing'),
    )
    expect(signing).toMatchObject({ result: 'ok', changed: false })
    const { stdout } = await site.anneal('logs', signing?.run ?? '')
    expect(stdout).toMatch('the request of pki-2 is refused: it asks for extensions')
    expect(await issued('pki-2', '-noout -fingerprint')).toBe(before)

    // A new key and an honest request end it.
    await site.on('pki-2', 'rm /etc/anneal-pki/node.*')
    expect((await site.anneal('retry', 'pki-2/certificate-request')).code).toBe(0)
    expect(await issued('pki-2', '-noout -fingerprint')).not.toBe(before)
    expect(await site.on('pki-1', 'ls /etc/anneal-pki/ca/issued')).toBe('pki-1.pem\npki-2.pem')
  })

  test('are refused to requests that are not in order, each by itself', async () => {
    const forge = `set -e; cd $(mktemp -d)
      openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out k
      openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:1024 -out weak 2>/dev/null
      line() { openssl req -new -key "$2" -subj "$3" | tr '\\n' '|' | sed "s,^,$1 DNS:$1 ,"; echo; }
      { line good k /CN=good; line thief k /CN=pki-1; line weak weak /CN=weak
        line forged k /CN=forged | sed 's/A/B/5'; } >requests
      cp /etc/anneal-pki/ca/requests kept; cp requests /etc/anneal-pki/ca/requests`
    await site.on('pki-1', `${forge}; pwd >/tmp/forge`)
    await site.on(
      'pki-1',
      'cat >/tmp/signing && chmod +x /tmp/signing',
      site.packageFile('pki/roles/certificate-signing/apply.sh'),
    )
    const told = await site.on(
      'pki-1',
      'ANNEAL_INPUT_VALIDITY_DAYS=90 ANNEAL_OUTPUTS=/tmp/told /tmp/signing 2>&1; cat /tmp/told; cp "$(cat /tmp/forge)/kept" /etc/anneal-pki/ca/requests',
    )
    const answer = JSON.parse(/^\{"certificates".*$/m.exec(told)?.[0] ?? '{}') as Record<
      string,
      Record<string, string>
    >
    expect(Object.keys(answer['certificates'] ?? {})).toEqual(['good'])
    expect(answer['refused']).toEqual({
      thief: expect.stringContaining('another name'),
      weak: expect.stringContaining('size'),
      forged: expect.stringMatching(/not signed|not one/),
    })
  })
})

async function issued(node: string, what: string): Promise<string> {
  return site.on('pki-1', `openssl x509 -in /etc/anneal-pki/ca/issued/${node}.pem ${what}`)
}
