// The roof over runners elsewhere: the desk between a server's engine and them.
import type { Elsewhere } from './api/elsewhere.ts'
import { digestOf } from './base/digest.ts'
import type { Json } from './base/json.ts'
import type { Serving } from './engine/serving.ts'
import type { SiteParts } from './engine/site-parts.ts'
import { transcriptPath } from './wire-home.ts'
import { followSecrets } from './wire-secrets.ts'

export interface ElsewhereParts extends Elsewhere {
  makeRunner: SiteParts['makeRunner']
  makeExecutor: SiteParts['makeExecutor']
  /** Hears what operators say of runners; before anybody else may ask. */
  hear(serving: Serving): Promise<void>
}

const TRANSCRIPT_BYTES = 100 * 1024 * 1024

export async function elsewhereOf(
  directory: string,
  site: SiteParts,
  leaseMs: number,
): Promise<ElsewhereParts> {
  const { Challenges } = await import('./api/elsewhere.ts')
  const { LeaseDesk } = await import('./runner/lease-desk.ts')
  const { isPublicKey, isSigned } = await import('./runner/key-pair.ts')
  const { ElsewhereExecutor } = await import('./runner/elsewhere-executor.ts')
  const { elsewhereLooks } = await import('./runner/elsewhere-looks.ts')
  const { LogKeeper } = await import('./runner/log-keeper.ts')
  const { prepareWork } = await import('./runner/prepare-work.ts')
  const { routedExecutor } = await import('./runner/routed-executor.ts')
  const { routedRunner } = await import('./runner/routed-runner.ts')
  const resolve = await followSecrets(directory)
  const schema: Parameters<typeof prepareWork>[1]['schema'] = (of) => site.language.schema(of)
  let report: ConstructorParameters<typeof LeaseDesk>[0]['report'] = () => {}
  const desk = new LeaseDesk({
    leaseMs,
    clock: { now: () => performance.now(), after },
    report: (said) => report(said),
    schema,
    prepare: (work) => prepareWork(work, { resolve, schema, signal: new AbortController().signal }),
    keepLog: (run) => new LogKeeper({ path: transcriptPath(directory, run), mostBytes: TRANSCRIPT_BYTES }),
  })
  const elsewhere: ElsewhereParts = {
    desk,
    leaseMs,
    owner: '',
    challenges: new Challenges(),
    keys: { isPublicKey, isSigned },
    async makeRunner(blob, events, where) {
      const here = await site.makeRunner(blob, events, where)
      if (where === 'aside') return routedRunner(here, elsewhereLooks(desk, blob, events))
      report = (said) => events.report(said)
      desk.open()
      return routedRunner(here, desk)
    },
    async makeExecutor(notice, where) {
      const there = new ElsewhereExecutor({ desk, siteDir: directory, notice })
      return routedExecutor(await site.makeExecutor(notice, where), there)
    },
    async hear(serving) {
      elsewhere.owner = await ownerIn(serving)
      serving.watch(({ events }) => {
        for (const event of events) {
          if (event.kind === 'runnerDrained') desk.setDraining(event.runner, true)
          if (event.kind === 'runnerResumed') desk.setDraining(event.runner, false)
          if (event.kind === 'runnerRevoked') desk.lose(event.runner, 'it was revoked')
        }
      })
    },
  }
  return elsewhere
}

/** The same for every server that has this journal: whichever of them leads, runners end what they left under another. */
async function ownerIn(serving: Serving): Promise<string> {
  for await (const [first] of serving.events(0))
    if (first) return `site ${digestOf(first as unknown as Json)}`
  throw new Error('a site that is served has begun')
}

function after(ms: number, wake: () => void): () => void {
  const timer = setTimeout(wake, ms)
  return () => clearTimeout(timer)
}
