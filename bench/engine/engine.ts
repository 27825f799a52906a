// The engine bench: fleets of 1,000 to 1,000,000 node-roles in four shapes, in memory and durably. Options: SIZE ... and SHAPE ....
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Bench, Contestant, Goal, Question, Sample } from '../harness/question.ts'
import { ANSIBLE, measureAnsible } from './ansible.ts'
import type { BareSort } from './bare-sort.ts'
import type { Durable } from './durable.ts'
import { type Shape, SHAPES } from './fleets.ts'
import type { InMemory } from './in-memory.ts'

const SIZES = [1_000, 10_000, 100_000, 1_000_000]
/** Rounds, by how long one takes. */
const LARGE = 1_000_000
/** Ansible takes seconds for so many already. */
const ANSIBLE_MOST = 1_000

export const bench: Bench = async function* ({ options, version }) {
  const sizes = options.map(Number).filter((size) => size > 0)
  const shapes = SHAPES.filter((shape) => options.includes(shape))
  version('peers', 'OpenTofu and Terraform were not to be had where this was run')
  for (const size of sizes.length > 0 ? sizes : SIZES) {
    for (const shape of shapes.length > 0 ? shapes : SHAPES) {
      yield inMemory(shape, size)
      yield durably(shape, size)
    }
  }
}

function inMemory(shape: Shape, size: number): Question {
  const ours: Contestant = {
    name: 'anneal',
    is: 'ours',
    measure() {
      const all = child<InMemory>('memory', shape, size)
      const { idleMs: nothing, factMs: fact, valueMs: value, memberMs: member, bytesEach: bytes } = all
      const rest = (1_000 * all.size) / (all.buildMs + all.restMs)
      const { buildMs: build, restartMs: restart, memberRuns, rankMs: rank, sliceMs: slice } = all
      const visits = all.visited / all.size
      const each = (1_000 * all.restCpuMs) / all.size
      const changes = { nothing, fact, value, member, 'runs of it': memberRuns }
      const keeping = { bytes, rank, slice, restart, 'restart, CPU': all.restartCpuMs }
      return { rest, 'rest, CPU': each, build, ...changes, visits, ...keeping }
    },
  }
  const sort: Contestant = {
    name: 'bare sort',
    is: 'limit',
    measure() {
      const { size: sorted, buildMs, sortMs } = child<BareSort>('sort', shape, size)
      return { rest: (1_000 * sorted) / (buildMs + sortMs), build: buildMs }
    },
  }
  const ansible: Contestant = {
    name: 'Ansible, local',
    is: 'peer',
    measure: (): Sample => ({ rest: (1_000 * size) / measureAnsible(size).ms }),
  }
  const isWithAnsible = shape === 'chains' && size <= ANSIBLE_MOST && existsSync(ANSIBLE)
  const goals: Goal[] = [
    { figure: 'rest', atLeast: 100_000 },
    { figure: 'nothing', atMost: 5 },
    { figure: 'fact', atMost: 5 },
    { figure: 'bytes', atMost: 1_000 },
  ]
  return {
    name: `${size.toLocaleString('en')} node-roles, ${shape}, in memory`,
    figures: {
      rest: { unit: 'node-roles/s', better: 'more' },
      'rest, CPU': { unit: 'us each' },
      build: { unit: 'ms' },
      nothing: { unit: 'ms' },
      fact: { unit: 'ms' },
      value: { unit: 'ms' },
      member: { unit: 'ms' },
      'runs of it': { unit: '' },
      bytes: { unit: 'B each' },
      visits: { unit: 'each' },
      rank: { unit: 'ms' },
      slice: { unit: 'ms' },
      restart: { unit: 'ms' },
      'restart, CPU': { unit: 'ms' },
    },
    rounds: size >= LARGE ? 1 : 3,
    contestants: [ours, sort, ...(isWithAnsible ? [ansible] : [])],
    goals: size >= 100_000 ? goals : [],
  }
}

function durably(shape: Shape, size: number): Question {
  const ours: Contestant = {
    name: 'anneal',
    is: 'ours',
    measure() {
      const all = child<Durable>('durable', shape, size)
      const [rest, events] = [all.size, all.events].map((count) => (1_000 * count) / all.restMs)
      const { restartMs: restart, closeMs: close } = all
      const alone = (1_000 * all.events) / all.writeMs
      const bytes = all.journalBytes / all.size
      const each = (1_000 * all.restCpuMs) / all.size
      return { rest, 'rest, CPU': each, events, 'journal alone': alone, bytes, close, restart } as Sample
    },
  }
  const goals: Goal[] = [{ figure: 'rest', atLeast: 20_000 }]
  return {
    name: `${size.toLocaleString('en')} node-roles, ${shape}, durably`,
    figures: {
      rest: { unit: 'node-roles/s', better: 'more' },
      'rest, CPU': { unit: 'us each' },
      events: { unit: '/s', better: 'more' },
      'journal alone': { unit: 'events/s', better: 'more' },
      bytes: { unit: 'B each' },
      close: { unit: 'ms' },
      restart: { unit: 'ms' },
    },
    rounds: size >= LARGE ? 1 : 3,
    contestants: [ours],
    goals: size >= LARGE ? [...goals, { figure: 'restart', atMost: 5_000 }] : size >= 100_000 ? goals : [],
  }
}

function child<T>(what: string, shape: Shape, size: number): T & { size: number } {
  const file = join(import.meta.dirname, 'child.ts')
  const flags = ['--expose-gc', '--max-old-space-size=12000']
  const text = execFileSync(process.execPath, [...flags, file, what, shape, String(size)], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  return JSON.parse(text) as T & { size: number }
}
