// The question before a commit or a rinse: shows what would happen and gets a yes or a no for it.
import type { Diff } from '../model/view.ts'
import { diffLines, isEmptyDiff } from './diff-text.ts'
import type { Door } from './door.ts'
import { EXIT, type ExitCode } from './exit-codes.ts'
import type { JsonLines } from './json-lines.ts'
import type { Reporter } from './reporter.ts'
import { diffWithoutSecrets } from '../model/without-secrets.ts'
import { styled } from './text.ts'

export interface QuestionFlags {
  yes: boolean
  all: boolean
}

export class Question {
  /** There was something to ask and nobody to answer. */
  unasked = false
  readonly #door: Door
  readonly #flags: QuestionFlags

  constructor(door: Door, flags: QuestionFlags) {
    this.#door = door
    this.#flags = flags
  }

  /** An interrupt is a no. */
  async ask(
    full: Diff,
    reporter: Reporter,
    json: JsonLines | undefined,
    signal: AbortSignal,
  ): Promise<boolean> {
    const diff = diffWithoutSecrets(full)
    reporter.pause()
    this.#show(diff, json)
    if (isEmptyDiff(diff)) return true
    const question = diff.revision === diff.onto ? 'Run this again?' : 'Commit this and anneal?'
    return this.confirmed(question, json, signal)
  }

  /** What the question is about has been shown already. */
  async confirmed(question: string, json: JsonLines | undefined, signal: AbortSignal): Promise<boolean> {
    if (this.#flags.yes) return true
    const { stdin, stderr } = this.#door.world
    if (!stdin.isTTY || !stderr.isTTY || json !== undefined) {
      this.unasked = true
      return false
    }
    return this.#answered(question, signal)
  }

  #show(diff: Diff, json: JsonLines | undefined): void {
    if (json === undefined) this.#door.print([...diffLines(diff, this.#flags.all), []])
    else {
      const { changes, ...head } = diff
      json.line('diff', head)
      for (const change of changes) json.line('change', change)
    }
  }

  async #answered(question: string, signal: AbortSignal): Promise<boolean> {
    const { stdin, stderr } = this.#door.world
    for (;;) {
      stderr.write(`${question} [y/N] `)
      const reply = await stdin.readLine(signal)
      if (reply === undefined) stderr.write('\n')
      const word = (reply ?? '').trim().toLowerCase()
      if (['y', 'yes'].includes(word)) return true
      if (['', 'n', 'no'].includes(word)) {
        this.#door.talk([['nothing was done']])
        return false
      }
      this.#door.talk([[`y or n, please, not `, styled('strong', word)]])
    }
  }
}

/** The end of a command whose question nobody answered. */
export function needsYes(door: Door, command: string): ExitCode {
  door.talk([
    [styled('bad', 'anneal: '), 'nobody is there to be asked, so nothing was done'],
    [styled('faint', '  next: '), `anneal ${command} --yes goes on without a question`],
  ])
  return EXIT.usage
}
