// The launcher as a process of its own: it finds its Node, passes words, streams and exit codes on, and ends with its reader.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'

const HOME = join(import.meta.dirname, '../../..')
const LAUNCHER = join(HOME, 'bin/anneal.js')

function anneal(...argv: string[]): { status: number | null; stdout: string; stderr: string } {
  const cwd = mkdtempSync(join(tmpdir(), 'anneal-launch-'))
  onTestFinished(() => rmSync(cwd, { recursive: true }))
  return spawnSync(process.execPath, [LAUNCHER, ...argv], { cwd, encoding: 'utf8' })
}

test('help and version come from any directory', () => {
  const { version } = JSON.parse(readFileSync(join(HOME, 'package.json'), 'utf8')) as { version: string }
  expect(anneal('version')).toMatchObject({ status: 0, stdout: `anneal ${version}\n`, stderr: '' })
  expect(anneal()).toMatchObject({ status: 0, stderr: '' })
})

test('exit codes and streams pass through', () => {
  const { status, stdout, stderr } = anneal('staus')
  expect({ status, stdout }).toEqual({ status: 5, stdout: '' })
  expect(stderr).toBe('anneal: there is no command staus\n  next: did you mean status?\n')
})

test('a reader that goes away is no fault', () => {
  const shell = `${JSON.stringify(process.execPath)} ${JSON.stringify(LAUNCHER)} completion bash | true; echo "\${PIPESTATUS[0]}"`
  expect(spawnSync('bash', ['-c', shell], { encoding: 'utf8' })).toMatchObject({ stdout: '0\n', stderr: '' })
})
