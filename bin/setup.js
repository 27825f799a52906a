// Makes a fresh clone ready and then does what was asked: `quickstart` or `test`. Plain JavaScript for any Node from 18 on,
// because it is what brings the right Node.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { accessSync, constants, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { newNode } from './new-node.js'

const home = dirname(dirname(fileURLToPath(import.meta.url)))
const say = (line) => process.stderr.write(`${line}\n`)

/** What each command asks of the machine besides what a lab needs. */
const PACKAGES = {
  quickstart: [],
  test: [
    { command: 'sshd', package: 'openssh-server', why: 'the remote loop is tested against a real sshd on loopback' },
    { command: 'sudo', package: 'sudo', why: 'becoming root is tested on this machine, too' },
  ],
}

const [goal, ...words] = process.argv.slice(2)
if (!(goal in PACKAGES)) {
  say('usage: node bin/setup.js quickstart|test')
  process.exit(5)
}
installNpmPackages()
const node = newNode(home)
if (!node) {
  say(`Anneal needs Node 24.15 or newer. This is ${process.version}, and no newer one was installed for ${process.platform} ${process.arch}.`)
  process.exit(1)
}
await installSystemPackages()
const path = [join(home, 'node_modules', '.bin'), dirname(node), process.env.PATH].join(delimiter)
const program = { quickstart: ['bin/quickstart.js'], test: ['node_modules/vitest/vitest.mjs', 'run'] }[goal]
const done = spawnSync(node, [...program, ...words], { cwd: home, stdio: 'inherit', env: { ...process.env, PATH: path } })
process.exit(done.status ?? 1)

function installNpmPackages() {
  const lock = createHash('sha256').update(readFileSync(join(home, 'package-lock.json'))).digest('hex')
  const mark = join(home, 'node_modules', '.installed')
  if (existsSync(mark) && readFileSync(mark, 'utf8') === lock) return
  say('Installing the npm packages of package-lock.json into node_modules (Node 24 is one of them) ...')
  const npm = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: home, stdio: ['ignore', 'ignore', 'inherit'] })
  if (npm.status !== 0) {
    say('npm ci did not succeed; what it said stands above.')
    process.exit(1)
  }
  writeFileSync(mark, lock)
}

async function installSystemPackages() {
  const { missing, impossible } = labNeeds()
  if (impossible !== undefined) {
    say(`This machine cannot make lab hosts: ${impossible}.`)
    process.exit(1)
  }
  const wanted = [...missing, ...PACKAGES[goal].filter(({ command }) => !isThere(command))]
  if (wanted.length === 0) return
  say('Missing on this machine, to be installed by apt-get:')
  for (const { package: name, why } of wanted) say(`  ${name.padEnd(16)} ${why}`)
  const root = process.getuid?.() === 0
  if (!root && (!isThere('sudo') || spawnSync('sudo', ['-n', 'true']).status !== 0)) {
    say(`Installing needs root. As root: apt-get update && apt-get install ${wanted.map((one) => one.package).join(' ')}`)
    process.exit(1)
  }
  const asRoot = (...argv) => {
    const [file, ...args] = root ? argv : ['sudo', '-n', ...argv]
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
    const result = spawnSync(file, args, { stdio: ['ignore', 'ignore', 'inherit'], env })
    if (result.status === 0) return
    say(`${argv.join(' ')} did not succeed; what it said stands above.`)
    process.exit(1)
  }
  asRoot('apt-get', 'update', '-q')
  const quiet = keepServicesOff(asRoot)
  asRoot('apt-get', 'install', '-q', '-y', '--no-install-recommends', ...wanted.map((one) => one.package))
  quiet.end()
}

/** Programs are wanted, not daemons: Debian starts what it installs unless policy-rc.d says no. */
function keepServicesOff(asRoot) {
  const policy = '/usr/sbin/policy-rc.d'
  if (existsSync(policy)) return { end() {} }
  say('(with a policy-rc.d for the moment, so that no service starts by being installed)')
  asRoot('sh', '-c', `printf '#!/bin/sh\\nexit 101\\n' >${policy} && chmod 755 ${policy}`)
  const end = () => asRoot('rm', '-f', policy)
  process.once('SIGINT', () => {
    end()
    process.exit(130)
  })
  return { end }
}

function labNeeds() {
  const asked = spawnSync(node, [join(home, 'src/lab/print-needs.ts')], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
  if (asked.status !== 0) process.exit(1)
  return JSON.parse(asked.stdout)
}

function isThere(command) {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin', '/usr/bin', '/bin']
  return folders.some((folder) => {
    try {
      accessSync(join(folder, command), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}
