// Compiler, linter and formatter have nothing to say.
import { spawnSync } from 'node:child_process'
import { delimiter, join } from 'node:path'
import { expect, test } from 'vitest'
import { HOME } from './tree.ts'

const LONG = 300_000

test('every room compiles', { timeout: LONG }, () => {
  quiet(['tsc', '-b', '--pretty', 'false'], 'What the compiler says:')
})

test('the linter finds nothing', { timeout: LONG }, () => {
  quiet(['oxlint', '--type-aware', '--format', 'unix'], 'What the linter says:')
})

test('everything is formatted', { timeout: LONG }, () => {
  quiet(
    ['biome', 'format', '--colors=off', '--max-diagnostics=200', '.'],
    '`biome format --write FILE` for each of these:',
    (text) => [...new Set(text.match(/^\S+\.\w+ format\b.*$/gm) ?? [])].join('\n') || text,
  )
})

function quiet(
  [command = '', ...args]: string[],
  says: string,
  shorten = (text: string): string => text,
): void {
  const PATH = [join(HOME, 'node_modules', '.bin'), process.env['PATH']].join(delimiter)
  const done = spawnSync(command, args, { cwd: HOME, encoding: 'utf8', env: { ...process.env, PATH } })
  expect(done.error).toBeUndefined()
  if (done.status === 0) return
  const error = new Error(`${says}\n${shorten(`${done.stdout}${done.stderr}`)}`)
  error.stack = error.message
  throw error
}
