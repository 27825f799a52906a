// How near predictions come: changes of lab hosts, each foreseen by `anneal simulate` and then carried out. Run: node bench/predict.ts
import { mkdtempSync } from 'node:fs'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { Ground, type Seen } from './predict/ground.ts'
import { type Change, series } from './predict/series.ts'
import { lineOf, told } from './predict/told.ts'

/** Nobody changes a fleet twice within a moment: etcd takes nobody in or out until all have been connected for five seconds. */
const PAUSE_MS = { members: 6_000, other: 1_000 }

const { values } = parseArgs({
  options: {
    // A folder that goes on where an earlier call stopped; without it all is done in one go, and nothing is kept.
    at: { type: 'string' },
    // No change begins after so many minutes; the labs stay up for the next call.
    minutes: { type: 'string', default: '1000' },
    // Only asks anew, by the code of today, how long each change would take that was carried out in --at.
    again: { type: 'boolean', default: false },
    // Labs and folder go.
    down: { type: 'boolean', default: false },
  },
})
const ground = new Ground(values.at ?? mkdtempSync(join(tmpdir(), 'anneal-predict-')))
const changes = series()

if (values.down) await ground.end()
else {
  console.log(`node ${process.version}, ${cpus().length} x ${cpus()[0]?.model ?? 'unknown'}`)
  const isDone = values.again ? true : await carryOn(Number(values.minutes) * 60_000)
  const seen = values.again ? await askedAgain() : ground.seen()
  console.log(`\n${told(seen).join('\n')}`)
  if (isDone && values.at === undefined) await ground.end()
}

/** Whether the whole series has been told. */
async function carryOn(forMs: number): Promise<boolean> {
  const until = performance.now() + forMs
  const up = new Set<string>()
  for (const [index, change] of changes.entries()) {
    if (index < ground.seen().length) continue
    if (performance.now() > until) return false
    const { site } = change
    if (!up.has(site.name)) await ground.hosts(site)
    up.add(site.name)
    const one = await carryOut(change, index)
    ground.note(one)
    console.log(lineOf(one))
  }
  return true
}

async function carryOut({ site, kind, wanted }: Change, number: number): Promise<Seen> {
  await sleep(kind.startsWith('a member') ? PAUSE_MS.members : PAUSE_MS.other)
  ground.write(site, wanted)
  ground.keep(site.name, number)
  const [load = 0] = loadavg()
  const { toRestMs: foreseen, runs } = await ground.foresee(site.name)
  const real = await ground.up(site.name)
  return {
    number,
    site: site.name,
    kind,
    known: isKnown(number),
    foreseen,
    foreseenRuns: runs.p50,
    load,
    ...real,
  }
}

function isKnown(number: number): boolean {
  const { site, like } = changes[number] as Change
  return changes.slice(0, number).some((before) => before.site === site && before.like === like)
}

async function askedAgain(): Promise<Seen[]> {
  const again: Seen[] = []
  for (const one of ground.seen()) {
    const { toRestMs: foreseen, runs } = await ground.foreseeAgain(one.number)
    again.push({ ...one, foreseen, foreseenRuns: runs.p50 })
    console.log(lineOf(again.at(-1) as Seen))
  }
  return again
}
