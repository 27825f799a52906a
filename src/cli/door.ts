// What a command has in hand: the world, a way to print data and talk, and how to say a refusal or a fault of content.
import type { Fault } from '../model/fault.ts'
import type { Operations } from '../model/operations.ts'
import type { Refusal } from '../model/refusal.ts'
import { refusalWords, type Words } from '../model/words.ts'
import { EXIT, EXIT_OF_REFUSAL, type ExitCode } from './exit-codes.ts'
import { faultLines } from './fault-text.ts'
import { findSite } from './find-site.ts'
import { JsonLines } from './json-lines.ts'
import { hasColour, isLive } from './palette.ts'
import { movedLines } from './revision-text.ts'
import { cut, type Line, render, renderAll, styled } from './text.ts'
import type { CliWorld, LoadedSite } from './world.ts'

/** Flags that every command which works on a site has. */
export type SiteFlags = {
  site?: string
  json: boolean
}

export class Door {
  readonly world: CliWorld
  /** `-C` given before the command. */
  readonly siteGiven: string | undefined
  /** `--server` given before the command, or `ANNEAL_SERVER`. */
  readonly serverGiven: string | undefined
  /** Who carries out what this command asks, where that is not this process. */
  server: string | undefined

  constructor(world: CliWorld, siteGiven: string | undefined, serverGiven?: string) {
    this.world = world
    this.siteGiven = siteGiven
    this.serverGiven = serverGiven ?? world.env['ANNEAL_SERVER']
  }

  print(lines: readonly Line[]): void {
    if (lines.length > 0) this.world.stdout.write(renderAll(lines, hasColour(this.world, this.world.stdout)))
  }

  talk(lines: readonly Line[]): void {
    if (lines.length > 0) this.world.stderr.write(renderAll(lines, hasColour(this.world, this.world.stderr)))
  }

  json(kind: string, fields: object = {}): JsonLines {
    return new JsonLines(this.world.stdout, kind, fields)
  }

  /** Columns for tables; undefined in pipes, where lines may be as long as they are. */
  width(): number | undefined {
    return this.world.stdout.isTTY ? this.world.stdout.columns() : undefined
  }

  siteDirectory(flags: SiteFlags): string | undefined {
    const found = findSite(flags.site ?? this.siteGiven, this.world.cwd)
    if (found.ok) return found.directory
    this.fail(found.says, found.next, flags.json)
    return undefined
  }

  /** Where lines of JSON have begun already, the refusal is one more of them. */
  refuse(refusal: Refusal, json: boolean | JsonLines): ExitCode {
    if (json === true) this.json('refusal', { refusal })
    else if (json !== false) json.line('refusal', { refusal })
    this.talk(wordsLines(refusalWords(refusal)))
    if (refusal.code === 'invalidSite') this.talk(faultLines(refusal.faults))
    if (refusal.code === 'timelineMoved') this.talk(movedLines(refusal.moved))
    return EXIT_OF_REFUSAL[refusal.code]
  }

  /** Bad usage that only the command itself could see. */
  fail(says: string, next: string | undefined, json: boolean): ExitCode {
    if (json) this.json('usage', { message: says, ...(next === undefined ? {} : { next }) })
    this.talk(wordsLines({ says, ...(next === undefined ? {} : { next }) }))
    return EXIT.usage
  }

  invalid(faults: readonly Fault[], json: boolean): ExitCode {
    if (json) {
      const lines = this.json('invalid', { faults: faults.length })
      for (const fault of faults) lines.line('fault', fault)
    }
    this.talk([...faultLines(faults), [styled('bad', countOfFaults(faults.length))]])
    return EXIT.usage
  }

  /** Reads with `use` and closes in every case; refusals of opening are said here. */
  async reading(
    flags: SiteFlags,
    use: (operations: Operations, directory: string) => Promise<ExitCode>,
  ): Promise<ExitCode> {
    return this.#using(flags, 'read', use)
  }

  async writing(
    flags: SiteFlags,
    use: (operations: Operations, directory: string) => Promise<ExitCode>,
  ): Promise<ExitCode> {
    return this.#using(flags, 'write', use)
  }

  async load(directory: string, json: boolean): Promise<Extract<LoadedSite, { ok: true }> | undefined> {
    const erase = this.#sayReading(directory)
    const loaded = await this.world.loadSite(directory)
    erase()
    if (loaded.ok) {
      this.talk(faultLines(loaded.warnings, 'warning'))
      return loaded
    }
    // What is warned of may be what the fault comes from.
    this.talk(faultLines(loaded.warnings ?? [], 'warning'))
    this.invalid(loaded.faults, json)
    return undefined
  }

  /** Until so much time has gone by, or the signal says not to wait. */
  pause(ms: number, signal: AbortSignal): Promise<void> {
    const { world } = this
    return new Promise((resolve) => {
      const stop = world.every(ms, over)
      signal.addEventListener('abort', over)
      function over(): void {
        stop()
        signal.removeEventListener('abort', over)
        resolve()
      }
      if (signal.aborted) over()
    })
  }

  /** Large sites take their time; a person sees at once that something is going on. */
  #sayReading(directory: string): () => void {
    const { stderr } = this.world
    if (!isLive(this.world, stderr)) return () => {}
    stderr.write(`${render(cut([`reading ${directory}`], stderr.columns() - 1), false)}\r`)
    return () => stderr.write(ERASE_LINE)
  }

  async #using(
    flags: SiteFlags,
    mode: 'read' | 'write',
    use: (operations: Operations, directory: string) => Promise<ExitCode>,
  ): Promise<ExitCode> {
    // A server elsewhere needs no site here.
    const directory = this.serverGiven === undefined ? this.siteDirectory(flags) : this.world.cwd
    if (directory === undefined) return EXIT.usage
    const opened = await this.world.openOperations(directory, mode, this.serverGiven)
    if (opened.ok) this.server = opened.value.server
    if (!opened.ok) return this.refuse(opened.refusal, flags.json)
    try {
      return await use(opened.value, directory)
    } finally {
      await opened.value.close()
    }
  }
}

const ERASE_LINE = '\u001b[K'

function wordsLines(words: Words): Line[] {
  const says: Line = [styled('bad', 'anneal: '), words.says]
  return words.next === undefined ? [says] : [says, [styled('faint', '  next: '), words.next]]
}

function countOfFaults(count: number): string {
  return count === 1 ? '1 fault' : `${count} faults`
}
