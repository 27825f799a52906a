// The writer's lock: held by the kernel for a living process, so that there is never a stale one to force.
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { hostname } from 'node:os'
import { isObject } from '../base/json.ts'
import { type Answer, answer, refuse } from '../model/refusal.ts'
import type { Holder } from './journal.ts'
import { busyMessage, busyUnknownMessage, stoppedMessage } from './messages.ts'
import { BUSY, sqliteCode } from './sqlite-errors.ts'
import type { Files } from './sqlite-files.ts'

export interface Lock {
  release(): void
}

/** Two that come at the same instant may both find it taken; the holder writes its name a moment after it has it. */
const TRIES = 40
const PAUSE_MS = 25

/** Refuses with `busy`. Throws what `faultOf` knows. */
export async function takeLock(files: Files, holder: Holder): Promise<Answer<Lock>> {
  let named: Named | undefined
  for (let tries = 1; tries <= TRIES; tries++) {
    const db = lockNow(files)
    if (db) return answer(held(db, files, holder))
    const holding = readHolder(files)
    named = holding && mayBeAlive(holding.holder) ? holding : undefined
    if (named && tries > 1) break
    await sleep(PAUSE_MS + (holder.pid % 10))
  }
  if (!named)
    return refuse({ code: 'busy', message: busyUnknownMessage(files.dir), holder: 'another process' })
  const stopped = isStopped(named.holder) ? stoppedMessage(named.holder.pid) : ''
  const message = `${busyMessage(named.holder, Date.now() - named.since)}${stopped}`
  return refuse({ code: 'busy', message, holder: named.holder.what })
}

/** An exclusive transaction on an empty database, never committed: SQLite's own advisory locks do the rest. */
function lockNow(files: Files): DatabaseSync | undefined {
  const db = new DatabaseSync(files.lock)
  try {
    db.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE')
    return db
  } catch (error) {
    db.close()
    if ((sqliteCode(error) ?? 0) % 256 === BUSY) return undefined
    throw error
  }
}

function held(db: DatabaseSync, files: Files, holder: Holder): Lock {
  try {
    writeHolder(files, { holder, since: Date.now() })
  } catch (error) {
    db.close()
    throw error
  }
  return {
    release() {
      rmSync(files.holder, { force: true })
      db.close()
    },
  }
}

interface Named {
  holder: Holder
  since: number
}

function writeHolder(files: Files, named: Named): void {
  const beside = `${files.holder}.${named.holder.pid}`
  writeFileSync(beside, `${JSON.stringify(named)}\n`, { mode: 0o600 })
  renameSync(beside, files.holder)
}

function readHolder(files: Files): Named | undefined {
  try {
    const named: unknown = JSON.parse(readFileSync(files.holder, 'utf8'))
    if (!isObject(named) || !isObject(named['holder']) || typeof named['since'] !== 'number') return undefined
    const { pid, host, what } = named['holder']
    if (typeof pid !== 'number' || typeof host !== 'string' || typeof what !== 'string') return undefined
    return { holder: { pid, host, what }, since: named['since'] }
  } catch {
    return undefined
  }
}

/** By a signal, as Ctrl-Z sends one: it keeps the lock, and nothing tells. False where that cannot be seen. */
function isStopped({ host, pid }: Holder): boolean {
  if (host !== hostname()) return false
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    return /^[Tt]/.test(stat.slice(stat.lastIndexOf(')') + 2))
  } catch {
    return false
  }
}

/** The name that a killed process left behind is not the one to give. */
function mayBeAlive(holder: Holder): boolean {
  if (holder.host !== hostname()) return true
  try {
    process.kill(holder.pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
