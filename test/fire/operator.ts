// What operators do in the middle of it, and what happens to Anneal itself.
import type { Done } from '../support/site-dir.ts'
import { type AtWork, lastLines } from './at-work.ts'
import { type Card, type Deed, MEMBERS } from './cards.ts'
import type { Ground } from './ground.ts'
import type { Room } from './room.ts'
import type { Tale } from './tale.ts'

export interface Scene {
  ground: Ground
  tale: Tale
  room: Room
  work: AtWork
  /** Until its etcd serves, or all is over. */
  untilServing: (member: string) => Promise<void>
  /** Goes on while other things happen; it is waited for before all is over. */
  behind: (what: Promise<void>) => void
}

type Doing = (scene: Scene, card: Card<Deed>) => Promise<void>

/** What looking may end with: ready, under way, problems, waits for somebody. */
const LOOKED = [0, 2, 3, 4]
const RINSE_MS = 90_000

export const DEEDS_DONE: Record<Deed, Doing> = {
  'kill -9': async ({ tale, work }, { roll }) => {
    tale.say('kill -9 of Anneal')
    await work.killed(roll * 3_000)
  },

  commit: async ({ ground, tale, work }, { roll }) => {
    const heartbeatMs = 80 + Math.floor(roll * 100)
    tale.say(`an operator commits heartbeat_interval_ms: ${heartbeatMs}`)
    await work.replaced(async () => ground.write(heartbeatMs))
  },

  hold: async ({ tale, work, behind }, { member, lastsMs }) => {
    tale.say(`an operator holds ${member} for ${seconds(lastsMs)}`)
    expectCode(tale, 'anneal hold', await work.ask('hold', member, '-m', 'fire'), [0])
    const release = async (): Promise<void> => {
      await tale.pause(lastsMs)
      tale.say(`an operator releases ${member}`)
      expectCode(tale, 'anneal release', await work.ask('release', member), [0])
    }
    behind(release())
  },

  rinse: async ({ ground, tale, work, room, untilServing, behind }, { member, lastsMs, roll }) => {
    if (!(await room.take(member, tale.over))) return
    const killedMs = roll < 0.5 ? lastsMs : RINSE_MS
    tale.say(`an operator rinses ${member}/etcd${roll < 0.5 ? `, killed after ${seconds(killedMs)}` : ''}`)
    await work.replaced(async () => {
      const rinse = ground.site.start('rinse', `${member}/etcd`, '--yes', '-m', 'fire', '--plain')
      const timer = setTimeout(() => {
        tale.say('kill -9 of the rinse')
        tale.count('kill -9 of Anneal')
        rinse.kill('SIGKILL')
      }, killedMs)
      const done = await rinse.ended
      clearTimeout(timer)
      expectCode(tale, 'anneal rinse', done, [0, 3, 137])
    })
    const recovery = async (): Promise<void> => {
      await untilServing(member)
      tale.say(`${member}  serves after the rinse`)
      room.free(member)
    }
    behind(recovery())
  },

  'leave and return': async (scene, { member: drawn, lastsMs }) => {
    const { ground, tale, work, room, untilServing, behind } = scene
    // The first one is named in the site: it founds, and has the authority.
    const member = drawn === MEMBERS[0] ? MEMBERS[1] : drawn
    if (!(await room.take(member, tale.over))) return
    tale.say(`an operator takes ${member} out of the site, for ${seconds(lastsMs)}`)
    await work.replaced(async () => ground.writeNodes(member))
    await tale.pause(lastsMs)
    tale.say(`an operator takes ${member} in again`)
    await work.replaced(async () => ground.writeNodes())
    const recovery = async (): Promise<void> => {
      await untilServing(member)
      tale.say(`${member}  serves, taken in again`)
      room.free(member)
    }
    behind(recovery())
  },

  run: async ({ tale, work }, { member }) => {
    tale.say(`an operator runs ${member}/etcd`)
    expectCode(tale, 'anneal run', await work.ask('run', `${member}/etcd`), [0])
  },

  cancel: async ({ tale, work }, { member, roll }) => {
    tale.say(`an operator runs and cancels ${member}/etcd`)
    expectCode(tale, 'anneal run', await work.ask('run', `${member}/etcd`), [0])
    await tale.pause(roll * 2_000)
    // It may be over already, or not have begun.
    expectCode(tale, 'anneal cancel', await work.ask('cancel', `${member}/etcd`), [0, 1])
    await retryErrors(tale, work)
  },

  retry: ({ tale, work }) => retryErrors(tale, work),

  look: async ({ tale, ground }, { member }) => {
    tale.say('somebody looks: status, why, runs')
    for (const words of [['why', `${member}/etcd`], ['runs'], ['cycles'], ['timeline']])
      expectCode(tale, `anneal ${words.join(' ')}`, await ground.site.anneal(...words), [0])
    expectCode(tale, 'anneal status', await ground.site.anneal('status'), LOOKED)
  },
}

/** What stands in error has used up its attempts while its machine was hurt: an operator asks once more. */
async function retryErrors(tale: Tale, work: AtWork): Promise<void> {
  const status = await work.ask('status', '--json')
  expectCode(tale, 'anneal status', status, LOOKED)
  const lines = status.stdout.split('\n').filter(Boolean)
  const failed = lines
    .map((line) => JSON.parse(line) as { id?: string; state?: string })
    .flatMap(({ id, state }) => (state === 'error' && id !== undefined ? [id] : []))
  if (failed.length === 0) return
  tale.say(`an operator retries ${failed.join(', ')}`)
  expectCode(tale, 'anneal retry', await work.ask('retry', ...failed), [0])
}

export function expectCode(tale: Tale, what: string, done: Done, codes: readonly number[]): void {
  if (!codes.includes(done.code)) tale.wrong(`${what} ended with ${done.code}: ${lastLines(done.said)}`)
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(0)} s`
}
