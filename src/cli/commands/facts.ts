// `anneal facts NODE [PATH]`: what was discovered on a node, as dotted paths with their values.
import { at, isObject, type Json } from '../../base/json.ts'
import { nearest } from '../../base/nearest.ts'
import type { Door, SiteFlags } from '../door.ts'
import { shownValue } from '../diff-text.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { compare } from '../status-text.ts'
import { table } from '../table.ts'

export default async function facts(
  door: Door,
  flags: SiteFlags,
  node: string,
  path?: string,
): Promise<ExitCode> {
  return door.reading(flags, async (operations) => {
    const found = await operations.facts(node)
    if (!found.ok) return door.refuse(found.refusal, flags.json)
    const value = path === undefined ? found.value : at(found.value, path.split('.'))
    if (value === undefined) return unknownFact(door, flags, node, path as string, found.value)
    if (flags.json) door.json('facts', { node, ...(path === undefined ? {} : { path }), value })
    else print(door, value, path)
    return EXIT.ok
  })
}

function print(door: Door, value: Json, path: string | undefined): void {
  const leaves = leavesOf(value, path ?? '')
  const [only, ...more] = leaves
  if (only === undefined) door.talk([['no facts are known of it yet: it has not been reached']])
  else if (more.length === 0 && only[0] === path) door.print([[bare(only[1])]])
  else {
    const rows = leaves.map(([at, leaf]) => [at, shownValue(leaf, Number.POSITIVE_INFINITY)])
    door.print(
      table(
        [
          { title: 'FACT', shrinksTo: 20 },
          { title: 'VALUE', shrinksTo: 20 },
        ],
        rows,
        door.width(),
      ),
    )
  }
}

/** One fact alone is for scripts: a string comes without quotes. */
function bare(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function leavesOf(value: Json, path: string): [string, Json][] {
  if (isObject(value) && Object.keys(value).length > 0) {
    const keys = Object.keys(value).sort(compare)
    return keys.flatMap((key) => leavesOf(value[key] as Json, path === '' ? key : `${path}.${key}`))
  }
  return path === '' ? [] : [[path, value]]
}

function unknownFact(door: Door, flags: SiteFlags, node: string, path: string, all: Json): ExitCode {
  const meant = nearest(path, branchesOf(all, ''))
  const next = meant === undefined ? `anneal facts ${node} lists what it has` : `did you mean ${meant}?`
  return door.fail(`${node} has no fact ${path}`, next, flags.json)
}

function branchesOf(value: Json, path: string): string[] {
  if (!isObject(value)) return []
  return Object.keys(value).flatMap((key) => {
    const here = path === '' ? key : `${path}.${key}`
    return [here, ...branchesOf(value[key] as Json, here)]
  })
}
