// Where real processes are killed: lab hosts with sshd, a PostgreSQL, two servers of one site and two runners, each as on a machine of its own.
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type FoundServer, findServer } from '../../src/client/find-server.ts'
import { loadSite } from '../../src/content/load-site.ts'
import { labDown } from '../../src/lab/down.ts'
import { labExec } from '../../src/lab/exec.ts'
import { labInventory } from '../../src/lab/keys.ts'
import { openLab } from '../../src/lab/lab.ts'
import { labUp } from '../../src/lab/up.ts'
import type { SiteNow } from '../../src/model/operations.ts'
import { freePort } from '../support/free-port.ts'
import type { TestPostgres } from '../support/postgres.ts'
import { type Running, siteDir, type SiteDir } from '../support/site-dir.ts'
import { writeVersion } from './lab-version.ts'

export const HOSTS = ['k1', 'k2', 'k3']

export interface KillGround {
  /** Of the journal. */
  address: string
  servers: [Kept, Kept]
  runners: [Kept, Kept]
  /** What the files of the site say in this version, on both machines. */
  write(version: number): Promise<SiteNow>
  find(server: number): Promise<FoundServer | undefined>
  /** `active`, `standby`, or undefined where it does not answer. */
  role(server: number): Promise<string | undefined>
  on(host: string, script: string): Promise<string>
  /** The files of each host that roles have made, with what is in them. */
  state(): Promise<string>
  /** All servers and runners end; then the same on the same hosts, emptied, by one process after the other that nobody disturbs. */
  undisturbed(versions: readonly number[]): Promise<string>
  end(): Promise<void>
}

/** A process as whoever keeps a service running does it: one that has ended is started again. */
export interface Kept {
  running(): Running
  kill(signal: NodeJS.Signals): void
  /** All that it ever said. */
  said(): string
}

export async function layKillGround(postgres: TestPostgres): Promise<KillGround> {
  const address = postgres.url()
  const places = [0, 1].map(() => siteDir({ env: { ANNEAL_DATABASE: address } })) as [SiteDir, SiteDir]
  const home = siteDir()
  const lab = openLab({ name: 'kills', stateHome: home.path('labs') })
  const ports = [await freePort(), await freePort()]
  const kept: (Kept & { end(): void })[] = []
  const on = async (host: string, script: string): Promise<string> => {
    const done = await labExec(lab, host, ['sh', '-c', script])
    if (done.code !== 0) throw new Error(`${host}: ${script}: exit ${done.code}: ${done.stderr}`)
    return done.stdout
  }
  const alone = siteDir()
  const end = async (): Promise<void> => {
    for (const one of kept) one.end()
    for (const place of [...places, alone]) await place.end()
    await labDown(lab)
    await home.end()
  }
  const state = async (): Promise<string> => {
    const all = await Promise.all(HOSTS.map((host) => on(host, 'cd /srv/proof && grep -r . | sort')))
    return all.join('\n')
  }
  const find = async (server: number): Promise<FoundServer | undefined> => {
    const found = await findServer(at(places, server).path('.anneal'), 'ann')
    return found?.ok ? found.value : undefined
  }
  const role = async (server: number): Promise<string | undefined> => {
    const url = `http://127.0.0.1:${at(ports, server)}/readyz`
    const answered = await fetch(url, { signal: AbortSignal.timeout(1_000) }).catch(() => undefined)
    const told = (await answered?.json().catch(() => undefined)) as { role?: string } | undefined
    return answered?.ok ? told?.role : undefined
  }
  const keep = (start: () => Running): Kept => {
    const one = keeping(start)
    kept.push(one)
    return one
  }
  try {
    await labUp(lab, { names: HOSTS })
    const inventory = labInventory(lab).nodes
    const write = async (version: number): Promise<SiteNow> => {
      for (const place of places) writeVersion(place, { hosts: inventory, version, runner: 'any' })
      const loaded = await loadSite(places[0].directory)
      if (!loaded.ok) throw new Error(JSON.stringify(loaded.faults))
      return { site: loaded.site, content: loaded.content }
    }
    await write(0)
    const serve = (server: number): Kept =>
      keep(() => at(places, server).start('serve', '--listen', `127.0.0.1:${at(ports, server)}`))
    const servers: [Kept, Kept] = [serve(0), serve(1)]
    while (!(await role(0)) || !(await role(1))) await sleep(50)
    const urls = ports.map((port) => `http://127.0.0.1:${port}`).join(',')
    const tokens = await Promise.all([0, 1].map((which) => enrol(places[0], `r${which}`)))
    const work = (which: number): Kept =>
      keep(() =>
        home.startWith(
          { ANNEAL_RUNNER_TOKEN: at(tokens, which) },
          'runner',
          '--server',
          urls,
          '--state',
          join(home.directory, `r${which}`),
        ),
      )
    const runners: [Kept, Kept] = [work(0), work(1)]
    await Promise.all(runners.map((one) => one.running().says(/works for the server/)))
    return {
      address,
      servers,
      runners,
      write,
      find,
      role,
      on,
      state,
      async undisturbed(versions) {
        for (const one of kept) one.end()
        for (const one of kept) await one.running().ended
        for (const host of HOSTS) await on(host, 'rm -r /srv/proof')
        for (const version of versions) {
          writeVersion(alone, { hosts: inventory, version })
          const done = await alone.anneal('up', '--yes')
          if (done.code !== 0) throw new Error(done.said)
        }
        return state()
      },
      end,
    }
  } catch (fault) {
    await end()
    throw fault
  }
}

async function enrol(site: SiteDir, name: string): Promise<string> {
  const made = await site.anneal('runners', 'enrol', name)
  if (made.code !== 0) throw new Error(made.said)
  return made.stdout.trim()
}

function keeping(start: () => Running): Kept & { end(): void } {
  let over = false
  let said = ''
  let running = begin()
  function begin(): Running {
    const begun = start()
    void begun.ended.then((done) => {
      said += done.said
      if (!over) running = begin()
    })
    return begun
  }
  return {
    running: () => running,
    kill: (signal) => running.kill(signal),
    said: () => said,
    end() {
      over = true
      running.kill('SIGKILL')
    },
  }
}

function at<T>(items: readonly T[], index: number): T {
  return items[index] as T
}
