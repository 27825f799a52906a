// Drift on real hosts: files edited by hand are found and shown, then repaired or left as the policy says, and tried before.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type LabSite, labSite } from './lab-site.ts'

const LONG_MS = 600_000
const HOSTS = ['drift-1', 'drift-2']
const ROLES = Array.from({ length: 8 }, (_, i) => `plain-${i}`)

const SITE = `
site: drift
packages: [./packages/*]
nodes: { from: nodes.yaml }
deployments:
  base:
    roles: [motd, limits, secret, ${ROLES.join(', ')}]
`
const MOTD = 'welcome\nthis machine is kept by anneal\nask before you change anything\n'

let site: LabSite

beforeAll(async () => {
  site = labSite('drift', SITE)
  const roles = {
    motd: { files: { '/etc/motd': { content: MOTD }, '/etc/issue.local': { content: 'x\n' } }, ...APPLY },
    limits: {
      files: { '/etc/limits.local': { content: 'nofile 1024\n', mode: '0600' } },
      ...APPLY,
      drift: 'report',
    },
    secret: {
      inputs: { password: { type: 'string', default: 'correct-horse', sensitive: true } },
      files: { '/etc/secret.conf': { template: 'secret.j2' } },
      ...APPLY,
      check: { run: 'echo "it is $ANNEAL_INPUT_PASSWORD"; [ ! -e /tmp/broken ]' },
    },
    ...Object.fromEntries(ROLES.map((role) => [role, { ...APPLY, check: { run: '[ ! -e /tmp/nothing ]' } }])),
  }
  const directory = join(site.directory, 'packages/p/roles')
  mkdirSync(directory, { recursive: true })
  writeFileSync(join(directory, '../package.yaml'), 'name: p\nversion: 1.0.0\n')
  writeFileSync(join(directory, '../secret.j2'), 'user=app\npassword={{ inputs.password }}\n')
  for (const [role, spec] of Object.entries(roles))
    writeFileSync(join(directory, `${role}.yaml`), JSON.stringify({ role, ...spec }))
  await site.hosts(HOSTS)
  const { code, said } = await site.up()
  expect(code, said).toBe(0)
}, 600_000)
afterAll(() => site.end(), LONG_MS)

const APPLY = { apply: { run: 'true' } }

describe('a file edited by hand', { timeout: LONG_MS }, () => {
  test('is found and shown, and nothing is changed', async () => {
    expect((await site.anneal('drift')).code).toBe(0)
    await site.on('drift-1', "sed -i 's/ask before.*/do as you like/' /etc/motd; chmod 0666 /etc/motd")
    await site.on('drift-2', 'rm /etc/limits.local; echo password=mine >>/etc/secret.conf; touch /tmp/broken')
    const { code, stdout, stderr } = await site.anneal('drift')
    expect(code, stderr).toBe(2)
    expect(stdout).toMatch(
      /\/etc\/motd differs in content and mode\n +it should be 0644 root:root, and is 0666 root:root\n/,
    )
    expect(stdout).toMatch(/ -ask before you change anything\n +\+do as you like\n/)
    expect(stdout).toMatch(/base\/drift-2\/limits +it is left so[^\n]*\n +\/etc\/limits.local is not there\n/)
    expect(stdout).toMatch(/3 drifted of 22 looked at/)
    expect(stdout + stderr).not.toMatch(/correct-horse/)
    expect(await site.on('drift-1', 'cat /etc/motd')).toMatch(/do as you like/)
    expect(await site.newRuns()).toEqual([])
  })

  test('is repaired by the next up, or only reported, as the policy says', async () => {
    await site.on('drift-2', 'rm /tmp/broken')
    const { runs, said } = await site.up()
    expect(runs.map(({ nodeRole }) => nodeRole).sort(), said).toEqual([
      'base/drift-1/motd',
      'base/drift-2/secret',
    ])
    expect(`${await site.on('drift-1', 'cat /etc/motd; stat -c %a /etc/motd')}\n`).toBe(`${MOTD}644\n`)
    const { code, stdout } = await site.anneal('drift')
    expect([code, stdout]).toEqual([2, expect.stringMatching(/1 drifted of 22 looked at/)])
    expect((await site.anneal('why', 'drift-2/limits')).stdout).toMatch(
      /active\n +it drifted .* \/etc\/limits.local is not there/,
    )
    expect((await site.anneal('drift', '--repair', 'limits')).code).toBe(0)
    expect(await site.on('drift-2', 'cat /etc/limits.local; stat -c %a /etc/limits.local')).toBe(
      'nofile 1024\n600',
    )
    expect((await site.anneal('drift')).code).toBe(0)
  })

  test('would be seen by a dry run, which changes nothing and goes beside everything', async () => {
    await site.newRuns()
    site.edit('[motd, ', `[{ role: motd, drift: off }, `)
    writeFileSync(
      join(site.directory, 'packages/p/roles/motd.yaml'),
      JSON.stringify({ role: 'motd', files: { '/etc/motd': { content: 'short\n' } }, ...APPLY }),
    )
    const { code, stdout, stderr } = await site.anneal('diff', '--check')
    expect(code, stderr).toBe(2)
    expect(stdout).toMatch(
      /~ base\/drift-1\/motd\n +\/etc\/motd differs in content\n +--- found\n +\+\+\+ wanted\n/,
    )
    expect(stdout).toMatch(/\+short\n/)
    expect(`${await site.on('drift-1', 'cat /etc/motd')}\n`).toBe(MOTD)
    expect(await site.newRuns()).toEqual([])
  })
})
