// How a fire must end: everything healed, the cluster whole, nothing lost, nothing left behind, and the journal in order.
import { canonical } from '../../src/base/canonical.ts'
import { makeLanguage } from '../../src/content/language.ts'
import { catchUp, remember } from '../../src/engine/memory.ts'
import { sqliteJournal } from '../../src/journal/sqlite-journal.ts'
import { takeSnapshot } from '../../src/annealer/snapshot.ts'
import { newWorld } from '../../src/annealer/world.ts'
import type { Tally, Writer } from '../lab/etcd-writer.ts'
import { type JsonLine, jsonLines, type SiteDir } from '../support/site-dir.ts'
import { lastLines } from './at-work.ts'
import { MEMBERS } from './cards.ts'
import type { Ground } from './ground.ts'
import { expectCode } from './operator.ts'
import type { Tale } from './tale.ts'

export interface Ending {
  tally: Tally
  runs: Map<string, number>
}

/** Nobody works on the site any more, and all hosts are healed. Says in the tale what is wrong. */
export async function expectGoodEnding(ground: Ground, tale: Tale, writer: Writer): Promise<Ending> {
  const { site } = ground
  const last = await site.anneal('up', '--yes', '--plain')
  tale.say(`the last anneal up: ${lastLines(last.stdout, 1)}`)
  expectCode(tale, 'the last anneal up', last, [0])
  const tally = await writer.stop()
  if (tally.lost.length > 0)
    tale.wrong(`${tally.lost.length} acknowledged keys are lost: ${tally.lost.slice(0, 5).join(', ')}`)
  if (tally.acknowledged !== tally.put)
    tale.wrong(`${tally.put - tally.acknowledged} of ${tally.put} keys were never taken`)

  for (const member of MEMBERS) {
    if (!(await ground.serves(member))) tale.wrong(`etcd on ${member} does not serve`)
    const voters = await votersBy(ground, member)
    if (voters !== MEMBERS.join(' ')) tale.wrong(`the members by ${member} are: ${voters}`)
    const left = await leftOn(ground, member)
    if (left !== '') tale.wrong(`left behind on ${member}: ${left}`)
  }

  expectCode(tale, 'anneal status', await site.anneal('status'), [0])
  expectCode(tale, 'anneal drift', await site.anneal('drift'), [0])
  const runs = jsonLines((await site.anneal('runs', '-n', '100000', '--json')).stdout).filter(
    ({ kind }) => kind === 'run',
  )
  expectRunsOver(runs, tale)
  await expectSoundJournal(site, tale)
  return { tally, runs: countBy(runs, ({ result }) => String(result)) }
}

/** By name; who has no vote, has not started, or has no name yet shows as what it is. */
async function votersBy({ on }: Ground, member: string): Promise<string> {
  const { stdout } = await on(member, '. /etc/etcd/etcdctl.env; timeout 20 etcdctl member list')
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => line.split(', '))
  const names = lines.map(([, state, name, , , learner]) =>
    state === 'started' && learner === 'false' ? `${name}` : `${name} (${state}, learner: ${learner})`,
  )
  return names.sort().join(' ')
}

/** Processes of runs, which have a word of their slot in their environment; leftovers of faults. */
async function leftOn({ on }: Ground, member: string): Promise<string> {
  const script = `for p in /proc/[0-9]*; do
    grep -qs ANNEAL_SLOT= "$p/environ" && tr '\\0' ' ' <"$p/cmdline"
  done
  ls -A /.filler 2>/dev/null; :`
  return (await on(member, script)).stdout.trim()
}

function expectRunsOver(runs: readonly JsonLine[], tale: Tale): void {
  const flying = runs.filter(({ result }) => result === 'running')
  if (flying.length > 0) tale.wrong(`still in flight: ${flying.map(({ run }) => run).join(', ')}`)
  // A lost one has no end that anybody knows.
  const known = runs
    .filter(({ result }) => result === 'ok' || result === 'failed')
    .sort((one, other) => one['startedAt'] - other['startedAt'])
  const lastOn = new Map<string, JsonLine>()
  for (const run of known) {
    const node = String(run['nodeRole']).split('/')[1] ?? ''
    const before = lastOn.get(node)
    if (before && run['startedAt'] < before['startedAt'] + before['durationMs'])
      tale.wrong(`two runs at once on ${node}: ${before['run']} and ${run['run']}`)
    lastOn.set(node, run)
  }
}

/** Opening it verifies it from its first to its last batch; what it tells from the start is what its snapshot goes on from. */
async function expectSoundJournal(site: SiteDir, tale: Tale): Promise<void> {
  const opened = await sqliteJournal(site.path('.anneal'), {
    site: 'fire',
    toolVersion: '0.0.0',
  }).openReader()
  if (!opened.ok) {
    tale.wrong(`the journal does not open: ${opened.refusal.message}`)
    return
  }
  const language = makeLanguage()
  const quick = await remember(opened.value, language)
  const whole = newWorld(language)
  await catchUp(opened.value, whole, 0)
  await opened.value.close()
  if (canonical(takeSnapshot(quick.world)) !== canonical(takeSnapshot(whole)))
    tale.wrong('the journal told from its start gives another state than from its snapshot')
}

function countBy<T>(items: readonly T[], name: (item: T) => string): Map<string, number> {
  const counts = new Map<string, number>()
  for (const item of items) counts.set(name(item), (counts.get(name(item)) ?? 0) + 1)
  return counts
}
