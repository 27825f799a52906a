// One command on all hosts, beside the tools that are made for just that.
import type { Sample } from '../harness/question.ts'
import { type Cast, FIGURES, LIMIT, OPEN_LIMIT, type Scene, take } from './scene.ts'

const COMMAND = 'true'

export const oneCommand: Scene = async function* ({ tools, isWanted }: Cast) {
  const { ground } = tools
  const name = `${ground.hosts.length} hosts: one command`
  if (!isWanted(name)) return
  const site = tools.anneal('anneal')
  // Nodes are known once they are committed, with a role that does nothing.
  site.write('', { first: true })
  await site.run(['up', '--yes'])
  const after = async (): Promise<void> => {}
  const fanOut = (work: () => Promise<unknown>) => (): Promise<Sample> =>
    take(tools, {
      by: 'fan-out',
      before: () =>
        tools
          .fanOut()
          .ssh(COMMAND)
          .then(() => {}),
      work,
      after,
    })
  const limit = (isOpen: boolean) => async (): Promise<Sample> => {
    await tools.limit().end()
    if (isOpen) await tools.limit().ask('true', '')
    return take(tools, { by: 'limit', work: () => tools.limit().ask('true', ''), after })
  }
  yield {
    name,
    figures: FIGURES,
    contestants: [
      {
        name: 'anneal exec',
        is: 'ours',
        measure: () =>
          take(tools, { by: 'anneal', work: () => site.run(['exec', '--all', '--', COMMAND]), after }),
      },
      {
        name: 'ClusterShell',
        is: 'peer',
        rounds: 3,
        measure: fanOut(() => tools.fanOut().clush(COMMAND, false)),
      },
      {
        name: 'ClusterShell, connections kept',
        is: 'peer',
        measure: fanOut(() => tools.fanOut().clush(COMMAND, true)),
      },
      { name: 'ssh, connections kept', is: 'peer', measure: fanOut(() => tools.fanOut().ssh(COMMAND)) },
      { name: LIMIT, is: 'limit', measure: limit(false) },
      { name: OPEN_LIMIT, is: 'limit', measure: limit(true) },
    ],
  }
  await site.end()
}
