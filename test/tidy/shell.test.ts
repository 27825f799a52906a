// Shell scripts that nodes run: what their sh can read, nothing that only bash knows, and values quoted everywhere.
import { spawnSync } from 'node:child_process'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'vitest'
import { expectNone } from './offenders.ts'
import { FILES, HOME, textOf } from './tree.ts'

const SCRIPTS = FILES.filter((path) => /^packages\/.*\.sh$/.test(path))
/** Run by name on nodes; the others are sourced. */
const ACTIONS = SCRIPTS.filter((path) => /\/(apply|check|remove)\.sh$/.test(path))

test('sh can read each script', () => {
  const broken = SCRIPTS.flatMap((path) => {
    const { status, stderr } = spawnSync('sh', ['-n', join(HOME, path)], { encoding: 'utf8' })
    return status === 0 ? [] : [`${path}  ${stderr.trim()}`]
  })
  expectNone(broken, 'sh -n FILE says where')
})

test('each action begins with #!/bin/sh and may be executed', () => {
  const wrong = ACTIONS.filter(
    (path) => !textOf(path).startsWith('#!/bin/sh\n') || (statSync(join(HOME, path)).mode & 0o111) !== 0o111,
  )
  expectNone(wrong, 'a first line #!/bin/sh, and chmod +x')
})

test('what changes a node stops at the first failure', () => {
  const changing = ACTIONS.filter((path) => !path.endsWith('/check.sh'))
  const careless = changing.filter((path) => !/^set -eu$/m.test(textOf(path)))
  expectNone(careless, 'set -eu')
})

test('no script needs more than sh', () => {
  const BASH = /\[\[|<\(|&>|\blocal \w|\bsource \w|\becho -[en]|\$'|\bdeclare\b|\$\{\w+(\^|,|\/\/)/g
  expectNone(found(BASH), "sh on a node is dash: no [[ ]], local, arrays, <( ) or $'..'")
})

test('values are quoted', () => {
  // What stands in quotes, is assigned, or is looked at by `case` stays one word.
  const bare = found(/(?<!")\$\{?ANNEAL_\w+/g, (line) =>
    line.replace(/"(?:[^"\\]|\\.)*"/g, '""').replace(/(?<=^|[\s;])\w+=\S*|^\s*case \S+ in\b/g, ''),
  )
  expectNone(bare, 'write "$ANNEAL_INPUT_NAME"')
})

function found(pattern: RegExp, prepared: (line: string) => string = (line) => line): string[] {
  return SCRIPTS.flatMap((path) =>
    textOf(path)
      .split('\n')
      .flatMap((line, index) => {
        if (/^\s*#/.test(line)) return []
        const match = prepared(line).match(pattern)
        return match ? [`${path}:${index + 1}  ${match[0]}`] : []
      }),
  )
}
