// The site that runners carry: so many machines that are made up, each with the same small roles, all of them for runners.
import { filesOf } from '../../test/support/site-dir.ts'

export interface Size {
  nodes: number
  roles: number
}

export function filesOfSite({ nodes, roles }: Size): Record<string, string> {
  const names = Array.from({ length: roles }, (_, i) => `role-${i}`)
  const files = filesOf({
    nodes: Object.fromEntries(
      Array.from({ length: nodes }, (_, i) => [`n${i}`, { local: true, runner: 'any' }]),
    ),
    roles: Object.fromEntries(
      names.map((name) => [
        name,
        { summary: 'One step', inputs: { word: { type: 'string', default: 'a' } }, apply: 'apply.sh' },
      ]),
    ),
    deployment: { nodes: 'true' },
  })
  for (const name of names)
    files[`packages/p/roles/${name}/apply.sh`] = '#!/bin/sh\necho "$ANNEAL_INPUT_WORD"\n'
  return files
}
