// Fleets whose order is measured: random and wild sites by their seeds, and the sites of examples/ with few and many nodes.
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadSite } from '../../src/content/load-site.ts'
import type { Site } from '../../src/model/site.ts'
import type { Fleet } from '../../test/order/makespan.ts'
import { randomOrderSite, SHAPES } from '../../test/order/sites.ts'
import { wildSite } from '../../test/simulation/wild-sites.ts'
import { shortSite } from '../../test/support/short-site.ts'

export type Family = 'random' | 'real'

/** As many at once as there are nodes, or so many in all. */
const SLOTS = [undefined, 2, 4, 8, 16]
const SEEDS = 6
const HOME = join(import.meta.dirname, '..', '..')

/** Those of each round have seeds of their own. */
export async function familyOf(family: Family): Promise<(round: number) => Omit<Fleet, 'noise'>[]> {
  const makers = family === 'random' ? RANDOM : await realSites()
  return (round) =>
    Array.from({ length: SEEDS }, (_, index) => round * SEEDS + index + 1).flatMap((seed) =>
      makers.flatMap(({ name, make }) => {
        const site = make(seed)
        return SLOTS.map((slots) => ({ name, site, seed, ...(slots === undefined ? {} : { slots }) }))
      }),
    )
}

interface Maker {
  name: string
  make: (seed: number) => Site
}

const RANDOM: readonly Maker[] = [
  ...SHAPES.map((shape): Maker => ({ name: shape, make: (seed) => shortSite(randomOrderSite(shape, seed)) })),
  { name: 'wild', make: (seed) => shortSite(wildSite(seed)) },
]

async function realSites(): Promise<Maker[]> {
  const makers: Maker[] = []
  for (const [example, node, count] of [
    ['etcd', 'etcd', 3],
    ['etcd', 'etcd', 30],
    ['peers', 'peer', 30],
  ] as const) {
    const site = await exampleOf(
      example,
      Array.from({ length: count }, (_, index) => `${node}-${index + 1}`),
    )
    makers.push({ name: `${example} on ${count} nodes`, make: () => site })
  }
  return makers
}

async function exampleOf(example: string, nodes: readonly string[]): Promise<Site> {
  const directory = mkdtempSync(join(tmpdir(), 'anneal-order-'))
  try {
    cpSync(join(HOME, 'examples', example), directory, { recursive: true })
    const lines = nodes.map((node, index) => `  ${node}: { ssh: { host: 198.51.100.${index + 1} } }\n`)
    writeFileSync(join(directory, 'nodes.yaml'), `nodes:\n${lines.join('')}`)
    const loaded = await loadSite(directory, { shippedPackages: join(HOME, 'packages') })
    if (!loaded.ok) throw new Error(`${example}: ${loaded.faults[0]?.message ?? ''}`)
    return loaded.site
  } finally {
    rmSync(directory, { recursive: true })
  }
}
