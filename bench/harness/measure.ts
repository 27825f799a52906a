// Puts a question to its contestants, round after round in turn, so that what the machine does meanwhile hits all alike.
import { figureText } from './figure-text.ts'
import type { Contestant, Question, Sample } from './question.ts'
import { type Spread, spreadOf } from './spread.ts'

export interface Answered {
  question: string
  figures: Question['figures']
  rows: readonly Row[]
}

export interface Row {
  contestant: string
  is: Contestant['is']
  rounds: number
  spreads: Readonly<Record<string, Spread>>
}

const ROUNDS = 5

export async function measure(
  question: Question,
  {
    rounds = question.rounds ?? ROUNDS,
    say,
  }: { rounds?: number | undefined; say: (message: string) => void },
): Promise<Answered> {
  const taken = new Map<Contestant, Sample[]>(question.contestants.map((each) => [each, []]))
  for (let round = 0; round < rounds; round++) {
    for (const [contestant, samples] of taken) {
      if (round >= (contestant.rounds ?? rounds)) continue
      say(`${question.name}: ${contestant.name}, round ${round + 1} of ${contestant.rounds ?? rounds}`)
      const sample = await contestant.measure(round)
      samples.push(sample)
      say(
        `  ${Object.entries(sample)
          .map(([figure, value]) => `${figure} ${figureText(value)}`)
          .join(', ')}`,
      )
    }
  }
  const rows = [...taken].map(([contestant, samples]) => rowOf(contestant, samples, question.figures))
  return { question: question.name, figures: question.figures, rows }
}

function rowOf({ name, is }: Contestant, samples: readonly Sample[], figures: Question['figures']): Row {
  const spreads: Record<string, Spread> = {}
  for (const figure of Object.keys(figures)) {
    const spread = spreadOf(samples.flatMap((sample) => sample[figure] ?? []))
    if (spread !== undefined) spreads[figure] = spread
  }
  return { contestant: name, is, rounds: samples.length, spreads }
}
