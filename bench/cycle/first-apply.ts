// From nothing: ten roles on hosts that no tool has been on, over new connections and over open ones.
import type { Sample } from '../harness/question.ts'
import {
  ANNEAL,
  ANSIBLE,
  type Cast,
  FIGURES,
  LIMIT,
  MITOGEN,
  OPEN_LIMIT,
  type Scene,
  SERVED,
  take,
} from './scene.ts'

export const firstApply: Scene = async function* ({ tools, isWanted, newText }: Cast) {
  const { ground } = tools
  const name = `${ground.hosts.length} hosts: first apply`
  if (!isWanted(name)) return

  const cold = async (): Promise<Sample> => {
    const text = newText()
    const site = tools.anneal('anneal')
    site.write(text)
    return take(tools, {
      by: 'anneal',
      before: () => ground.reset(),
      work: () => site.run(['up', '--yes']),
      after: async () => {
        await ground.verify(text)
        await site.end()
      },
    })
  }
  const served = async (): Promise<Sample> => {
    const text = newText()
    const site = tools.anneal('served')
    return take(tools, {
      by: 'served',
      before: async () => {
        await ground.reset()
        await site.serve()
        site.write(text)
      },
      work: () => site.run(['up', '--yes']),
      after: async () => {
        await ground.verify(text)
        await site.end()
      },
    })
  }
  const ansible = (strategy: 'linear' | 'mitogen_linear') => async (): Promise<Sample> => {
    const text = newText()
    const tool = tools.ansible(strategy)
    return take(tools, {
      by: strategy,
      before: async () => {
        await ground.reset()
        await tool.ping()
      },
      work: () => tool.play(text),
      after: () => ground.verify(text),
    })
  }
  const limit = (isOpen: boolean) => async (): Promise<Sample> => {
    const text = newText()
    const tool = tools.limit()
    await tool.end()
    return take(tools, {
      by: 'limit',
      before: async () => {
        await ground.reset()
        if (isOpen) await tool.ask('true', '')
      },
      work: () => tool.ask('apply', text),
      after: () => ground.verify(text),
    })
  }
  yield {
    name,
    figures: FIGURES,
    contestants: [
      { name: ANNEAL, is: 'ours', measure: cold },
      { name: SERVED, is: 'ours', measure: served },
      { name: MITOGEN, is: 'peer', rounds: 1, measure: ansible('mitogen_linear') },
      { name: ANSIBLE, is: 'peer', rounds: 1, measure: ansible('linear') },
      { name: LIMIT, is: 'limit', measure: limit(false) },
      { name: OPEN_LIMIT, is: 'limit', measure: limit(true) },
    ],
    goals: [
      { figure: 'wall', of: ANNEAL, times: 8, betterThan: MITOGEN },
      { figure: 'wall', of: SERVED, times: 30, betterThan: MITOGEN },
      { figure: 'wall', of: ANNEAL, times: 1.5, within: LIMIT },
      { figure: 'wall', of: SERVED, times: 1.5, within: OPEN_LIMIT },
    ],
  }
}
