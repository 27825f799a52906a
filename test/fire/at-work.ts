// The one Anneal that works on the site, `anneal up --stay`: begun, asked, stopped and killed, one thing after the other.
import { statSync } from 'node:fs'
import type { Done, Running, SiteDir } from '../support/site-dir.ts'
import type { Tale } from './tale.ts'

export interface AtWork {
  start(): Promise<void>
  /** `kill -9`, and another one after a pause. */
  killed(pauseMs: number): Promise<void>
  /** Stopped in good order, or killed where that takes too long; does something alone, and starts again. */
  replaced<T>(meanwhile: () => Promise<T>): Promise<T>
  /** A command to the one that works, asked again while that one has only begun. */
  ask: (...words: string[]) => Promise<Done>
  /** For good. */
  stop(): Promise<void>
  /** What all of them printed. */
  printed(): string
}

/** Runs in flight may finish: none here has a longer deadline that it would use up. */
const STOP_MS = 60_000
const BUSY_TRIES = 30

export function atWork(site: SiteDir, tale: Tale): AtWork {
  let now: Running | undefined
  let printed = ''
  let turn: Promise<unknown> = Promise.resolve()

  /** One at a time: a command that finds nobody at work would work itself. */
  const alone = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = turn.then(work)
    turn = mine.catch(() => {})
    return mine
  }
  /** Of the socket by which others reach who works; that of a killed one is left there. */
  const socket = (): string => {
    const found = statSync(site.path('.anneal/control.sock'), { throwIfNoEntry: false })
    return `${found?.ino} ${found?.ctimeMs}`
  }
  let socketBefore = ''
  const listens = async (): Promise<void> => {
    while (now !== undefined && socket() === socketBefore)
      await new Promise((resolve) => setTimeout(resolve, 50))
  }
  const begin = (): void => {
    socketBefore = socket()
    const one = site.start('up', '--yes', '--stay', '--plain')
    now = one
    tale.count('starts of Anneal')
    void one.ended.then(({ code, said }) => {
      printed += `--- pid ${one.pid} ended with ${code}\n${said}\n`
      if (now !== one) return
      now = undefined
      tale.wrong(`Anneal ended by itself with ${code}: ${lastLines(said)}`)
    })
  }
  const kill = async (): Promise<void> => {
    const one = now
    now = undefined
    one?.kill('SIGKILL')
    await one?.ended
  }
  const halt = async (): Promise<void> => {
    const one = now
    now = undefined
    if (one === undefined) return
    one.kill('SIGINT')
    const timer = setTimeout(() => {
      tale.say('Anneal is not done with its runs: kill -9')
      tale.count('kill -9 of Anneal')
      one.kill('SIGKILL')
    }, STOP_MS)
    await one.ended
    clearTimeout(timer)
  }
  return {
    start: () => alone(async () => begin()),
    killed: (pauseMs) =>
      alone(async () => {
        await kill()
        tale.count('kill -9 of Anneal')
        await tale.pause(pauseMs)
        begin()
      }),
    replaced: (meanwhile) =>
      alone(async () => {
        await halt()
        try {
          return await meanwhile()
        } finally {
          begin()
        }
      }),
    ask: (...words) =>
      alone(async () => {
        await listens()
        for (let tries = 0; ; tries++) {
          const done = await site.anneal(...words)
          if (tries === BUSY_TRIES || !/busy/.test(done.said)) return done
          await new Promise((resolve) => setTimeout(resolve, 500))
        }
      }),
    stop: () => alone(halt),
    printed: () => printed,
  }
}

export function lastLines(text: string, count = 6): string {
  return text.trim().split('\n').slice(-count).join(' / ')
}
