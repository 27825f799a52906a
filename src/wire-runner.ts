// The roof over a runner's own process: its home, its way to the server, and what carries its work out on this machine.
import { join } from 'node:path'
import type { RunnerRequest } from './cli/world.ts'
import { type Answer, refuse } from './model/refusal.ts'
import { enrolmentName } from './model/runner-talk.ts'
import type { Runner } from './runner/runner.ts'
import type { Executor } from './runner/executor.ts'
import type { ExecTools, ShiftTools } from './runner/shift.ts'
import { sleep } from './runner/sleep.ts'
import type { Transport } from './transports/transport.ts'
import { VERSION } from './wire-home.ts'

/** Resolves once it has left, or with why it is not let in. */
export async function runElsewhere(request: RunnerRequest): Promise<Answer<void>> {
  const { linkTo } = await import('./client/runner-link.ts')
  const { openRunnerHome } = await import('./runner/runner-home.ts')
  const { carry } = await import('./runner/carrier.ts')
  const link = linkTo(request.server)
  if (!link.ok) return link
  const name = request.token === undefined ? undefined : enrolmentName(request.token)
  if (request.token !== undefined && name === undefined)
    return refuse({
      code: 'invalidRunner',
      message: 'this is no enrolment token: anneal runners enrol gives one',
    })
  const opened = openRunnerHome(request.directory, name)
  if (!opened.ok) return opened
  const home = opened.value
  try {
    if (!home.enrolled && request.token !== undefined) {
      const enrolled = await link.value.enrol({ token: request.token, key: home.publicKey })
      // Its answer may have been lost the last time: then the key is known, although the token is used.
      if (!enrolled.ok && enrolled.refusal.code !== 'unauthenticated') return enrolled
      if (enrolled.ok) request.say(`enrolled as ${home.runner}`)
      home.keepEnrolled()
    }
    return await carry(
      {
        link: link.value,
        runner: home.runner,
        privateKey: home.privateKey,
        slots: request.slots,
        version: VERSION,
        makeRunner: await runnerMaker(home.directory),
        makeExecutor: await executorMaker(home.directory),
        clock: { now: () => performance.now(), sleep },
        say: (message) => request.say(message),
      },
      request.signal,
    )
  } finally {
    home.close()
  }
}

/** Loaded before there is a lease to keep. */
async function runnerMaker(directory: string): Promise<(tools: ShiftTools) => Promise<Runner>> {
  const { LocalRunner } = await import('./runner/local-runner.ts')
  const { contentCache } = await import('./runner/content-cache.ts')
  const transports = await transportMaker(directory)
  const { scriptDriver } = await import('./drivers/script.ts')
  const { makeLanguage } = await import('./content/language.ts')
  const { makeRenderer } = await import('./content/renderer.ts')
  const language = makeLanguage()
  const cached = contentCache(join(directory, 'content'))
  const render = makeRenderer()
  const { loginsAtOnce } = await import('./runner/logins.ts')
  const logins = loginsAtOnce()
  return async ({ events, openTranscript, content, ...fence }) =>
    new LocalRunner({
      siteDir: directory,
      transports: transports(fence),
      limits: { logins },
      drivers: [scriptDriver()],
      blob: (digest) => cached(digest, content),
      render,
      schema: (schema) => language.schema(schema),
      events,
      openTranscript,
      transcriptSoon: true,
    })
}

async function executorMaker(directory: string): Promise<(tools: ExecTools) => Promise<Executor>> {
  const { LocalExecutor } = await import('./runner/local-executor.ts')
  const transports = await transportMaker(directory)
  const { loginsAtOnce } = await import('./runner/logins.ts')
  const logins = loginsAtOnce()
  return async ({ notice, ...fence }) => new LocalExecutor({ transports: transports(fence), logins, notice })
}

type Fence = Pick<ExecTools, 'owner' | 'holds'>

async function transportMaker(siteDir: string): Promise<(fence: Fence) => Transport[]> {
  const { fenced } = await import('./runner/fenced.ts')
  const { localTransport } = await import('./transports/local.ts')
  const { sshTransport } = await import('./transports/ssh.ts')
  return ({ owner, holds }) =>
    [sshTransport({ siteDir, owner }), localTransport({ owner })].map((one) => fenced(one, holds))
}
