// What the scenes of the cycle bench share: figures, names of contestants, and how one measurement goes.
import type { Question, Sample } from '../harness/question.ts'
import type { Tools } from './tools.ts'

export const FIGURES = {
  wall: { unit: 's' },
  controller: { unit: 'CPU-s' },
  hosts: { unit: 'CPU-s' },
} as const

/** Contestants by the names under which tables and goals know them. */
export const ANNEAL = 'anneal up'
export const SERVED = 'anneal up, with a server'
export const MITOGEN = 'Ansible with Mitogen'
export const ANSIBLE = 'Ansible'
export const LIMIT = 'a shell per host'
export const OPEN_LIMIT = 'a shell per host, open'

/** Yields its question if it is wanted; makes before, and undoes after, what the question needs. */
export type Scene = (cast: Cast) => AsyncGenerator<Question, void, void>

export interface Cast {
  tools: Tools
  isWanted: (question: string) => boolean
  /** Another one each time, so that what an earlier measurement left is never what is asked for. */
  newText: () => string
}

export interface Take {
  /** Whose processors are counted. */
  by: string
  before?: () => Promise<void>
  work: () => Promise<unknown>
  after: () => Promise<void>
}

/** Only `work` is timed. */
export async function take(tools: Tools, { by, before, work, after }: Take): Promise<Sample> {
  await before?.()
  const { wall, controller, hosts } = await tools.controller(by).timed(async () => void (await work()))
  await after()
  return { wall, controller, hosts }
}
