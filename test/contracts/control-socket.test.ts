// The control socket: what it takes, what it refuses, and that nothing which somebody leaves or sends does harm.
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createConnection, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Listening, Obey } from '../../src/engine/control-port.ts'
import { controlSocket } from '../../src/engine/control-socket.ts'
import type { Control } from '../../src/model/control.ts'
import { answer, refuse } from '../../src/model/refusal.ts'

let directory: string
let before: string | undefined
const open: Listening[] = []
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'anneal-control-'))
  before = process.env['TMPDIR']
  process.env['TMPDIR'] = directory
})
afterEach(async () => {
  for (const one of open.splice(0)) await one.close()
  if (before === undefined) delete process.env['TMPDIR']
  else process.env['TMPDIR'] = before
  rmSync(directory, { recursive: true })
})

const HOLD: Control = { kind: 'hold', targets: ['n1'], why: 'a "word"\nand more' }

async function listen(at: string, obey: Obey = echo): Promise<string[]> {
  const notices: string[] = []
  open.push(await controlSocket(at).listen(obey, (message) => notices.push(message)))
  return notices
}

const echo: Obey = ({ control, by }) =>
  Promise.resolve(answer({ names: [by, JSON.stringify(control)], leftOut: [] }))

test('asked and answered, with who asks and why', async () => {
  await listen(directory)
  const port = controlSocket(directory)
  expect(await port.ask({ control: HOLD, by: 'ann@desk' })).toEqual(
    answer({ names: ['ann@desk', JSON.stringify(HOLD)], leftOut: [] }),
  )
  const many = Array.from({ length: 10 }, (_, i) => port.ask({ control: { kind: 'stop' }, by: `n${i}` }))
  const names = (await Promise.all(many)).map((given) => given?.ok && given.value.names[0])
  expect(names).toEqual(Array.from({ length: 10 }, (_, i) => `n${i}`))
})

test('a commit and a discard come as they were sent', async () => {
  await listen(directory)
  const port = controlSocket(directory)
  for (const control of [
    { kind: 'commit', revision: 2, onto: 0, why: 'as agreed' },
    { kind: 'commit', revision: 2, onto: 1 },
    { kind: 'discard', revision: 2 },
  ] satisfies Control[])
    expect(await port.ask({ control, by: 'ann' })).toMatchObject({
      value: { names: ['ann', JSON.stringify(control)] },
    })
})

test('a refusal comes back as one', async () => {
  const refusal = { code: 'notInFlight', message: 'run-3 is over' } as const
  await listen(directory, () => Promise.resolve(refuse(refusal)))
  expect(await controlSocket(directory).ask({ control: HOLD, by: 'ann' })).toEqual(refuse(refusal))
})

test('nobody there, or a socket whose process is gone', async () => {
  const port = controlSocket(directory)
  expect(await port.ask({ control: HOLD, by: 'ann' })).toBe(undefined)
  writeFileSync(join(directory, 'control.sock'), '')
  expect(await port.ask({ control: HOLD, by: 'ann' })).toBe(undefined)
  expect(await listen(directory)).toEqual([])
  expect(await port.ask({ control: HOLD, by: 'ann' })).toMatchObject({ ok: true })
})

test('it is for its owner alone, and goes away with who listened', async () => {
  await listen(directory)
  const path = join(directory, 'control.sock')
  expect(statSync(path).mode & 0o777).toBe(0o600)
  await open.pop()?.close()
  expect(existsSync(path)).toBe(false)
})

test('a path that the kernel would cut is another one, in a directory that must be ours alone', async () => {
  const deep = join(directory, 'a'.repeat(100))
  mkdirSync(deep)
  const own = join(directory, `anneal-${process.getuid?.() ?? 0}`)
  expect(await listen(deep)).toEqual([])
  expect(statSync(own).mode & 0o777).toBe(0o700)
  expect(await controlSocket(deep).ask({ control: HOLD, by: 'ann' })).toMatchObject({ ok: true })
  expect(await controlSocket(`${deep}b`).ask({ control: HOLD, by: 'ann' })).toBe(undefined)
  await open.pop()?.close()
  chmodSync(own, 0o755)
  expect(await listen(deep)).toEqual([expect.stringMatching(/not a directory for us alone/)])
})

test.each([
  ['nothing', '\n', 'it is no object'],
  ['no JSON', 'hold n1\n', 'it is no object'],
  ['a list', '[]\n', 'it is no object'],
  ['nobody', '{"control":{"kind":"stop"},"by":""}\n', '`by` says who asks'],
  ['no control', '{"by":"ann"}\n', '`control` says what is asked'],
  ['an unknown kind', '{"by":"ann","control":{"kind":"reboot"}}\n', '`kind` is one of stop, hold'],
  ['an inherited kind', '{"by":"ann","control":{"kind":"constructor"}}\n', '`kind` is one of'],
  ['a stray key', '{"by":"ann","control":{"kind":"hold","targest":[]}}\n', 'did you mean targets?'],
  [
    'a stray key outside',
    '{"by":"ann","sudo":true,"control":{"kind":"stop"}}\n',
    'the key "sudo" is not known',
  ],
  ['no targets', '{"by":"ann","control":{"kind":"retry","targets":[]}}\n', '`targets` names what to retry'],
  ['targets of no text', '{"by":"ann","control":{"kind":"hold","targets":[1]}}\n', 'a list of at most'],
  [
    'a long text',
    `{"by":"ann","control":{"kind":"hold","targets":["${'x'.repeat(2_000)}"]}}\n`,
    'a list of at most',
  ],
  ['a why of no text', '{"by":"ann","control":{"kind":"stop","why":{}}}\n', '`why` is a text'],
  [
    'only of no truth',
    '{"by":"ann","control":{"kind":"run","targets":["a"],"only":1}}\n',
    '`only` is true or false',
  ],
  [
    'a revision of no number',
    '{"by":"ann","control":{"kind":"discard","revision":"2"}}\n',
    '`revision` is the number of a revision',
  ],
  [
    'half a revision',
    '{"by":"ann","control":{"kind":"discard","revision":1.5}}\n',
    '`revision` is the number of a revision',
  ],
  [
    'a commit onto nothing',
    '{"by":"ann","control":{"kind":"commit","revision":2}}\n',
    '`onto` is the number of a revision',
  ],
  [
    'a message of another name',
    '{"by":"ann","control":{"kind":"commit","revision":2,"onto":1,"message":"m"}}\n',
    'the key "message" is not known',
  ],
])('%s is refused with its reason', async (_, line, reason) => {
  let asked = 0
  await listen(directory, () => Promise.resolve(answer({ names: [String(++asked)], leftOut: [] })))
  const given = JSON.parse(await said(line)) as { ok: boolean; refusal: { code: string; message: string } }
  expect([given.ok, given.refusal.code]).toEqual([false, 'invalidControl'])
  expect(given.refusal.message).toContain(reason)
  expect(asked).toBe(0)
})

test('what never ends is ended, and others are served meanwhile', { timeout: 300_000 }, async () => {
  await listen(directory)
  const flood = createConnection(join(directory, 'control.sock'))
  const ended = new Promise((done) => flood.on('close', done).on('error', () => {}))
  flood.write('x'.repeat(1024 * 1024))
  // It always has something more to say: no patience with who is silent ends it.
  const more = setInterval(() => flood.write('x'), 500)
  const silent = createConnection(join(directory, 'control.sock'))
  silent.on('error', () => {})
  expect(await controlSocket(directory).ask({ control: HOLD, by: 'ann' })).toMatchObject({ ok: true })
  await ended.finally(() => clearInterval(more))
  // Closing does not wait for who says nothing.
  const closed = new Promise((done) => silent.on('close', done))
  await open.pop()?.close()
  silent.destroy()
  await closed
})

test('an answer of another kind is none', async () => {
  const server = createServer((socket) => socket.resume().end('{"ok":"maybe"}\n'))
  await new Promise<void>((done) => server.listen(join(directory, 'control.sock'), done))
  expect(await controlSocket(directory).ask({ control: HOLD, by: 'ann' })).toBe(undefined)
  await new Promise((done) => server.close(done))
})

function said(line: string): Promise<string> {
  return new Promise((done, failed) => {
    const socket = createConnection(join(directory, 'control.sock'))
    let text = ''
    socket.on('error', failed)
    socket.on('data', (piece) => (text += String(piece)))
    socket.on('end', () => done(text))
    socket.write(line)
  })
}
