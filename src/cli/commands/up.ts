// `anneal up`: reads the site, shows what would change, asks, commits, anneals to rest.
import type { UpResult } from '../../model/operations.ts'
import type { Answer } from '../../model/refusal.ts'
import type { Diff } from '../../model/view.ts'
import { type AnnealFlags, annealing } from '../annealing.ts'
import { diffLines, isEmptyDiff } from '../diff-text.ts'
import { diffWithoutSecrets } from '../secrets.ts'
import type { Door, SiteFlags } from '../door.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import type { JsonLines } from '../json-lines.ts'
import type { Reporter } from '../reporter.ts'
import { styled } from '../text.ts'

export type UpFlags = SiteFlags &
  AnnealFlags & {
    yes: boolean
    stay: boolean
    all: boolean
    message?: string
  }

export default async function up(door: Door, flags: UpFlags): Promise<ExitCode> {
  const directory = door.siteDirectory(flags)
  if (directory === undefined) return EXIT.usage
  const loaded = await door.load(directory, flags.json)
  if (loaded === undefined) return EXIT.usage
  return door.writing({ ...flags, site: directory }, async (operations) => {
    const question = new Question(door, flags)
    const code = await annealing(door, flags, 'up', (request, reporter, json): Promise<Answer<UpResult>> => {
      const confirm = (diff: Diff): Promise<boolean> => question.ask(diff, reporter, json)
      const message = flags.message ?? ''
      return operations.up({ ...request, site: loaded.site, content: loaded.content, message, confirm })
    })
    return question.unasked ? needsYes(door) : code
  })
}

/** Shows the diff and gets a yes or a no for it. */
class Question {
  /** There was something to ask and nobody to answer. */
  unasked = false
  readonly #door: Door
  readonly #flags: UpFlags

  constructor(door: Door, flags: UpFlags) {
    this.#door = door
    this.#flags = flags
  }

  async ask(full: Diff, reporter: Reporter, json: JsonLines | undefined): Promise<boolean> {
    const diff = diffWithoutSecrets(full)
    reporter.pause()
    this.#show(diff, json)
    if (isEmptyDiff(diff) || this.#flags.yes) return true
    const { stdin, stderr } = this.#door.world
    if (!stdin.isTTY || !stderr.isTTY || json !== undefined) {
      this.unasked = true
      return false
    }
    return this.#answered(diff.revision === diff.onto ? 'Run this again?' : 'Commit this and anneal?')
  }

  #show(diff: Diff, json: JsonLines | undefined): void {
    if (json === undefined) this.#door.print([...diffLines(diff, this.#flags.all), []])
    else {
      const { changes, ...head } = diff
      json.line('diff', head)
      for (const change of changes) json.line('change', change)
    }
  }

  async #answered(question: string): Promise<boolean> {
    const { stdin, stderr } = this.#door.world
    for (;;) {
      stderr.write(`${question} [y/N] `)
      const reply = await stdin.readLine()
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

function needsYes(door: Door): ExitCode {
  door.talk([
    [styled('bad', 'anneal: '), 'nobody is there to be asked, so nothing was done'],
    [styled('faint', '  next: '), 'anneal up --yes goes on without a question; anneal diff shows this again'],
  ])
  return EXIT.usage
}
