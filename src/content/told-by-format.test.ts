// What a format has nothing to say about is left out, and nothing else: what fits goes on fitting, what does not is looked at again.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { canonical } from '../base/canonical.ts'
import type { Json } from '../base/json.ts'
import { makeSchemas } from './schema.ts'
import { SITE_FORMAT } from './site-format.ts'
import { toldByFormat } from './told-by-format.ts'

const site = (values: Json, more: Record<string, Json> = {}): Json => ({
  site: 'demo',
  deployments: { d: { nodes: true, values: { web: { port: values } }, roles: ['web'] } },
  ...more,
})
const told = (document: Json): string => canonical(toldByFormat(document, SITE_FORMAT))

test('a value of a role is anything; a key, a name and a type are not', () => {
  expect(told(site(80))).toBe(told(site({ a: [1, null] })))
  expect(told(site(80))).not.toBe(told(site(80, { sites: 'x' })))
  expect(told(site(80))).not.toBe(told(site(80, { site: 'other' })))
  expect(told({ deployments: { d: { values: { web: 5 } } } })).not.toBe(
    told({ deployments: { d: { values: { web: {} } } } }),
  )
})

test('documents that are alike in it fit alike', () => {
  const fits = makeSchemas().compile(SITE_FORMAT)
  const word = fc.constantFrom(
    'site',
    'nodes',
    'deployments',
    'values',
    'roles',
    'web',
    'd',
    'x y',
    '__proto__',
    'overrides',
  )
  const { document } = fc.letrec<{ document: Json }>((tie) => ({
    document: fc.oneof(
      { maxDepth: 5, depthSize: 'medium' },
      fc.constantFrom<Json>(1, 'demo', true, null, 'web'),
      fc.array(tie('document'), { maxLength: 2 }),
      fc.dictionary(word, tie('document'), { maxKeys: 3, noNullPrototype: true }),
    ),
  }))
  fc.assert(
    fc.property(document, (any) => {
      for (const one of [any, site(any), { site: 'demo', deployments: any }]) {
        const masked = toldByFormat(one as Json, SITE_FORMAT)
        expect(fits(masked).length === 0).toBe(fits(one).length === 0)
      }
    }),
    { seed: 7, numRuns: 300 },
  )
})
