// What people and other processes ask: targets, values to trace, selections, controls as lines of the socket; over a world whose
// facts and outputs are hostile. Each is answered or refused with a reason, and what the heart knows can still be told and kept.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { controlMeant } from '../../src/annealer/controls.ts'
import { nodesMeant } from '../../src/annealer/execs.ts'
import { explain } from '../../src/annealer/explain.ts'
import { nodeRolesMeant, targetMeant } from '../../src/annealer/targets.ts'
import { rootsMeant } from '../../src/annealer/trace-meant.ts'
import { trace } from '../../src/annealer/trace.ts'
import { viewStatus } from '../../src/annealer/view.ts'
import { isTooDeep, type Json, type JsonObject } from '../../src/base/json.ts'
import { makeLanguage } from '../../src/content/language.ts'
import { readControlMessage } from '../../src/engine/control-port.ts'
import { CONTROL_KINDS } from '../../src/model/control.ts'
import type { Answer } from '../../src/model/refusal.ts'
import { refusalWords } from '../../src/model/words.ts'
import { contact, okWith, report } from '../laws/random-history.ts'
import { expectSameAfterReplay, expectSameFromScratch, type Heart, newHeart, tell } from '../support/heart.ts'
import { shortSite } from '../support/short-site.ts'
import { evilText, evilValue, fuzz, mutated, mutatedValue } from './hostile.ts'

const language = makeLanguage()
// oxlint-disable-next-line no-thenable -- the site format calls it so
const ROLLOUT = { probe: 1, then: '50%' }
const SITE = shortSite({
  nodes: { n1: { tier: 'a' }, n2: { tier: 'b' }, n3: {} },
  roles: {
    src: {
      inputs: { f: { fact: 'x.y', default: 0 }, plain: 1 },
      outputs: {
        late: {},
        early: { value: 'inputs.f' },
        made: { value: "string(inputs.plain) + '/' + node.name" },
      },
      check: true,
      remove: true,
    },
    dst: {
      inputs: {
        all: { from: 'src.late', take: 'map', wait: 'known' },
        one: { from: 'src.early', of: 'node' },
        e: { value: 'size(inputs.all)' },
      },
      outputs: { back: {} },
    },
  },
  deployments: { d: { nodes: 'true', roles: [{ role: 'src', rollout: ROLLOUT }, 'dst'] } },
} as unknown as JsonObject)

/** Each is replayed, restored and compared several times: large ones are for other surfaces. */
const value = evilValue.filter((one) => !isTooDeep(one) && JSON.stringify(one).length < 3_000)

/** Some rounds, so that there are variants, changes and runs that failed. */
function hostileHeart(values: readonly Json[], text: string): Heart {
  const heart = newHeart(language)
  tell(heart, { kind: 'startSession', by: text })
  tell(heart, { kind: 'proposeRevision', site: SITE, author: text, message: text })
  tell(heart, { kind: 'commitRevision', revision: 1, onto: 0, author: text, message: text })
  expect(heart.world.nodeRoles.size).toBe(6)
  for (let round = 0; round < 4; round++) {
    for (const [at, name] of ['n1', 'n2', 'n3'].entries())
      tell(
        heart,
        contact(name, { x: { y: values[(at + round) % values.length] as Json }, [text]: values[0] as Json }),
      )
    for (const record of Array.from(heart.world.inFlight)) {
      const told = { late: values[round % values.length] as Json, back: null }
      const how = round === 2 ? failed(text) : okWith(told)
      tell(heart, report(record, how))
    }
    heart.now += 10_000
  }
  return heart
}

function failed(text: string): ReturnType<typeof okWith> {
  return {
    result: 'failed',
    message: text,
    tail: text,
    retry: true,
    durationMs: 1,
    filesChanged: [],
  } as never
}

const WORDS = [
  'n1/src',
  'd/n1/src',
  'n1/src.late',
  'n1',
  'd',
  'd/src',
  'src',
  'run-1',
  'n1/dst.all',
  'x.y',
  "node.labels.tier == 'a'",
  'site',
  '-',
]
const word = fc.oneof(mutated(WORDS), fc.constantFrom(...WORDS), evilText)

test('targets, selections and values, over a world of hostile facts and outputs', async () => {
  const cases = fc.tuple(
    fc.array(value, { minLength: 1, maxLength: 3 }),
    evilText,
    fc.array(word, { minLength: 1, maxLength: 3 }),
  )
  await fuzz('targets, selections and traced values', cases, ([values, text, words]) => {
    const heart = hostileHeart(values, text)
    const { world } = heart
    for (const one of words) {
      expectAnswer(targetMeant(world, one))
      expectAnswer(nodesMeant(world, { text: one }))
    }
    expectAnswer(nodeRolesMeant(world, words))
    const roots = rootsMeant(world, words)
    expectAnswer(roots)
    if (roots.ok) expectJson(trace(world, roots.value, false))
    for (const nodeRole of world.nodeRoles.values()) expectJson(explain(world, nodeRole))
    expectJson(viewStatus(world))
    expectSameFromScratch(world)
    expectSameAfterReplay(heart)
  })
})

test('lines of the control socket', async () => {
  const good: Json = {
    by: 'ann',
    control: { kind: 'approve', targets: ['n1/src', 'd/src'], variant: 'x.y=1', why: 'so' },
  }
  const kinds = fc.constantFrom(...CONTROL_KINDS)
  const made = fc
    .record({ kind: kinds, targets: fc.array(word, { maxLength: 3 }), why: evilText, only: fc.boolean() })
    .map(
      ({ kind, only, targets, why }): Json => ({
        by: why.slice(0, 900) || 'x',
        control: {
          kind,
          ...(kind === 'stop' ? {} : { targets: targets.map((one) => one.slice(0, 900)) }),
          why: why.slice(0, 900),
          ...(kind === 'run' ? { only } : {}),
        },
      }),
    )
  const line = fc.oneof(
    made,
    mutatedValue(good).map((one) => one),
    evilValue,
  )
  const heart = hostileHeart([1, 'x'], 'ann')
  await fuzz('control lines', line, (message) => {
    const read = readControlMessage(message)
    expectAnswer(read)
    if (!read.ok) return
    const meant = controlMeant(heart.world, read.value.control, read.value.by)
    expectAnswer(meant)
    if (!meant.ok) return
    for (const command of meant.value.commands) tell(heart, command)
    expectSameFromScratch(heart.world)
  })
})

function expectAnswer(given: Answer<unknown>): void {
  if (given.ok) return
  const { says } = refusalWords(given.refusal)
  expect(says.length).toBeGreaterThan(0)
}

function expectJson(view: unknown): void {
  expect(JSON.stringify(view).length).toBeGreaterThan(0)
}
