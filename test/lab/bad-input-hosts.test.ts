// Machines that do not let Anneal do its work: what is said of each, that nothing on them has changed, and that a mended one
// goes on.
import { rmSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { fillDisk, freeDisk, rekeyHost, startHost, stopHost } from '../../src/lab/breakage.ts'
import { labDown } from '../../src/lab/down.ts'
import { labExec } from '../../src/lab/exec.ts'
import { labInventory, trustLab } from '../../src/lab/keys.ts'
import { openLab } from '../../src/lab/lab.ts'
import { labUp } from '../../src/lab/up.ts'
import { addUser } from '../../src/lab/user.ts'
import { type Done, type JsonLine, siteDir } from '../support/site-dir.ts'

const LONG_MS = 600_000
const site = siteDir()
const lab = openLab({ name: 'e2e-bad', stateHome: site.path('labs') })

const page = {
  inputs: { text: { type: 'string' } },
  files: { '/etc/e2e/page': { template: 'page.j2' } },
  apply: { run: 'cp /etc/e2e/page /etc/e2e/copy' },
  retry: { attempts: 1 },
  become: true,
}

beforeAll(async () => {
  await labUp(lab, { names: ['bad'], diskMiB: 96 })
  make('first')
  expect((await site.anneal('up', '--yes')).code).toBe(0)
  expect(await onHost('cat /etc/e2e/copy')).toBe('first')
}, LONG_MS)
afterAll(async () => {
  await labDown(lab)
  await site.end()
}, LONG_MS)

const cases: {
  what: string
  harm: () => unknown
  mend: () => unknown
  as?: object
  code: string
  says: RegExp
  advice: RegExp
  /** The machine itself can be reached, and the run fails on it. */
  runs?: true
}[] = [
  {
    what: 'switched off',
    harm: () => stopHost(lab, 'bad'),
    mend: () => startHost(lab, 'bad'),
    code: 'unreachable',
    says: /bad \(10\.77\.[\d.]+\)/,
    advice: /sshd|switched on|ssh/i,
  },
  {
    what: 'that refuses the key',
    harm: () => onHost('mv /root/.ssh /root/ssh'),
    mend: () => onHost('mv /root/ssh /root/.ssh'),
    code: 'accessDenied',
    says: /bad \([\d.]+\) lets nobody in with the keys at hand \(it takes .*publickey/,
    advice: /Try `ssh/,
  },
  {
    what: 'with another host key',
    harm: () => rekeyHost(lab, 'bad'),
    mend: () => trustLab(lab),
    code: 'hostKeyChanged',
    says: /shows another host key than the one that is pinned; it shows \S+ SHA256:\S+; pinned is \S+ SHA256:/,
    advice: /installed anew.*somebody may stand between/,
  },
  {
    what: 'where its user may not become root',
    harm: () => addUser(lab, 'bad', { user: 'deploy', sudo: 'none' }),
    mend: () => undefined,
    as: { user: 'deploy' },
    code: 'noSudo',
    says: /sudo/,
    advice: /sudo/,
    runs: true,
  },
  {
    what: 'where sudo asks for a password',
    harm: () => addUser(lab, 'bad', { user: 'clerk', sudo: 'password' }),
    mend: () => undefined,
    as: { user: 'clerk' },
    code: 'noSudo',
    says: /sudo/,
    advice: /password/,
    runs: true,
  },
  {
    what: 'whose disk is full',
    harm: () => fillDisk(lab, 'bad'),
    mend: () => freeDisk(lab, 'bad'),
    code: 'diskFull',
    says: /\/etc\/e2e\/page.*full|full.*\/etc\/e2e\/page|No space left/,
    advice: /[Mm]ake room/,
    runs: true,
  },
]

test.each(cases)(
  'a machine $what',
  { timeout: LONG_MS },
  async ({ what, harm, mend, as, code, says, advice, runs }) => {
    const before = await onHost('cat /etc/e2e/*')
    await harm()
    make(what, as)
    const { code: exit, lines, done } = await site.json('up', '--yes')
    expect(exit, done.said).toBe(3)
    const { problems } = lines.at(-1) as JsonLine
    expect(problems).toHaveLength(1)
    const { reason } = problems[0]
    if (runs) expect(reason).toMatchObject({ kind: 'failed', message: expect.stringMatching(says) })
    else
      expect(reason).toMatchObject({
        kind: 'notAlive',
        node: 'bad',
        fault: { code, message: expect.stringMatching(says) },
      })

    const why = await site.anneal('why', 'bad/page')
    expect(why.stdout).toMatch(says)
    expect(nextOf(why)).toMatch(advice)
    expect(lines.filter(({ kind, result }) => kind === 'run' && result === 'ok')).toEqual([])
    expect(await site.anneal('status')).toMatchObject({ code: 3, stdout: expect.stringMatching(says) })

    if (what !== 'switched off') expect(await onHost('cat /etc/e2e/*')).toBe(before)
    await mend()
    make(what)
    expect(await onHost('cat /etc/e2e/*')).toBe(before)
    const mended = await site.anneal('up', '--yes')
    expect(mended.code, mended.said).toBe(0)
    expect(await onHost('cat /etc/e2e/copy')).toBe(what)
  },
)

test('a host key that nobody knows, where the operator lets no new one in', async () => {
  const { ssh } = hostSpec()
  site.write({
    ssh_config: site
      .read(labPath(String(ssh['config'])))
      .replace(/^.*UserKnownHostsFile.*$/m, '  UserKnownHostsFile /dev/null'),
  })
  make('unknown', { config: 'ssh_config' })
  const { code, lines } = await site.json('up', '--yes')
  expect(code).toBe(3)
  expect((lines.at(-1) as JsonLine)['problems'][0].reason).toMatchObject({
    kind: 'notAlive',
    fault: { code: 'hostKeyUnknown' },
  })
})

function hostSpec(): { ssh: Record<string, unknown> } {
  return labInventory(lab).nodes['bad'] as { ssh: Record<string, unknown> }
}

function labPath(path: string): string {
  return path.replace(`${site.directory}/`, '')
}

function make(text: string, as: object = {}): void {
  rmSync(site.path('packages'), { recursive: true, force: true })
  site.make({
    nodes: { bad: { ssh: { ...hostSpec().ssh, ...as } } },
    roles: { page },
    deployment: { values: { page: { text } } },
  })
  site.write({ 'packages/p/templates/page.j2': '{{ inputs.text }}' })
}

async function onHost(script: string): Promise<string> {
  const done = await labExec(lab, 'bad', ['sh', '-c', script])
  if (done.code !== 0) throw new Error(`${script}: ${done.stderr}`)
  return done.stdout.trim()
}

function nextOf({ stdout }: Done): string {
  return /next: (.*)/.exec(stdout)?.[1] ?? ''
}
