// One host more, which no tool has been on, beside all others as they are.
import type { Contestant, Sample } from '../harness/question.ts'
import type { AnnealSite } from './anneal-site.ts'
import { ANNEAL, ANSIBLE, type Cast, FIGURES, LIMIT, MITOGEN, type Scene, SERVED, take } from './scene.ts'
import { settled } from './settled.ts'

export const oneAdded: Scene = async function* ({ tools, isWanted, newText }: Cast) {
  const { ground } = tools
  const name = `${ground.hosts.length} hosts: one host added`
  if (!isWanted(name)) return
  const { text, site, served, end } = await settled(tools, newText())
  const all = [...ground.hosts, ground.added]
  const after = (): Promise<void> => ground.verify(text, all)
  const before = (): Promise<void> => ground.reset([ground.added])
  const anneal = (by: string, of: AnnealSite) => async (): Promise<Sample> => {
    const sample = await take(tools, {
      by,
      before: async () => {
        await before()
        of.write(text, { hosts: all })
      },
      work: () => of.run(['up', '--yes']),
      after,
    })
    of.write(text)
    await of.run(['up', '--yes'])
    return sample
  }
  const ansible =
    (strategy: 'linear' | 'mitogen_linear', limit = '') =>
    (): Promise<Sample> =>
      take(tools, {
        by: strategy,
        before: async () => {
          await before()
          await tools.ansible(strategy).ping()
        },
        work: () => tools.ansible(strategy).play(text, { hosts: all, limit }),
        after,
      })
  const limit: Contestant['measure'] = async () => {
    await tools.limit().end()
    return take(tools, {
      by: 'limit',
      before,
      work: () => tools.limit().ask('apply', text, [ground.added]),
      after,
    })
  }
  try {
    yield {
      name,
      figures: FIGURES,
      contestants: [
        { name: ANNEAL, is: 'ours', measure: anneal('anneal', site) },
        { name: SERVED, is: 'ours', measure: anneal('served', served) },
        { name: MITOGEN, is: 'peer', rounds: 1, measure: ansible('mitogen_linear') },
        {
          name: `${MITOGEN}, --limit to it`,
          is: 'peer',
          rounds: 2,
          measure: ansible('mitogen_linear', ground.added.name),
        },
        {
          name: `${ANSIBLE}, --limit to it`,
          is: 'peer',
          rounds: 2,
          measure: ansible('linear', ground.added.name),
        },
        { name: `${LIMIT}, on it alone`, is: 'limit', measure: limit },
      ],
      goals: [],
    }
  } finally {
    await end()
  }
}
