// Makes a fresh clone ready and then does what was asked: `quickstart`, `test`, `build` or `build:web`. Plain JavaScript for any Node from 18 on,
// because it is what brings the right Node.
import { spawnSync } from 'node:child_process'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildBundle } from './build-bundle.js'
import { buildPage } from './build-page.js'
import { runChild } from './child.js'
import { newNode, whyNoNode } from './new-node.js'
import { installNpmPackages } from './npm-packages.js'
import { installSystemPackages, isThere, whyNotRoot } from './system-packages.js'
import { clearTestFolder, makeTestFolder } from './test-folder.js'

const home = dirname(dirname(fileURLToPath(import.meta.url)))
const say = (line) => process.stderr.write(`${line}\n`)

/** The program of each command, and what it asks of the machine besides what a lab needs. */
const GOALS = {
  quickstart: { program: ['bin/quickstart.js'], packages: [] },
  build: { packages: [] },
  'build:web': { packages: [] },
  test: {
    program: ['node_modules/vitest/vitest.mjs', 'run'],
    ownFolder: true,
    packages: [
      {
        command: 'sshd',
        package: 'openssh-server',
        why: 'the remote loop is tested against a real sshd on loopback',
      },
      { command: 'sudo', package: 'sudo', why: 'becoming root is tested on this machine, too' },
      { command: 'fish', package: 'fish', why: 'nodes are reached through whatever shell a login has' },
      { command: 'tcsh', package: 'tcsh', why: 'the same, with a shell of the other family' },
      {
        command: 'openssl',
        package: 'openssl',
        why: 'the server is tested over TLS, with a certificate made for it',
      },
      { command: 'chromium', package: 'chromium', why: 'the page is tested in a real browser' },
    ],
  },
}

const [goal, ...words] = process.argv.slice(2)
if (Object.hasOwn(GOALS, goal ?? '')) process.exitCode = await reach(GOALS[goal])
else {
  say('usage: node bin/setup.js quickstart|test|build|build:web')
  process.exitCode = 5
}

async function reach({ program, packages, ownFolder = false }) {
  const npm = await installNpmPackages(home, say)
  if (npm !== 0) return npm
  const node = newNode(home)
  if (!node) {
    say(whyNoNode(home))
    return 1
  }
  const bundle = goal === 'build:web' ? 0 : await buildBundle(home, node, say)
  if (bundle === 130) return bundle
  const page = await buildPage(home, node, say)
  // A page that is not there is no reason not to see three hosts become a cluster.
  if (page === 130 || program === undefined || (page !== 0 && goal === 'test')) return page || bundle
  const { impossible, wanted } = wantedHere(node, packages)
  if (impossible !== undefined && process.getuid?.() !== 0 && whyNotRoot() === undefined) {
    say(`This user cannot make lab hosts here: ${impossible}. Going on as root, by sudo ...`)
    return reachAsRoot(node)
  }
  const ready = await makeReady(node, { impossible, wanted, packages })
  // Whoever asks for a part of the tests may know that it needs less.
  if (ready === 130 || (ready !== 0 && words.length === 0)) return ready
  const env = { ...process.env, PATH: pathWith(node), INIT_CWD: from() }
  if (!ownFolder) return run(node, [...program, ...words], { env })
  const folder = makeTestFolder()
  const code = await run(node, [...program, ...words], { env: { ...env, TMPDIR: folder } })
  clearTestFolder(folder, node, join(home, 'bin', 'anneal.js'))
  return code
}

/** Gives an exit code; other than 0, the reason has been said. */
async function makeReady(node, { impossible, wanted, packages }) {
  if (impossible !== undefined) {
    say(`This machine cannot make lab hosts: ${impossible}.`)
    say(
      'Debian 12 and its kin can, on a machine, a virtual one, or in a container with privileges; as root or with sudo.',
    )
    if (goal === 'test') say('Tests that need none: npm test -- --project house')
    return 1
  }
  if (wanted.length === 0) return 0
  const code = await installSystemPackages(wanted, say)
  if (code !== 0) return code
  const left = wantedHere(node, packages).wanted
  for (const { package: name, why } of left) {
    say(`${name} was installed, and what it is for is still not there: ${why}.`)
  }
  return left.length === 0 ? 0 : 1
}

/** The same command once more. What it leaves in this folder belongs to us afterwards, so that we can take it away again. */
async function reachAsRoot(node) {
  const kept = ['TERM', 'CI', 'NO_COLOR', 'FORCE_COLOR'].filter((name) => process.env[name] !== undefined)
  const env = [
    ...kept.map((name) => `${name}=${process.env[name]}`),
    `PATH=${pathWith(node)}`,
    `INIT_CWD=${from()}`,
  ]
  const code = await run('sudo', ['-n', 'env', ...env, node, fileURLToPath(import.meta.url), goal, ...words])
  const owner = `${process.getuid()}:${process.getgid()}`
  spawnSync('sudo', ['-n', 'chown', '-R', '--no-dereference', '--from=root', owner, home], {
    stdio: 'inherit',
  })
  return code
}

async function run(file, args, options) {
  const { code, fault } = await runChild(file, args, { cwd: home, stdio: 'inherit', ...options })
  if (fault) say(`${file} did not start: ${fault.message}`)
  return code
}

function wantedHere(node, packages) {
  const argv = [join(home, 'src/lab/print-needs.ts')]
  const asked = spawnSync(node, argv, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
  if (asked.status !== 0) throw new Error(`${argv[0]} ended with ${asked.status ?? asked.signal}`)
  const { missing, impossible } = JSON.parse(asked.stdout)
  return { impossible, wanted: [...missing, ...packages.filter(({ command }) => !isThere(command))] }
}

function pathWith(node) {
  return [join(home, 'node_modules', '.bin'), dirname(node), process.env.PATH].join(delimiter)
}

/** Where the one who asked stands: npm itself goes to the roof first. */
function from() {
  return process.env.INIT_CWD ?? process.cwd()
}
