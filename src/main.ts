// The roof: picks the implementations and wires the rooms; what a command does not need is not loaded.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { runCli } from './cli/cli.ts'
import { processWorld } from './cli/process-world.ts'
import type { CliWorld, TrailDoor } from './cli/world.ts'
import type { OpenWhole } from './journal/whole.ts'
import type { Operations } from './model/operations.ts'
import { type Answer, answer, refuse } from './model/refusal.ts'
import { SERVER_PLACE_FILE } from './model/server-place.ts'
import { HOLDER, stateOf, transcriptPath, VERSION } from './wire-home.ts'

const world: CliWorld = {
  ...processWorld(),
  version: VERSION,
  async loadSite(directory) {
    const { loadSite } = await import('./wire-reading.ts')
    return loadSite(directory)
  },
  async siteStamp(directory, files) {
    const { siteStamp } = await import('./content/site-stamp.ts')
    return siteStamp(directory, files)
  },
  openOperations: async (siteDirectory, _mode, server) =>
    (await servedElsewhere(siteDirectory, server)) ?? openHere(siteDirectory),
  async serve(request) {
    const { serve } = await import('./wire-server.ts')
    if (request.database !== undefined) {
      const { DATABASE_VARIABLE } = await import('./wire-journal.ts')
      process.env[DATABASE_VARIABLE] = request.database
    }
    return serve(request)
  },
  transcriptPath,
  async makeToken(name) {
    const { makeToken } = await import('./api/access/credentials.ts')
    return makeToken(name)
  },
  async runner(request) {
    const { runElsewhere } = await import('./wire-runner.ts')
    return runElsewhere(request)
  },
  async makeEnrolment(runner) {
    const { makeEnrolment } = await import('./api/access/credentials.ts')
    return makeEnrolment(runner)
  },
  trail,
  async journal(siteDirectory) {
    const { journalDoor } = await import('./wire-moving.ts')
    return journalDoor(siteDirectory)
  },
  signInLink,
  openPage,
  async secrets(siteDirectory) {
    const { secretsKeeping } = await import('./secrets/keeping.ts')
    const { journalOf } = await import('./wire-journal.ts')
    const { secretsSettings } = await import('./wire-secrets.ts')
    return secretsKeeping({
      store: await journalOf(siteDirectory),
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

async function openHere(siteDirectory: string): Promise<Answer<Operations>> {
  const { openOperations } = await import('./wire-site.ts')
  return answer(await openOperations(siteDirectory))
}

/** Undefined where no server has to do with it. */
async function servedElsewhere(
  siteDirectory: string,
  url: string | undefined,
): Promise<Answer<Operations> | undefined> {
  const state = stateOf(siteDirectory)
  if (url === undefined && !existsSync(join(state, SERVER_PLACE_FILE))) return undefined
  const { connect, findServer } = await import('./client/find-server.ts')
  const { httpOperations } = await import('./client/http-operations.ts')
  const found =
    url === undefined ? await findServer(state, world.user) : await connect(url, world.env, world.user)
  if (found === undefined || !found.ok) return found
  const { connection, version, standby } = found.value
  if (version !== VERSION)
    process.stderr.write(
      `anneal: the server at ${connection.url} is version ${version}, and this is ${VERSION}\n`,
    )
  return answer({ ...httpOperations(connection), ...(standby ? { standby } : {}) })
}

async function trail(siteDirectory: string): Promise<TrailDoor> {
  const { exportTrail } = await import('./journal/trail.ts')
  const { verifyWhole } = await import('./journal/moving.ts')
  const { verifyExportFile } = await import('./journal/exported-trail.ts')
  const { wholeOf } = await import('./wire-moving.ts')
  const whole = await wholeOf(siteDirectory)
  const open = async (): ReturnType<OpenWhole> => (whole.ok ? whole.value.openWhole() : whole)
  return {
    verify: (anchor) => verifyWhole(open, anchor),
    verifyExport: (file, anchor) => verifyExportFile(file, anchor),
    export: () => exportTrail(open),
  }
}

async function signInLink(siteDirectory: string): Promise<Answer<{ url: string; endsAt: number }>> {
  const { findServer } = await import('./client/find-server.ts')
  const { jsonInit, request } = await import('./client/request.ts')
  const found = await findServer(stateOf(siteDirectory), world.user)
  if (!found?.ok)
    return refuse({
      code: 'nothingUnderWay',
      message: 'no server of this site runs here; anneal serve starts one',
    })
  return request(found.value.connection, '/api/v1/links', jsonInit('POST', {}))
}

async function openPage(siteDirectory: string, url: string): Promise<boolean> {
  const { openInBrowser } = await import('./client/open-in-browser.ts')
  return openInBrowser(url, join(stateOf(siteDirectory), 'sign-in.html'), process.env)
}
