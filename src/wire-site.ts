// The roof over one site: its journal and its keys, the runner and the executor that reach its nodes.
import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { Aside, SiteParts } from './engine/site-parts.ts'
import type { Operations } from './model/operations.ts'
import type { Answer } from './model/refusal.ts'
import type { RehearsalReport } from './model/rehearsal.ts'
import type { Rehearsing } from './wire-rehearsal.ts'
import type { Tenure } from './journal/journal.ts'
import type { Executor } from './runner/executor.ts'
import type { LocalRunnerOptions } from './runner/local-runner.ts'
import type { Runner } from './runner/runner.ts'
import type { KeySource } from './secrets/key-source.ts'
import type { Transport } from './transports/transport.ts'
import { HOLDER, stateOf } from './wire-home.ts'
import { journalOf } from './wire-journal.ts'
import { followSecrets, secretsSettings } from './wire-secrets.ts'

/** For people who look at files: a template that takes longer is told as a problem of its own. */
const SHOWN_WITHIN_MS = 1_000

/** In this process so far. */
const made = { asides: 0 }

export async function openOperations(siteDirectory: string): Promise<Operations> {
  const { siteOperations } = await import('./engine/site-operations.ts')
  return siteOperations(await sitePartsOf(siteDirectory))
}

export async function sitePartsOf(siteDirectory: string): Promise<SiteParts> {
  const { sealedJournal } = await import('./secrets/sealed-journal.ts')
  const { WrappingKeys } = await import('./secrets/key-ring.ts')
  const { makeLanguage } = await import('./content/language.ts')
  const { controlSocket } = await import('./engine/control-socket.ts')
  const { systemClock } = await import('./engine/clock.ts')
  const language = makeLanguage()
  const journal = await journalOf(siteDirectory)
  return {
    store: sealedJournal(journal, new WrappingKeys(() => keySource(siteDirectory))),
    language,
    clock: systemClock,
    control: controlSocket(stateOf(siteDirectory)),
    makeRunner: async (blob, events, where) =>
      makeRunner(
        { siteDir: siteDirectory, blob, events, schema: (schema) => language.schema(schema) },
        await transportsOf(siteDirectory, journal.tenure?.(), where),
      ),
    makeExecutor: async (notice, where) =>
      makeExecutor(siteDirectory, notice, await transportsOf(siteDirectory, journal.tenure?.(), where)),
    showFiles: async (order, blob, signal) => {
      const { showFiles } = await import('./drivers/show-files.ts')
      const { makeRenderer } = await import('./content/renderer.ts')
      return showFiles(makeRenderer(SHOWN_WITHIN_MS))(order, blob, signal)
    },
    rehearseAside: (request) => rehearseAside({ siteDirectory, request }),
    holder: HOLDER,
  }
}

/** In a thread of its own. */
async function rehearseAside(workerData: Rehearsing): Promise<Answer<RehearsalReport>> {
  const script = new URL(`./wire-rehearsal${extname(import.meta.url)}`, import.meta.url)
  const worker = new Worker(script, { workerData })
  return new Promise((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
    worker.once('exit', (code) => reject(new Error(`the thread that rehearses ended with ${code}`)))
  })
}

/** Asked for when something is sealed, or is to be: most questions to most sites need no key. */
async function keySource(siteDirectory: string): Promise<Answer<KeySource>> {
  const { KEY_PLACE, keySourceAt } = await import('./secrets/key-place.ts')
  const read = await secretsSettings(siteDirectory)
  return read.ok ? { ok: true, value: keySourceAt(read.value.key ?? KEY_PLACE, siteDirectory) } : read
}

async function makeRunner(
  parts: Pick<LocalRunnerOptions, 'siteDir' | 'blob' | 'events' | 'schema'>,
  transports: Transport[],
): Promise<Runner> {
  const { LocalRunner } = await import('./runner/local-runner.ts')
  const { loginsAtOnce } = await import('./runner/logins.ts')
  const { scriptDriver } = await import('./drivers/script.ts')
  const { makeRenderer } = await import('./content/renderer.ts')
  return new LocalRunner({
    ...parts,
    transports,
    limits: { logins: loginsAtOnce() },
    drivers: [scriptDriver()],
    render: makeRenderer(),
    resolve: await followSecrets(parts.siteDir),
  })
}

async function makeExecutor(
  siteDir: string,
  notice: (node: string, message: string) => void,
  transports: Transport[],
): Promise<Executor> {
  const { LocalExecutor } = await import('./runner/local-executor.ts')
  const { loginsAtOnce } = await import('./runner/logins.ts')
  return new LocalExecutor({ siteDir, transports, logins: loginsAtOnce(), notice })
}

/**
 * Where other machines may have the journal after this one, all of them are one owner at nodes, so that the next ends there what this one
 * left; and this one sends nothing there once it was overtaken.
 */
async function transportsOf(
  siteDir: string,
  tenure: Tenure | undefined,
  where?: Aside,
): Promise<Transport[]> {
  const { fenced } = await import('./runner/fenced.ts')
  const { localTransport } = await import('./transports/local.ts')
  const { ownerOf } = await import('./transports/slot.ts')
  const { sshTransport } = await import('./transports/ssh.ts')
  const owner = ownerFor(tenure ? `journal ${tenure.journal}` : ownerOf(siteDir), where)
  const transports = [sshTransport({ siteDir, owner }), localTransport({ owner })]
  return tenure ? transports.map((one) => fenced(one, () => tenure.holds())) : transports
}

/** With an owner of its own it ends nothing that another one of this site has under way. */
function ownerFor(owner: string, where: Aside | undefined): string {
  return where === 'aside' ? `${owner} aside ${process.pid} ${++made.asides}` : owner
}
