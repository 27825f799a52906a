// The base of every machine on real hosts: users and keys, kernel settings, time zone, names, packages.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type LabSite, labSite } from './lab-site.ts'

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBmvGLWnV5QV4yZ0sJ8Z3Zq2r0Xh4n0mI0u3g9bXw6mE'
/** Legal and nasty: nothing of it may be executed, and all of it must arrive. */
const NASTY_KEY = `command="echo '$(touch /tmp/owned)' \`touch /tmp/owned\` | cat; #\\\\" ${KEY} bob's & co`
const NASTY_NAME = 'B. "$(touch /tmp/owned)" O\'Hara; `id` & <co>'

const SITE = `
site: ready
packages: [ready]
nodes: { from: nodes.yaml }
deployments:
  base:
    nodes: "true"
    roles: [ready]
    values:
      time-zone: { zone: Europe/Berlin }
      hosts-file: { aliases: [box.example] }
      sysctl: { settings: { net.ipv4.ip_forward: 1, net.ipv4.ip_local_port_range: "20000 50000" } }
      apt-packages: { packages: [curl, openssl] }
      users:
        users:
          - { name: ann, uid: 1500, sudo: true, groups: [adm], authorized_keys: ["${KEY} ann@desk"] }
          - name: bob
            full_name: ${JSON.stringify(NASTY_NAME)}
            shell: /bin/sh
            authorized_keys: [${JSON.stringify(NASTY_KEY)}]
`
const HOSTS = ['box-1', 'box-2']
const ROLES = ['hosts-file', 'time-zone', 'users', 'sysctl', 'apt-packages']
const LONG_MS = 600_000

let site: LabSite

beforeAll(async () => {
  site = labSite('ready', SITE)
  await site.hosts(HOSTS)
  // Somebody's own lines, which must be left alone; the last one of the keys is without its line end.
  await site.on('box-1', 'echo "192.0.2.7 printer" >>/etc/hosts')
  await site.on('box-1', 'useradd -m bob && install -d -o bob -g bob -m 700 ~bob/.ssh')
  await site.on(
    'box-1',
    `printf '%s' '${KEY} own' >~bob/.ssh/authorized_keys; chown bob:bob ~bob/.ssh/authorized_keys`,
  )
  const { code, said } = await site.up()
  expect(code, said).toBe(0)
}, 600_000)
afterAll(() => site.end(), LONG_MS)

describe('a machine made ready', { timeout: LONG_MS }, () => {
  test('knows the others by name, and keeps the lines that were there', async () => {
    const hosts = await site.on('box-1', 'cat /etc/hosts')
    expect(hosts).toMatch(/^192\.0\.2\.7 printer$/m)
    expect(hosts).toMatch(/^10\.77\.\d+\.12 box-2 box\.example$/m)
    expect(await site.on('box-1', 'stat -c "%a %U" /etc/hosts; getent hosts box-2 | wc -l')).toBe(
      '644 root\n1',
    )
  })

  test('tells the time of its zone', async () => {
    expect(await site.on('box-2', 'cat /etc/timezone; readlink /etc/localtime')).toBe(
      'Europe/Berlin\n/usr/share/zoneinfo/Europe/Berlin',
    )
  })

  test('has its kernel settings, now and at the next boot', async () => {
    expect(await site.on('box-1', 'cd /proc/sys/net/ipv4; cat ip_forward ip_local_port_range')).toBe(
      '1\n20000\t50000',
    )
    expect(await site.on('box-1', 'cat /etc/sysctl.d/60-anneal.conf')).toMatch(
      'net.ipv4.ip_local_port_range = 20000 50000',
    )
  })

  test('lets its users in with their keys, and nothing in a value is executed', async () => {
    expect(await site.on('box-1', 'id -u ann; id -nG ann; runuser -u ann -- sudo -n id -u')).toBe(
      '1500\nann adm\n0',
    )
    expect(await site.on('box-1', 'runuser -u bob -- sudo -n id -u 2>&1 || echo refused')).toMatch('refused')
    expect(await site.on('box-1', 'cat ~bob/.ssh/authorized_keys')).toBe(
      `${KEY} own\n# anneal: begin\n${NASTY_KEY}\n# anneal: end`,
    )
    expect(await site.on('box-1', 'stat -c "%a %U" ~bob/.ssh/authorized_keys ~bob/.ssh')).toMatch(
      /^600 bob\n700 bob$/,
    )
    expect(await site.on('box-2', 'getent passwd bob | cut -d : -f 5')).toBe(NASTY_NAME)
    for (const host of HOSTS)
      expect(await site.on(host, 'ls /tmp/owned 2>/dev/null || echo none')).toBe('none')
  })

  test('is left as it is when each script runs again', async () => {
    await site.newRuns()
    const all = HOSTS.flatMap((host) => ROLES.map((role) => `${host}/${role}`))
    const { code, stderr } = await site.anneal('retry', ...all)
    expect(code, stderr).toBe(0)
    const runs = await site.newRuns()
    expect(runs).toHaveLength(all.length)
    expect(runs.filter(({ changed }) => changed !== false)).toEqual([])
    for (const role of ROLES) expect(await check('box-1', role), role).toBe('0')
  })

  test('is seen to have drifted', async () => {
    await site.on(
      'box-2',
      "sed -i '/box-1/d' /etc/hosts; echo 0 >/proc/sys/net/ipv4/ip_forward; rm /etc/sudoers.d/anneal-ann; echo UTC >/etc/timezone",
    )
    const touched = ['hosts-file', 'time-zone', 'users', 'sysctl']
    for (const role of touched) expect(await check('box-2', role), role).not.toBe('0')
    expect((await site.anneal('retry', ...touched.map((role) => `box-2/${role}`))).code).toBe(0)
    for (const role of touched) expect(await check('box-2', role), role).toBe('0')
  })

  test('locks out a user who is no longer listed, and keeps the files', async () => {
    site.edit(/- name: bob[\s\S]*$/.exec(SITE)?.[0] ?? '', '')
    const { code, said } = await site.up()
    expect(code, said).toBe(0)
    expect(await site.on('box-1', 'LC_ALL=C chage -l bob | grep "^Account expires"')).not.toMatch('never')
    expect(await site.on('box-1', 'cat ~bob/.ssh/authorized_keys')).toBe(`${KEY} own`)
  })

  test('is refused what it cannot be, with the reason', async () => {
    site.edit('Europe/Berlin', 'Europe/Bern')
    expect((await site.up()).code).toBe(3)
    const { stdout } = await site.anneal('why', 'box-1/time-zone')
    expect(stdout).toMatch('there is no zone Europe/Bern on this machine')
  })
})

/** Runs a role's check past Anneal, with the values that the site begins with; its exit code. */
function check(host: string, role: string): Promise<string> {
  const environment = role === 'time-zone' ? 'ANNEAL_INPUT_ZONE=Europe/Berlin' : ''
  const script = `cat >/tmp/check; ${environment} sh /tmp/check >/dev/null 2>&1; echo $?`
  return site.on(host, script, site.packageFile(`ready/roles/${role}/check.sh`))
}
