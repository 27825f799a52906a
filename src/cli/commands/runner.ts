// `anneal runner --server URL`: works for a server elsewhere, until it is told to leave.
import { homedir } from 'node:os'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { SAME_INTERRUPT_MS } from '../annealing.ts'
import type { Door } from '../door.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { styled } from '../text.ts'

export type RunnerFlags = {
  server: string
  state?: string
  tokenFile?: string
  slots: number
}

export default async function runner(door: Door, flags: RunnerFlags): Promise<ExitCode> {
  const { world } = door
  const { env } = world
  const data = env['XDG_STATE_HOME'] ?? join(env['HOME'] ?? homedir(), '.local', 'state')
  const directory = resolve(world.cwd, flags.state ?? join(data, 'anneal', 'runner'))
  const token = tokenOf(door, flags)
  if (token === 'unreadable') return EXIT.usage
  const leaving = new AbortController()
  let heardAt: number | undefined
  const unlisten = world.onInterrupt(() => {
    if (heardAt !== undefined && world.now() - heardAt < SAME_INTERRUPT_MS) return
    if (heardAt !== undefined) world.exit(EXIT.interrupted)
    heardAt = world.now()
    door.talk([
      [
        styled('warn', 'leaving: '),
        'what is held is finished, nothing new is taken; a second signal ends at once',
      ],
    ])
    leaving.abort()
  })
  try {
    const left = await world.runner({
      server: flags.server,
      directory,
      ...(token === undefined ? {} : { token }),
      slots: flags.slots,
      signal: leaving.signal,
      say: (message) => door.talk([[message]]),
    })
    if (!left.ok) return door.refuse(left.refusal, false)
    door.talk([[styled('faint', 'left')]])
    return EXIT.ok
  } finally {
    unlisten()
  }
}

function tokenOf(door: Door, { tokenFile }: RunnerFlags): string | undefined {
  const { world } = door
  if (tokenFile === undefined) return world.env['ANNEAL_RUNNER_TOKEN']
  try {
    return readFileSync(resolve(world.cwd, tokenFile), 'utf8').split('\n')[0]?.trim()
  } catch (error) {
    door.talk([
      [styled('bad', 'error: '), `the file ${tokenFile} cannot be read: ${(error as Error).message}`],
    ])
    return 'unreadable'
  }
}
