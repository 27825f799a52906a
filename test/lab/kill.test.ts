// `kill -9` of Anneal at any moment: the next `up` goes on, nothing that had finished runs again, and nothing runs beside its
// own repetition.
import { seedOr } from '../support/seed.ts'
import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { HERE, type Running, siteDir, type SiteDir } from '../support/site-dir.ts'

const SEED = seedOr(20_261_123)
const NODES = ['n1', 'n2', 'n3', 'n4', 'n5', 'n6']
const ROLES = ['one', 'two', 'three', 'four', 'five']
const KILLS_EACH = 5

let site: SiteDir
beforeEach(() => {
  site = siteDir()
})
afterEach(() => site.end())

/**
 * Says when it begins and ends, and `beside` where another of its kind lives. What it tells is made of what it was given, so
 * that a wrong order would show.
 */
const SCRIPT = `#!/bin/sh
set -eu
me=$ANNEAL_NODE/$ANNEAL_ROLE/$ANNEAL_INPUT_TIME
mine=$ANNEAL_INPUT_DIR/$ANNEAL_NODE-$ANNEAL_ROLE
if [ -f "$mine.pid" ] && kill -0 "$(cat "$mine.pid")" 2>/dev/null; then echo "beside $me" >>"$ANNEAL_INPUT_DIR/log"; fi
echo $$ >"$mine.pid"
echo "start $me" >>"$ANNEAL_INPUT_DIR/log"
sleep 0.03
echo "value=$ANNEAL_ROLE($ANNEAL_INPUT_BEFORE)" >>"$ANNEAL_OUTPUTS"
echo "end $me" >>"$ANNEAL_INPUT_DIR/log"
rm -f "$mine.pid"
`

function make(time: number): void {
  const role = (index: number): object => ({
    requires: index === 0 ? [] : [ROLES[index - 1]],
    inputs: {
      time: { type: 'integer', default: time },
      dir: { type: 'string', default: site.directory },
      before: index === 0 ? { value: 'string(inputs.time)' } : { from: `${ROLES[index - 1]}.value` },
    },
    outputs: { value: { type: 'string' } },
    apply: 'work.sh',
  })
  site.make({
    nodes: Object.fromEntries(NODES.map((node) => [node, HERE])),
    roles: Object.fromEntries(ROLES.map((name, index) => [name, role(index)])),
  })
  site.write({ 'packages/p/scripts/work.sh': SCRIPT })
}

test('at any moment', { timeout: 300_000 }, async () => {
  const random = randomFrom(SEED)
  const killedAt: number[] = []
  for (const time of [1, 2, 3]) {
    make(time)
    for (let kill = 0; kill < KILLS_EACH; kill++) {
      // The first ones fall into the making of the journal, the commit and the first contact.
      const lines = kill < 2 ? Math.floor(random() * 6) : Math.floor(random() * 90)
      killedAt.push(lines)
      await killAfter(site.start('up', '--yes', '--json'), lines)
    }
    const { code, lines, done } = await site.json('up', '--yes')
    expect(code, `seed ${SEED}, killed after ${killedAt.join(', ')} lines\n${done.said}`).toBe(0)
    expect(lines.at(-1)).toMatchObject({ kind: 'result', outcome: 'ready' })
  }

  const runs = (await site.json('runs', '-n', '100000')).lines.filter(({ kind }) => kind === 'run')
  const log = site.read('log').split('\n').filter(Boolean)
  const told = `seed ${SEED}, killed after ${killedAt.join(', ')} lines`
  expect(
    log.filter((line) => line.startsWith('beside')),
    told,
  ).toEqual([])
  expect(
    runs.filter(({ result }) => !['ok', 'lost'].includes(String(result))),
    told,
  ).toEqual([])
  for (const time of [1, 2, 3]) {
    for (const node of NODES) {
      for (const role of ROLES) {
        const mine = runs.filter(
          ({ nodeRole, revision }) => nodeRole === `d/${node}/${role}` && revision === time,
        )
        expect(
          mine.filter(({ result }) => result === 'ok'),
          told,
        ).toHaveLength(1)
        // The newest is the first: after a success there is no other.
        expect(mine[0]?.['result'], told).toBe('ok')
        const starts = log.filter((line) => line === `start ${node}/${role}/${time}`)
        expect(starts.length, told).toBeGreaterThan(0)
        expect(starts.length, told).toBeLessThanOrEqual(mine.length)
      }
    }
  }
  const lost = runs.filter(({ result }) => result === 'lost')
  expect(lost.length, told).toBeGreaterThan(0)
  expect(lost.length, told).toBeLessThanOrEqual(NODES.length * KILLS_EACH * 3)

  for (const node of NODES) {
    const { lines } = await site.json('why', `${node}/five`)
    expect(lines.find(({ input }) => input === 'before')).toMatchObject({ value: 'four(three(two(one(3))))' })
  }
  expect(await site.anneal('up', '--yes')).toMatchObject({
    code: 0,
    stdout: expect.stringMatching('nothing to run'),
  })
})

describe('what was running', () => {
  const stubborn = (trap: string): void => {
    const role = {
      inputs: { dir: { type: 'string', default: site.directory }, times: { type: 'integer', default: 2 } },
      apply: 'stubborn.sh',
    }
    site.make({ roles: { role, other: { requires: ['role'], apply: { run: 'true' } } } })
    site.write({
      'packages/p/scripts/stubborn.sh': `#!/bin/sh
${trap}
cd "$ANNEAL_INPUT_DIR"
echo "start $$" >>log
[ "$(grep -c start log)" -lt "$ANNEAL_INPUT_TIMES" ] || { echo "end $$" >>log; exit 0; }
sleep 600 & echo "child $!" >>log
wait
while :; do sleep 1; done
`,
    })
  }

  test.each([
    ['ends when Anneal is gone', ''],
    ['is ended before it runs again, although it would not', "trap '' TERM HUP INT"],
  ])('%s', async (_, trap) => {
    stubborn(trap)
    const first = site.start('up', '--yes')
    await logSays(/^child \d+$/m)
    first.kill('SIGKILL')
    await first.ended
    const living = pidsIn(site.read('log')).filter(isAlive)
    expect(trap === '' || living.length > 0).toBe(true)

    const { code, lines, done } = await site.json('up', '--yes')
    expect(code, done.said).toBe(0)
    expect(pidsIn(site.read('log')).filter(isAlive)).toEqual([])
    expect(site.read('log').match(/^start/gm)).toHaveLength(2)
    const runs = lines.filter(({ kind, result }) => kind === 'run' && result !== 'running')
    expect(runs).toMatchObject([
      { run: 'run-1', result: 'lost' },
      { run: 'run-2', result: 'ok', cause: { kind: 'lost', run: 'run-1' } },
      { run: 'run-3', result: 'ok' },
    ])
  })
})

async function logSays(pattern: RegExp): Promise<void> {
  while (!pattern.test(logNow())) await new Promise((resolve) => setTimeout(resolve, 5))
}

function logNow(): string {
  try {
    return site.read('log')
  } catch {
    return ''
  }
}

function pidsIn(log: string): number[] {
  return [...log.matchAll(/^(?:start|child) (\d+)$/gm)].map(([, pid]) => Number(pid))
}

function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

async function killAfter(running: Running, lines: number): Promise<void> {
  // It may have ended by itself before it has said so much.
  if (lines > 0) await running.says(new RegExp(`(?:.*\\n){${lines}}`)).catch(() => {})
  running.kill('SIGKILL')
  await running.ended
}

/** mulberry32. */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
