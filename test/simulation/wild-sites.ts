// Wild sites: those of the laws about the heart, with everything in them that makes node-roles wait for each other, and
// much that can never become active; in a story they must come to rest and say why.
import fc from 'fast-check'
import type { JsonObject } from '../../src/base/json.ts'
import { anyChange, anySite } from '../laws/random-site.ts'
import type { Change } from './sites.ts'

export function wildSite(seed: number): JsonObject {
  return withOurFacts(sampleOf(anySite, seed))
}

export function wildChange(roll: number): Change {
  return { says: `a wild change ${roll}`, change: withOurFacts(sampleOf(anyChange, roll)) }
}

function sampleOf(any: fc.Arbitrary<JsonObject>, seed: number): JsonObject {
  return fc.sample(any, { seed, numRuns: 1 })[0] as JsonObject
}

/** Facts that simulated hosts have, and expressions over them. */
function withOurFacts(site: JsonObject): JsonObject {
  const text = JSON.stringify(site)
    .replaceAll('"fact":"a"', '"fact":"cpu.count"')
    .replaceAll('"fact":"b"', '"fact":"hostname"')
    .replaceAll('node.facts.b', 'node.facts.hostname')
  return JSON.parse(text) as JsonObject
}
