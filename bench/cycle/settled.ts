// Hosts as all tools want them, with a site in a process of its own and one on a server, both of which know it.
import type { AnnealSite } from './anneal-site.ts'
import type { Tools } from './tools.ts'

export interface Settled {
  text: string
  site: AnnealSite
  served: AnnealSite
  end: () => Promise<void>
}

/** The state is the same whoever brought it about, so one tool after the other can be asked for it. */
export async function settled(tools: Tools, text: string): Promise<Settled> {
  await tools.ground.reset()
  const site = tools.anneal('anneal')
  site.write(text)
  await site.run(['up', '--yes'])
  const served = tools.anneal('served')
  await served.serve()
  served.write(text)
  await served.run(['up', '--yes'])
  await tools.limit().ask('true', '')
  await tools.ground.verify(text)
  return {
    text,
    site,
    served,
    async end() {
      await served.end()
      await site.end()
    },
  }
}
