// One value changed that touches one role on all hosts.
import type { Sample } from '../harness/question.ts'
import type { AnnealSite } from './anneal-site.ts'
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

export const oneValue: Scene = async function* ({ tools, isWanted, newText }: Cast) {
  const { ground } = tools
  const name = `${ground.hosts.length} hosts: one value changed`
  if (!isWanted(name)) return
  const { site, served, end } = await settled(tools, newText())
  const changed = (by: string, work: (text: string) => Promise<unknown>) => (): Promise<Sample> => {
    const text = newText()
    return take(tools, { by, work: () => work(text), after: () => ground.verify(text) })
  }
  const anneal = (of: AnnealSite) => (text: string) => {
    of.write(text)
    return of.run(['up', '--yes'])
  }
  const ansible = (strategy: 'linear' | 'mitogen_linear') => async (): Promise<Sample> => {
    await tools.ansible(strategy).ping()
    return changed(strategy, (text) => tools.ansible(strategy).play(text))()
  }
  try {
    yield {
      name,
      figures: FIGURES,
      contestants: [
        { name: ANNEAL, is: 'ours', measure: changed('anneal', anneal(site)) },
        { name: SERVED, is: 'ours', measure: changed('served', anneal(served)) },
        { name: MITOGEN, is: 'peer', rounds: 1, measure: ansible('mitogen_linear') },
        { name: ANSIBLE, is: 'peer', rounds: 1, measure: ansible('linear') },
        {
          name: OPEN_LIMIT,
          is: 'limit',
          measure: changed('limit', (text) => tools.limit().ask('motd', text)),
        },
      ],
      goals: [
        { figure: 'wall', of: SERVED, times: 100, betterThan: MITOGEN },
        { figure: 'wall', of: SERVED, times: 1.5, within: OPEN_LIMIT },
      ],
    }
  } finally {
    await end()
  }
}
