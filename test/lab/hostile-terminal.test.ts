// What nodes, scripts and files say, on a real terminal: shown, and never obeyed.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { siteDir } from '../support/site-dir.ts'
import { onTerminal, strangeControls } from '../support/terminal.ts'

/** Clear the screen, set the title, answer back, a C1 control, a sixel, a backspace, a line that overwrites itself. */
const EVIL =
  'before\u001b[2J\u001b[H\u001b]0;pwned\u0007\u001b[6n\u009b31m\u001bPq#0\u001b\\ \b\b\rover \u202egnp.exe\u202c \u007f\u0000after'
const TEXT = EVIL.replace('\u0000', '')

const site = siteDir()

const shout = {
  inputs: { text: { type: 'string' } },
  outputs: { text: { type: 'string' } },
  apply: 'shout.js',
  retry: { attempts: 1 },
}
const repeat = { inputs: { text: { from: 'shout.text' } }, apply: { run: 'true' } }

function make(text: string, exit: number): void {
  site.make({
    nodes: { here: { local: true, labels: { [TEXT]: TEXT, plain: TEXT }, hints: { shout: { text } } } },
    roles: { shout, repeat },
  })
  site.write({
    'packages/p/roles/shout/shout.js': `#!${process.execPath}
const evil = ${JSON.stringify(EVIL)}
console.log(evil)
console.error(evil)
require('node:fs').appendFileSync(process.env.ANNEAL_OUTPUTS, JSON.stringify({ text: process.env.ANNEAL_INPUT_TEXT }) + '\\n')
process.exit(${exit})
`,
  })
}

beforeAll(async () => {
  make(TEXT, 0)
  expect((await site.anneal('up', '--yes', '-m', TEXT)).code).toBe(0)
  make(`${TEXT}!`, 1)
})
afterAll(() => site.end())

test.each([
  ['diff'],
  ['up', '--yes', '-m', TEXT],
  ['status', '--all'],
  ['why', 'here/shout'],
  ['why', 'here/shout', 'text'],
  ['why', 'here/repeat'],
  ['logs', 'run-1'],
  ['logs', 'here/shout'],
  ['runs'],
  ['nodes'],
  ['facts', 'here'],
  ['timeline'],
  ['watch', '--until-rest'],
  ['why', TEXT],
  ['facts', 'here', TEXT],
  [TEXT],
  ['up', `--${TEXT}`],
  ['-C', TEXT, 'status'],
])('anneal %s', async (...words) => {
  const shown = await onTerminal(site.directory, words)
  expect(strangeControls(shown)).toEqual([])
  if (words.join(' ') !== 'facts here') expect(shown).toMatch(/␛|\\u001b|<U\+202E>/)
})

test('faults of files', async () => {
  site.write({ 'anneal.yaml': `site: "e2e" # ${EVIL}\nnodez: ["${TEXT}", ${EVIL}\n` })
  expect(strangeControls(await onTerminal(site.directory, ['validate']))).toEqual([])
  site.write({
    'anneal.yaml': JSON.stringify({
      site: 'e2e',
      [TEXT]: TEXT,
      packages: [TEXT],
      nodes: { [TEXT]: { local: true } },
    }),
  })
  expect(strangeControls(await onTerminal(site.directory, ['validate']))).toEqual([])
})

test('the bytes are kept: a pipe and --raw get them as they were', async () => {
  make(TEXT, 0)
  const { stdout } = await site.anneal('logs', '--raw', 'run-1')
  expect(stdout).toContain(EVIL)
  expect(strangeControls(await onTerminal(site.directory, ['logs', '--raw', 'run-1']))).not.toEqual([])
})
