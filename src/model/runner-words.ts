// Words about runners elsewhere: their labels, and why a node has none that would do.
import { listed, type Words } from './phrases.ts'
import type { NoRunner } from './reason.ts'
import type { RunnerAbsent, RunnerLabels } from './runner.ts'

/** `segment=dmz, site=berlin`. */
export function labelWords(labels: RunnerLabels): string {
  return Object.entries(labels)
    .map(([label, value]) => `${label}=${value}`)
    .sort()
    .join(', ')
}

export function noRunnerWords({ node, needs, absent }: NoRunner): Words {
  const wanted = labelWords(needs)
  const whose = wanted === '' ? 'a runner' : `a runner with ${wanted}`
  const says = `${node} is for ${whose}, and none is here`
  if (absent.length === 0)
    return {
      says,
      next: `anneal runners enrol NAME${Object.entries(needs)
        .map(([label, value]) => ` --label ${label}=${value}`)
        .join('')} lets one in, or say otherwise in anneal.yaml`,
    }
  return {
    says: `${says}: ${listed(absent.map((one) => `${one.runner} ${IS[one.is]}`))}`,
    next: 'when one of them is here again, its work goes on by itself; anneal runners shows how they stand',
  }
}

const IS: Record<RunnerAbsent['is'], string> = {
  invited: 'has not enrolled yet',
  draining: 'is draining',
  away: 'is away',
}
