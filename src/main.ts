// The roof: picks the implementations and wires the rooms; what a command does not need is not loaded.
import { hostname } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runCli } from './cli/cli.ts'
import { processWorld } from './cli/process-world.ts'
import type { CliWorld } from './cli/world.ts'
import type { SqliteOptions } from './journal/sqlite-journal.ts'
import type { Operations } from './model/operations.ts'
import type { Answer } from './model/refusal.ts'
import type { SecretsSettings, VaultSettings } from './model/secrets.ts'
import type { LocalRunnerOptions } from './runner/local-runner.ts'
import type { Executor } from './runner/executor.ts'
import type { Runner } from './runner/runner.ts'
import type { KeySource } from './secrets/key-source.ts'

const HOME = dirname(dirname(fileURLToPath(import.meta.url)))
const VERSION = '0.1.0'
const SHIPPED_PACKAGES = join(HOME, 'packages')
const HOLDER = { pid: process.pid, host: hostname(), what: ['anneal', ...process.argv.slice(2)].join(' ') }

const world: CliWorld = {
  ...processWorld(),
  version: VERSION,
  async loadSite(directory) {
    const { loadSite } = await import('./content/load-site.ts')
    return loadSite(directory, { shippedPackages: SHIPPED_PACKAGES })
  },
  async siteStamp(directory, files) {
    const { siteStamp } = await import('./content/site-stamp.ts')
    return siteStamp(directory, files)
  },
  async openOperations(siteDirectory) {
    return { ok: true, value: await openOperations(siteDirectory) }
  },
  transcriptPath: (siteDirectory, run) => join(stateOf(siteDirectory), 'runs', `${run}.log`),
  async secrets(siteDirectory) {
    const { secretsKeeping } = await import('./secrets/keeping.ts')
    const { sqliteJournal } = await import('./journal/sqlite-journal.ts')
    return secretsKeeping({
      store: sqliteJournal(stateOf(siteDirectory), journalOptions(siteDirectory)),
      siteDir: siteDirectory,
      settings: () => secretsSettings(siteDirectory),
      holder: HOLDER,
    })
  },
  async lab() {
    const { labDoor } = await import('./lab/door.ts')
    return labDoor
  },
  async demo(request) {
    const { demo } = await import('./engine/demo.ts')
    const { makeLanguage } = await import('./content/language.ts')
    return demo(makeLanguage(), request)
  },
}

process.exitCode = await runCli(process.argv.slice(2), world)

function stateOf(siteDirectory: string): string {
  return join(siteDirectory, '.anneal')
}

function journalOptions(siteDirectory: string): SqliteOptions {
  return {
    site: basename(siteDirectory),
    toolVersion: VERSION,
    notice: (message) => process.stderr.write(`anneal: ${message}\n`),
  }
}

async function openOperations(siteDirectory: string): Promise<Operations> {
  const { siteOperations } = await import('./engine/site-operations.ts')
  const { sealedJournal } = await import('./secrets/sealed-journal.ts')
  const { WrappingKeys } = await import('./secrets/key-ring.ts')
  const { sqliteJournal } = await import('./journal/sqlite-journal.ts')
  const { makeLanguage } = await import('./content/language.ts')
  const { controlSocket } = await import('./engine/control-socket.ts')
  const { systemClock } = await import('./engine/clock.ts')
  const language = makeLanguage()
  return siteOperations({
    store: sealedJournal(
      sqliteJournal(stateOf(siteDirectory), journalOptions(siteDirectory)),
      new WrappingKeys(() => keySource(siteDirectory)),
    ),
    language,
    clock: systemClock,
    control: controlSocket(stateOf(siteDirectory)),
    makeRunner: (blob, events, where) =>
      makeRunner(
        { siteDir: siteDirectory, blob, events, schema: (schema) => language.schema(schema) },
        where,
      ),
    makeExecutor: (notice) => makeExecutor(siteDirectory, notice),
    holder: HOLDER,
  })
}

async function vaultSettings(siteDirectory: string): Promise<Answer<VaultSettings>> {
  const read = await secretsSettings(siteDirectory)
  return read.ok ? { ok: true, value: read.value.vault ?? {} } : read
}

/** Asked for when something is sealed, or is to be: most questions to most sites need no key. */
async function keySource(siteDirectory: string): Promise<Answer<KeySource>> {
  const { KEY_PLACE, keySourceAt } = await import('./secrets/key-place.ts')
  const read = await secretsSettings(siteDirectory)
  return read.ok ? { ok: true, value: keySourceAt(read.value.key ?? KEY_PLACE, siteDirectory) } : read
}

async function secretsSettings(siteDirectory: string): Promise<Answer<SecretsSettings>> {
  const { readSecrets } = await import('./content/read-secrets.ts')
  const read = await readSecrets(siteDirectory)
  if (read.ok) return { ok: true, value: read.settings }
  const message = 'secrets: of anneal.yaml cannot be read, which says where keys and secrets are'
  return { ok: false, refusal: { code: 'invalidSite', message, faults: read.faults } }
}

async function makeRunner(
  parts: Pick<LocalRunnerOptions, 'siteDir' | 'blob' | 'events' | 'schema'>,
  where?: 'aside',
): Promise<Runner> {
  const { LocalRunner } = await import('./runner/local-runner.ts')
  const { localTransport } = await import('./transports/local.ts')
  const { ownerOf } = await import('./transports/slot.ts')
  const { sshTransport } = await import('./transports/ssh.ts')
  const { scriptDriver } = await import('./drivers/script.ts')
  const { followReferences } = await import('./secrets/references.ts')
  const { makeRenderer } = await import('./content/renderer.ts')
  const { siteDir } = parts
  // With an owner of its own it ends nothing that another session of this site has under way.
  const owner = where === 'aside' ? `${ownerOf(siteDir)} aside ${process.pid}` : ownerOf(siteDir)
  return new LocalRunner({
    ...parts,
    transports: [sshTransport({ siteDir, owner }), localTransport({ owner })],
    drivers: [scriptDriver()],
    render: makeRenderer(),
    resolve: followReferences({ siteDir, env: process.env, vault: () => vaultSettings(siteDir) }),
  })
}

async function makeExecutor(
  siteDir: string,
  notice: (node: string, message: string) => void,
): Promise<Executor> {
  const { LocalExecutor } = await import('./runner/local-executor.ts')
  const { localTransport } = await import('./transports/local.ts')
  const { ownerOf } = await import('./transports/slot.ts')
  const { sshTransport } = await import('./transports/ssh.ts')
  const owner = ownerOf(siteDir)
  return new LocalExecutor({
    siteDir,
    transports: [sshTransport({ siteDir, owner }), localTransport({ owner })],
    notice,
  })
}
