// The main job on real hosts, as a newcomer would do it by hand: each command is shown before it runs.
import { spawnSync } from 'node:child_process'
import { existsSync, openSync, renameSync, rmSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runChild } from './child.js'

/** Ours, and those that somebody has added to try how a cluster grows. */
const OURS = /^etcd-\d+$/

const home = dirname(dirname(fileURLToPath(import.meta.url)))
const site = join(home, 'examples', 'etcd')
const anneal = join(home, 'bin', 'anneal.js')
const say = (line) => process.stdout.write(`${line}\n`)
const painted = process.stdout.isTTY && !process.env.NO_COLOR && process.env.TERM !== 'dumb'
const bold = (text) => (painted ? `\x1b[1m${text}\x1b[22m` : text)

process.exitCode = await quickstart()

async function quickstart() {
  const started = Date.now()
  say(
    'Three hosts on this machine, and an etcd cluster with mutual TLS on them. Each host is a Debian with an init, an sshd and',
  )
  say(
    'a network address of its own, in namespaces; the network and the files of this machine stay as they are. The first',
  )
  say('time takes about a minute.\n')

  const lab = chooseLab()
  if (!lab) return 1
  if (lab.isNew && existsSync(join(site, '.anneal'))) beginAnew()
  const flag = lab.name === 'default' ? [] : ['--lab', lab.name]
  const steps = [
    [['lab', 'up', '3', '--prefix', 'etcd-', '--layer', 'etcd', ...flag]],
    [['lab', 'inventory', ...flag], 'nodes.yaml'],
    [['up', '--yes']],
    [['lab', 'exec', ...flag, 'etcd-1', '--', 'sh', '-c', etcdctl('endpoint health --cluster -w table')]],
    [['lab', 'exec', ...flag, 'etcd-1', '--', 'sh', '-c', etcdctl('put greeting hello')]],
    [['lab', 'exec', ...flag, 'etcd-3', '--', 'sh', '-c', etcdctl('get greeting')]],
  ]
  for (const [words, into] of steps) {
    const code = await show(words, into)
    if (code !== 0) return code
  }
  say(`Ready in ${((Date.now() - started) / 1000).toFixed(0)} s.\n`)
  say(next(flag.map((word) => ` ${word}`).join('')))
  return 0
}

/** A lab with none but our hosts, or with none: the inventory takes in all that it has. */
function chooseLab() {
  for (const name of ['default', 'quickstart']) {
    const hosts = hostsOf(name)
    if (!hosts) return undefined
    if (hosts.every((host) => OURS.test(host))) return { name, isNew: hosts.length === 0 }
    say(
      `The lab ${name} has other hosts (${hosts.filter((host) => !OURS.test(host)).join(', ')}); it stays as it is.\n`,
    )
  }
  say('Take one of the two down first: anneal lab down --lab quickstart')
  return undefined
}

function hostsOf(lab) {
  const asked = spawnSync(process.execPath, [anneal, 'lab', 'list', '--json', '--lab', lab], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  if (asked.status !== 0) return undefined
  const lines = asked.stdout.split('\n').filter((line) => line !== '')
  return lines.map((line) => JSON.parse(line)).flatMap((line) => (line.kind === 'host' ? [line.name] : []))
}

/** The journal tells of hosts that are no more; new ones of the same names would be taken for them. */
function beginAnew() {
  say(
    'The hosts of last time are gone, so the site begins anew; what was known of them is kept in .anneal.old.',
  )
  say(`${bold('$ mv .anneal .anneal.old')}\n`)
  rmSync(join(site, '.anneal.old'), { recursive: true, force: true })
  renameSync(join(site, '.anneal'), join(site, '.anneal.old'))
}

function etcdctl(words) {
  return `. /etc/etcd/etcdctl.env; etcdctl ${words}`
}

/** `into`: a file of the site that takes what the command prints. */
async function show(words, into) {
  say(bold(`$ anneal ${words.map(quoted).join(' ')}${into ? ` >${into}` : ''}`))
  const stdout = into ? openSync(join(site, into), 'w') : 'inherit'
  const { code, interrupted } = await runChild(process.execPath, [anneal, ...words], {
    cwd: site,
    stdio: ['inherit', stdout, 'inherit'],
  })
  if (interrupted || code === 130) say('\nInterrupted. The same command goes on from here.')
  else if (code !== 0) say(`\n\`anneal ${words[0]}\` ended with ${code}; what it said stands above.`)
  else say('')
  return interrupted ? 130 : code
}

function next(flag) {
  const inside = relative(process.env.INIT_CWD ?? process.cwd(), site)
  const where = inside.startsWith('..') || inside === '' ? site : inside
  return `Three things to try next, in the directory of the site. Its anneal.yaml says what is wanted; docs/guide explains it.

${bold(`  cd ${quoted(where)}`)}
${bold(`  alias anneal=${quoted(command())}`)}

1. Ask where a value comes from, down to its roots.

${bold('  anneal why etcd-1/etcd members')}

2. Change a setting. One host after the other gets it; nothing else runs.

${bold("  sed -i 's/heartbeat_interval_ms: .*/heartbeat_interval_ms: 150/' anneal.yaml")}
${bold('  anneal up')}

3. Lose a host in the middle of a change. The others go on, you see what is missing and why, and when it is back,
   it gets what it missed.

${bold(`  anneal lab stop etcd-2${flag}`)}
${bold("  sed -i 's/roles: \\[ready\\]/&\\n    values: { users: { users: [{ name: ada, sudo: true }] } }/' anneal.yaml")}
${bold('  anneal up')}
${bold('  anneal why etcd-2/users')}
${bold(`  anneal lab start etcd-2${flag}`)}
${bold('  anneal up')}

The hosts stay until they are told to go:

${bold(`  anneal lab down${flag}`)}
`
}

/** Hosts that root made by sudo are root's; and sudo may know of no Node. */
function command() {
  const asRoot = process.getuid?.() === 0 && process.env.SUDO_UID !== undefined
  return (asRoot ? ['sudo', process.execPath, anneal] : [anneal]).map(quoted).join(' ')
}

/** A word that the shell takes as one. */
function quoted(word) {
  if (/^[\w./=@:+-]+$/.test(word)) return word
  return word.includes("'") && !/["$`\\!]/.test(word) ? `"${word}"` : `'${word.replaceAll("'", "'\\''")}'`
}
