// The site that servers are killed over: roles in a chain on some nodes; each version of it changes what all of them are given.
import type { Site } from '../../src/model/site.ts'
import { readShortSite, shortSite } from '../support/short-site.ts'

const NODES = 12
export const ROLES = 5

export function siteOf(version: number): Site {
  const nodes = Array.from({ length: NODES }, (_, i) => `n${i}: {}`).join(', ')
  const roles = Array.from({ length: ROLES }, (_, i) => {
    const requires = i === 0 ? '' : `requires: [r${i - 1}], `
    return `  r${i}: { ${requires}parallel: true, inputs: { v: ${version} } }`
  })
  const names = roles.map((_, i) => `r${i}`).join(', ')
  return shortSite(
    readShortSite(
      `nodes: { ${nodes} }\nroles:\n${roles.join('\n')}\ndeployments: { d: { nodes: "true", roles: [${names}] } }\n`,
    ),
  )
}
