// Law: what is only written down starts nothing, whatever has become due meanwhile; the next session starts it.
import { expect, test } from 'vitest'
import { turn } from '../../src/annealer/turn.ts'
import { makeLanguage } from '../../src/content/language.ts'
import type { Command } from '../../src/model/command.ts'
import { newHeart, restart, snapshotText, tell } from '../support/heart.ts'
import { readShortSite, shortSite } from '../support/short-site.ts'
import { contact, report } from './random-history.ts'

const WHO = { author: 'ann', message: '' }

test('a backoff that ends while nobody is there to run', () => {
  const heart = newHeart(makeLanguage())
  const site = shortSite(
    readShortSite(
      '{ nodes: { n1: }, roles: { db: { retry: { attempts: 3 } } }, deployments: { d: { roles: [db] } } }',
    ),
  )
  tell(heart, { kind: 'startSession', by: 'ann' })
  tell(heart, { kind: 'proposeRevision', site, ...WHO })
  tell(heart, { kind: 'commitRevision', revision: 1, onto: 0, ...WHO })
  tell(heart, contact('n1', {}))
  const [run] = heart.world.inFlight
  if (!run) throw new Error('nothing runs')
  tell(heart, report(run, { result: 'failed', message: 'no', tail: '', retry: true, durationMs: 1 }))
  // The process is killed; much later somebody only writes something down.
  restart(heart)
  const quiet: Command[] = [
    { kind: 'hold', scope: { kind: 'node', node: 'n1' }, by: 'ann' },
    { kind: 'release', scope: { kind: 'node', node: 'n1' }, by: 'ann' },
    { kind: 'startExec', argv: ['true'], become: false, selection: 'n1', nodes: ['n1'], by: 'ann' },
  ]
  for (const command of quiet) {
    heart.now += 3_600_000
    const made = turn(heart.world, [command], heart.now, false)
    expect(made.events.filter(({ kind }) => kind === 'runStarted')).toEqual([])
    const before = snapshotText(heart.world)
    restart(heart)
    expect(snapshotText(heart.world)).toBe(before)
  }
  tell(heart, { kind: 'startSession', by: 'ann' })
  const { events } = tell(heart, contact('n1', {}))
  expect(events.filter(({ kind }) => kind === 'runStarted')).toHaveLength(1)
})
