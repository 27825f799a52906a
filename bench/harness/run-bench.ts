// Runs one bench: asks its questions, prints each answer as it is there, keeps all as JSON in a folder that git ignores.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { parseArgs } from 'node:util'
import { judgeGoals } from './goals.ts'
import { thisMachine } from './machine.ts'
import { type Answered, measure } from './measure.ts'
import type { Bench } from './question.ts'
import { tableOf } from './table.ts'

const RESULTS = join(import.meta.dirname, '..', 'results')

/** `--rounds N` and `--only TEXT` (several: any of them) are the harness's, all else is the bench's. */
export async function runBench(name: string, bench: Bench, args: readonly string[]): Promise<void> {
  const { rounds, only, options } = split(args)
  const versions: Record<string, string> = {}
  const say = (message: string): void => void process.stderr.write(`  ${message}\n`)
  const isWanted = (question: string): boolean =>
    only.length === 0 || only.some((text) => question.includes(text))
  const machine = thisMachine()
  const command = ['npm run bench --', name, ...args].join(' ')
  const answers: (Answered & { goals: unknown })[] = []
  let isHeadPrinted = false
  const startedAt = new Date()
  for await (const question of bench({
    options,
    isWanted,
    say,
    version: (of, text) => void (versions[of] = text),
  })) {
    if (!isWanted(question.name)) continue
    const answered = await measure(question, { rounds, say })
    const goals = judgeGoals(question.goals ?? [], answered)
    if (!isHeadPrinted) {
      process.stdout.write(`${headOf(command, machine, versions)}\n`)
      isHeadPrinted = true
    }
    process.stdout.write(`${tableOf(answered, goals)}\n`)
    answers.push({ ...answered, goals })
  }
  mkdirSync(RESULTS, { recursive: true })
  const path = join(RESULTS, `${name}-${startedAt.toISOString().replace(/[:.]/g, '-')}.json`)
  writeFileSync(path, `${JSON.stringify({ command, startedAt, machine, versions, answers }, null, 2)}\n`)
  say(`kept in ${relative(process.cwd(), path)}`)
}

function headOf(command: string, machine: object, versions: Readonly<Record<string, string>>): string {
  const rows = Object.entries({ ...machine, ...versions }).map(([name, text]) => `- ${name}: ${text}`)
  return [
    `\`${command}\``,
    '',
    ...rows,
    '',
    'Medians, the least and the most in brackets; rounds in turn.',
    '',
  ].join('\n')
}

function split(args: readonly string[]): { rounds: number | undefined; only: string[]; options: string[] } {
  const { tokens } = parseArgs({
    args: [...args],
    strict: false,
    allowPositionals: true,
    tokens: true,
    options: { rounds: { type: 'string' }, only: { type: 'string', multiple: true } },
  })
  const ours = tokens.filter((token) => token.kind === 'option' && ['rounds', 'only'].includes(token.name))
  const taken = new Set<number>()
  let rounds: number | undefined
  const only: string[] = []
  for (const token of ours) {
    if (token.kind !== 'option') continue
    taken.add(token.index)
    if (token.inlineValue === false) taken.add(token.index + 1)
    if (token.name === 'only') only.push(token.value ?? '')
    else rounds = Number(token.value)
  }
  if (rounds !== undefined && !(Number.isInteger(rounds) && rounds > 0))
    throw new Error('--rounds takes a whole number from 1 on')
  return { rounds, only, options: args.filter((_, index) => !taken.has(index)) }
}
