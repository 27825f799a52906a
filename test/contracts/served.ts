// A served site for contracts, over HTTP where that is wanted; its files never change.
import { startServer } from '../../src/api/server.ts'
import { httpOperations } from '../../src/client/http-operations.ts'
import { serveSite } from '../../src/engine/serve-site.ts'
import type { Serving } from '../../src/engine/serving.ts'
import type { SiteParts } from '../../src/engine/site-parts.ts'
import type { SiteNow } from '../../src/model/operations.ts'
import { OPEN } from '../support/open-access.ts'
import type { OperationsAt } from './operations.ts'

export async function serveIt(parts: SiteParts, now: SiteNow): Promise<Serving> {
  const files = { changed: () => new Promise<never>(() => {}) }
  const served = await serveSite(parts, { now, files, by: 'server' })
  if (!served.ok) throw new Error(served.refusal.message)
  return served.value
}

export interface ServedOverHttp extends OperationsAt {
  serving: Serving
  url: string
}

export async function serveOverHttp(parts: SiteParts, now: SiteNow): Promise<ServedOverHttp> {
  const serving = await serveIt(parts, now)
  const mistakes: unknown[] = []
  const server = await startServer({
    serving,
    version: '0.0.0',
    instance: 'a test',
    listen: { host: '127.0.0.1', port: 0 },
    access: OPEN,
    transcriptPath: (run) => `/nowhere/${run}.log`,
    onMistake: (error) => void mistakes.push(error),
  })
  let closed: Promise<void> | undefined
  return {
    serving,
    url: server.url,
    operations: httpOperations({ url: server.url, by: 'ann' }),
    close: () => (closed ??= close()),
  }

  async function close(): Promise<void> {
    await serving.close()
    await server.close()
    if (mistakes.length > 0) throw mistakes[0] as Error
  }
}
