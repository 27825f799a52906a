// A real etcd cluster under fire: faults and deeds as the cards of a seed say, for so long, and then the ending that must be.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startWriter } from '../lab/etcd-writer.ts'
import { atWork } from './at-work.ts'
import { type Card, type Deed, deedCards, type Fault, faultCards, foundingKills, MEMBERS } from './cards.ts'
import { type Ending, expectGoodEnding } from './ending.ts'
import { type Ground, layGround } from './ground.ts'
import { HURTS } from './hurts.ts'
import { DEEDS_DONE, expectCode, type Scene } from './operator.ts'
import { Room } from './room.ts'
import { newTale, type Tale } from './tale.ts'

export interface Wish {
  seed: number
  forMs: number
  /** Where the tale is kept, and where it ended badly, all that can be looked into. */
  keepIn: string
  print: (line: string) => void
  /** Ends the fire before its time; it still ends as it must. */
  enough?: AbortSignal
}

export interface Outcome {
  wrongs: readonly string[]
  counts: ReadonlyMap<string, number>
  ending: Ending | undefined
}

const WRITE_EVERY_MS = 20
const LOOK_EVERY_MS = 1_000
/** How long members may take to come back by themselves when all faults are over. */
const COME_BACK_MS = 180_000

export async function underFire({ seed, forMs, keepIn, print, enough }: Wish): Promise<Outcome> {
  mkdirSync(keepIn, { recursive: true })
  const over = new AbortController()
  const tale = newTale(join(keepIn, 'fire.log'), over.signal, print)
  enough?.addEventListener('abort', () => over.abort())
  tale.say(`seed ${seed}, for ${Math.round(forMs / 1000)} s`)
  const ground = await layGround()
  try {
    const ending = await burn(
      ground,
      tale,
      seed,
      () => {
        const timer = setTimeout(() => over.abort(), forMs)
        over.signal.addEventListener('abort', () => clearTimeout(timer))
      },
      keepIn,
    )
    return { wrongs: tale.wrongs, counts: tale.counts, ending }
  } catch (fault) {
    tale.wrong(`it broke off: ${fault instanceof Error ? fault.stack : String(fault)}`)
    return { wrongs: tale.wrongs, counts: tale.counts, ending: undefined }
  } finally {
    over.abort()
    if (tale.wrongs.length > 0)
      await ground.keep(keepIn).catch((fault) => tale.say(`not all is kept: ${fault}`))
    await ground.end()
  }
}

async function burn(
  ground: Ground,
  tale: Tale,
  seed: number,
  light: () => void,
  keepIn: string,
): Promise<Ending> {
  await foundUnderKills(ground, tale, seed)
  expectCode(tale, 'the first anneal up', await ground.site.anneal('up', '--yes', '--plain'), [0])
  const writer = await startWriter(ground.lab, MEMBERS, 'fire-', WRITE_EVERY_MS)
  tale.say('the cluster is founded, and somebody writes to it')
  const work = atWork(ground.site, tale)
  const untilServing = (member: string): Promise<void> => untilServes(ground, tale, member)
  const underWay: Promise<void>[] = []
  const scene: Scene = {
    ground,
    tale,
    work,
    room: new Room(MEMBERS.length),
    untilServing,
    behind: (what) => void underWay.push(what),
  }
  await work.start()
  light()
  try {
    await Promise.all([
      faults(scene, faultCards(seed, 1)),
      faults(scene, faultCards(seed, 2)),
      deeds(scene, deedCards(seed)),
    ])
    await Promise.all(underWay)
    tale.say('the fire is out')
    await untilAllServe(ground, tale)
    await work.stop()
  } finally {
    await work.stop()
    writeFileSync(join(keepIn, 'anneal.log'), work.printed())
  }
  return expectGoodEnding(ground, tale, writer)
}

async function foundUnderKills({ site }: Ground, tale: Tale, seed: number): Promise<void> {
  for (const ms of foundingKills(seed)) {
    const up = site.start('up', '--yes', '--plain')
    await Promise.race([tale.pause(ms), up.ended])
    tale.say('kill -9 of Anneal, while the cluster is being founded')
    tale.count('kill -9 of Anneal')
    up.kill('SIGKILL')
    await up.ended
  }
}

async function faults(scene: Scene, cards: Iterable<Card<Fault>>): Promise<void> {
  const { tale, room } = scene
  const suffering = new Set<Promise<void>>()
  for (const card of cards) {
    await tale.pause(card.pauseMs)
    if (!(await room.take(card.member, tale.over))) break
    const one: Promise<void> = suffer(scene, card)
      .catch((fault) => tale.wrong(`${card.member}: ${card.kind}: ${fault}`))
      .finally(() => {
        suffering.delete(one)
        room.free(card.member)
      })
    suffering.add(one)
  }
  await Promise.all(suffering)
}

async function suffer({ ground, tale, work, untilServing }: Scene, card: Card<Fault>): Promise<void> {
  tale.say(`${card.member}  ${card.kind}, for ${(card.lastsMs / 1000).toFixed(0)} s`)
  tale.count(card.kind)
  const heal = await HURTS[card.kind](ground, card, work.ask)
  await tale.pause(card.lastsMs)
  await heal()
  tale.say(`${card.member}  ${card.kind}: healed`)
  await untilServing(card.member)
  tale.say(`${card.member}  serves`)
}

async function deeds(scene: Scene, cards: Iterable<Card<Deed>>): Promise<void> {
  const { tale } = scene
  for (const card of cards) {
    await tale.pause(card.pauseMs)
    if (tale.over.aborted) return
    tale.count(card.kind === 'kill -9' ? 'restarts after kill -9' : card.kind)
    await DEEDS_DONE[card.kind](scene, card)
  }
}

async function untilServes(ground: Ground, tale: Tale, member: string): Promise<void> {
  while (!tale.over.aborted && !(await ground.serves(member).catch(() => false)))
    await tale.pause(LOOK_EVERY_MS)
}

async function untilAllServe(ground: Ground, tale: Tale): Promise<void> {
  const until = performance.now() + COME_BACK_MS
  for (const member of MEMBERS) {
    while (!(await ground.serves(member))) {
      if (performance.now() > until) {
        tale.say(`${member} does not serve by itself`)
        break
      }
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS))
    }
  }
}
