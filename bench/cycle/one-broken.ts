// One value changed that touches one role on all hosts, one of which has lost its power.
import { startHost, stopHost } from '../../src/lab/breakage.ts'
import type { Sample } from '../harness/question.ts'
import type { AnnealSite } from './anneal-site.ts'
import type { Host } from './ground.ts'
import { ANNEAL, ANSIBLE, type Cast, FIGURES, MITOGEN, type Scene, SERVED, take } from './scene.ts'
import { settled } from './settled.ts'

/** Exit codes: Anneal came to rest with work that is blocked, and Ansible had a host that it could not reach. */
const BLOCKED = 3
const UNREACHABLE = 4

export const oneBroken: Scene = async function* ({ tools, isWanted, newText }: Cast) {
  const { ground } = tools
  const name = `${ground.hosts.length} hosts: one host gone`
  if (!isWanted(name)) return
  const { site, served, end } = await settled(tools, newText())
  const broken = ground.hosts.at(-1) as Host
  const others = ground.hosts.slice(0, -1)
  await stopHost(ground.lab, broken.name)
  const changed = (by: string, work: (text: string) => Promise<unknown>) => (): Promise<Sample> => {
    const text = newText()
    return take(tools, { by, work: () => work(text), after: () => ground.verify(text, others) })
  }
  const anneal = (of: AnnealSite) => (text: string) => {
    of.write(text)
    return of.run(['up', '--yes'], BLOCKED)
  }
  const ansible = (strategy: 'linear' | 'mitogen_linear') => async (): Promise<Sample> => {
    await tools.ansible(strategy).ping(others)
    return changed(strategy, (text) => tools.ansible(strategy).play(text, { expected: UNREACHABLE }))()
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
      ],
    }
  } finally {
    await end()
    await startHost(ground.lab, broken.name)
  }
}
