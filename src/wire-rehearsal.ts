// The thread that rehearses a site beside a server's own: it reads the journal by itself, so that no turn waits for it.
import { parentPort, workerData } from 'node:worker_threads'
import type { RehearsalRequest } from './model/rehearsal.ts'
import { openOperations } from './wire-site.ts'

export interface Rehearsing {
  siteDirectory: string
  request: RehearsalRequest
}

const { siteDirectory, request } = workerData as Rehearsing
const operations = await openOperations(siteDirectory)
parentPort?.postMessage(await operations.rehearse(request))
await operations.close()
