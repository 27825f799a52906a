// The command line: how long until it says something, beside an empty program of the same Node, and how it asks a server of a large fleet.
import { type ChildProcess, fork } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Bench, Contestant, Question } from '../harness/question.ts'
import type { FleetWord } from '../page/fleet-server.ts'
import { said } from './said.ts'

const HOME = join(import.meta.dirname, '..', '..')
const ANNEAL = join(HOME, 'bin', 'anneal.js')
/** Of Debian 12, where there is one: the newer Node is started from it. */
const OLD_NODE = '/usr/bin/node'
const FLEET = { nodes: 10_000, roles: 20, perSecond: 0 }

/** `anneal` words as one process each, from its start to its first output and to its end. */
export const bench: Bench = async function* ({ isWanted, say, version }) {
  const directory = mkdtempSync(join(tmpdir(), 'anneal-cli-'))
  try {
    cpSync(join(HOME, 'examples', 'circles'), directory, { recursive: true })
    say('a site with a past: anneal up on examples/circles')
    await said(process.execPath, [ANNEAL, 'up', '--yes', '-C', directory])
    version('node', process.version)
    yield {
      ...QUESTION,
      name: 'start-up',
      contestants: [
        anneal('--version', ['--version']),
        anneal('--help', ['--help']),
        anneal('status, no server', ['status', '-C', directory]),
        ...(existsSync(OLD_NODE)
          ? [program('--version, begun by an older Node', 'ours', OLD_NODE, [ANNEAL, '--version'])]
          : []),
        LIMIT,
      ],
      goals: ['--version', '--help', 'status, no server'].map((of) => ({ figure: 'first', of, atMost: 100 })),
    }
    const name = 'status of 10,000 nodes x 20 roles'
    if (!isWanted(name)) return
    say(`a server of ${FLEET.nodes} nodes x ${FLEET.roles} roles`)
    const { server, url, key } = await fleetServer()
    try {
      process.env['ANNEAL_TOKEN'] = key
      const words = ['--server', url, 'status', '-C', directory]
      yield {
        ...QUESTION,
        name,
        contestants: [
          anneal('status', words),
          { ...anneal('status --json', [...words, '--json']), rounds: 2 },
          LIMIT,
        ],
        goals: [{ figure: 'first', of: 'status', atMost: 300 }],
      }
    } finally {
      server.kill('SIGKILL')
    }
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

const QUESTION: Pick<Question, 'figures' | 'rounds'> = {
  figures: { first: { unit: 'ms' }, end: { unit: 'ms' }, said: { unit: 'KB' } },
  rounds: 15,
}

const LIMIT = program('node -e 0', 'limit', process.execPath, ['-e', '0'])

function anneal(name: string, words: readonly string[]): Contestant {
  return program(name, 'ours', process.execPath, [ANNEAL, ...words])
}

function program(name: string, is: Contestant['is'], file: string, args: readonly string[]): Contestant {
  return { name, is, measure: () => said(file, args) }
}

async function fleetServer(): Promise<{ server: ChildProcess; url: string; key: string }> {
  const script = join(HOME, 'bench', 'page', 'fleet-server.ts')
  const server = fork(script, [JSON.stringify(FLEET)], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  const ready = await new Promise<Extract<FleetWord, { kind: 'ready' }>>((resolve, reject) => {
    server.on('message', (word: FleetWord) => word.kind === 'ready' && resolve(word))
    server.once('exit', (code) => reject(new Error(`the server of the fleet ended with ${code}`)))
  })
  return { server, url: ready.url, key: ready.key }
}
