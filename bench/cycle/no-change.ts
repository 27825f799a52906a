// Nothing to do: asked of a tool that remembers, and with every role of every host looked at.
import type { Contestant, Sample } from '../harness/question.ts'
import {
  ANNEAL,
  ANSIBLE,
  type Cast,
  FIGURES,
  MITOGEN,
  OPEN_LIMIT,
  type Scene,
  SERVED,
  take,
} from './scene.ts'
import { settled } from './settled.ts'

export const noChange: Scene = async function* ({ tools, isWanted, newText }: Cast) {
  const { ground } = tools
  const nothing = `${ground.hosts.length} hosts: no change`
  const checked = `${ground.hosts.length} hosts: every role checked for drift`
  if (!isWanted(nothing) && !isWanted(checked)) return
  const { text, site, served, end } = await settled(tools, newText())
  const after = (): Promise<void> => ground.verify(text)
  const run = (by: 'anneal' | 'served', words: string[]) => (): Promise<Sample> =>
    take(tools, { by, work: () => (by === 'anneal' ? site : served).run(words), after })
  const ansible = (strategy: 'linear' | 'mitogen_linear') => (): Promise<Sample> =>
    take(tools, {
      by: strategy,
      before: () => tools.ansible(strategy).ping(),
      work: () => tools.ansible(strategy).play(text),
      after,
    })
  const peers: Contestant[] = [
    { name: MITOGEN, is: 'peer', rounds: 1, measure: ansible('mitogen_linear') },
    { name: ANSIBLE, is: 'peer', rounds: 1, measure: ansible('linear') },
  ]
  try {
    yield {
      name: nothing,
      figures: FIGURES,
      contestants: [
        { name: ANNEAL, is: 'ours', measure: run('anneal', ['up', '--yes']) },
        { name: SERVED, is: 'ours', measure: run('served', ['up', '--yes']) },
        ...peers,
      ],
      goals: [
        { figure: 'wall', of: ANNEAL, times: 1_000, betterThan: MITOGEN },
        { figure: 'wall', of: SERVED, times: 1_000, betterThan: MITOGEN },
      ],
    }
    const look = async (): Promise<Sample> =>
      take(tools, { by: 'limit', work: () => tools.limit().ask('check', text), after })
    yield {
      name: checked,
      figures: FIGURES,
      contestants: [
        { name: 'anneal drift', is: 'ours', measure: run('anneal', ['drift']) },
        { name: 'anneal drift, with a server', is: 'ours', measure: run('served', ['drift']) },
        ...peers,
        { name: OPEN_LIMIT, is: 'limit', measure: look },
      ],
      goals: [
        { figure: 'wall', of: 'anneal drift, with a server', times: 200, betterThan: MITOGEN },
        { figure: 'wall', of: 'anneal drift, with a server', times: 1.5, within: OPEN_LIMIT },
      ],
    }
  } finally {
    await end()
  }
}
