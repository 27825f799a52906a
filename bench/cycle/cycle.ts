// The cycle beside its peers, on lab hosts: ten roles from nothing, without a change, with one, with a host more and with one gone.
import { execFileSync } from 'node:child_process'
import { parseArgs } from 'node:util'
import type { Bench, Question } from '../harness/question.ts'
import { firstApply } from './first-apply.ts'
import { Ground } from './ground.ts'
import { noChange } from './no-change.ts'
import { oneAdded } from './one-added.ts'
import { oneBroken } from './one-broken.ts'
import { oneCommand } from './one-command.ts'
import { oneValue } from './one-value.ts'
import { Tools } from './tools.ts'

const SCENES = [firstApply, noChange, oneValue, oneAdded, oneBroken, oneCommand]

/** `--hosts N`, `--without TEXT` (contestants to leave out), `--kex NAME`, `--keep` (the lab stays up). */
export const bench: Bench = async function* ({ options, isWanted, version, say }) {
  const { values } = parseArgs({
    args: [...options],
    options: {
      hosts: { type: 'string', default: '10' },
      without: { type: 'string', multiple: true, default: [] },
      kex: { type: 'string' },
      keep: { type: 'boolean', default: false },
    },
  })
  const without = (question: Question): Question => ({
    ...question,
    contestants: question.contestants.filter(({ name }) => !values.without.some((text) => name === text)),
  })
  bringPeers(say)
  for (const [name, argv] of Object.entries(VERSIONS)) version(name, firstLine(argv))
  version('key exchange', values.kex ?? 'what ssh takes by itself')
  const ground = new Ground()
  await ground.up({ hosts: Number(values.hosts), kex: values.kex, say })
  const tools = new Tools(ground)
  let texts = 0
  const newText = (): string => `text ${process.pid}-${++texts}`
  try {
    for (const scene of SCENES)
      for await (const question of scene({ tools, isWanted, newText })) yield without(question)
  } finally {
    await tools.end()
    await ground.down(values.keep)
  }
}

const PACKAGES = ['ansible', 'ansible-mitogen', 'clustershell']
const VERSIONS = {
  ansible: ['ansible', '--version'],
  mitogen: ['dpkg-query', '-W', '-f', '${Version}', 'ansible-mitogen'],
  clustershell: ['clush', '--version'],
  ssh: ['ssh', '-V'],
}

function bringPeers(say: (message: string) => void): void {
  const installed = execFileSync('dpkg-query', ['-W', '-f', '${Package} ${db:Status-Status}\n'], {
    encoding: 'utf8',
  })
  const missing = PACKAGES.filter((name) => !installed.includes(`\n${name} installed\n`))
  if (missing.length === 0) return
  say(`installing the peers by apt: ${missing.join(', ')}`)
  const quietly = { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }, stdio: 'ignore' } as const
  execFileSync('apt-get', ['-q', 'update'], quietly)
  execFileSync('apt-get', ['-q', '-y', 'install', '--no-install-recommends', ...missing], quietly)
}

function firstLine(argv: readonly string[]): string {
  const [file = '', ...args] = argv
  return (
    execFileSync('sh', ['-c', 'exec "$@" 2>&1', 'sh', file, ...args], { encoding: 'utf8' }).split('\n')[0] ??
    ''
  )
}
