// `anneal serve` and commands that a server carries out, as an operator sees them.
import { expect, test } from 'vitest'
import type { ServedSite, ServeRequest } from '../../../src/cli/world.ts'
import { answer, refuse, type Refusal } from '../../../src/model/refusal.ts'
import { Exited, stage, type Stage } from './stage.ts'

const URL = 'http://127.0.0.1:7433'

interface Staged {
  on: Stage
  asked: Promise<ServeRequest>
  drained: string[]
  end: (fault?: Refusal) => void
}

function staged(): Staged {
  let tellAsked: (request: ServeRequest) => void = () => {}
  const asked = new Promise<ServeRequest>((resolve) => (tellAsked = resolve))
  const drained: string[] = []
  let end = (): void => {}
  let fault: Refusal | undefined
  const over = new Promise<void>((resolve) => (end = resolve))
  const served: ServedSite = {
    url: URL,
    over,
    drain: async (by) => void drained.push(by),
    fault: () => fault,
    close: async () => {},
  }
  const on = stage({
    serve: async (request) => {
      tellAsked(request)
      return answer(served)
    },
  })
  return {
    on,
    drained,
    asked,
    end(why) {
      fault = why
      end()
    },
  }
}

const texts = (on: Stage, stream: 'stdout' | 'stderr'): string =>
  on.written
    .filter((one) => one.stream === stream)
    .map(({ text }) => text)
    .join('')

test('says where it is on stdout, what happens on stderr, and that it has stopped', async () => {
  const { on, asked, end } = staged()
  const serving = on.run('serve', '--listen', '8080', '--plain')
  const request = await asked
  await settled()
  expect(request).toMatchObject({ listen: { host: '127.0.0.1', port: 8080 }, by: 'alice@desk' })
  request.onFeed({ kind: 'notice', message: 'bob asked: hold n1', at: 1 })
  end()
  expect(await serving).toBe(0)
  expect([texts(on, 'stdout'), texts(on, 'stderr')]).toEqual([`${URL}\n`, '* bob asked: hold n1\nstopped\n'])
  expect(on.left()).toEqual([])
})

test('the first signal drains, also where a launcher passes it on; the second ends at once', async () => {
  const { on, drained, asked } = staged()
  void on.run('serve')
  await asked
  await settled()
  on.interrupt()
  on.interrupt()
  expect(drained).toEqual(['alice@desk'])
  expect(texts(on, 'stderr')).toMatch(/stopping: runs in flight finish, nothing new starts/)
  on.later(200)
  expect(() => on.interrupt()).toThrow(Exited)
})

test('a journal that failed is said, with exit code 1', async () => {
  const { on, end, asked } = staged()
  const serving = on.run('serve', '--json')
  await asked
  end({ code: 'journalFault', message: 'no space' })
  expect(await serving).toBe(1)
  const lines = texts(on, 'stdout').trim().split('\n')
  expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject([
    { kind: 'serve' },
    { kind: 'listening', url: URL },
    { kind: 'refusal', refusal: { code: 'journalFault' } },
  ])
})

test('what keeps it from beginning is said with what to do', async () => {
  const message = 'another process listens on 127.0.0.1:7433 already'
  const on = stage({ serve: async () => refuse({ code: 'cannotListen', message }) })
  expect(await on.run('serve')).toBe(1)
  expect(texts(on, 'stderr')).toBe(
    `anneal: ${message}\n  next: give it another address: anneal serve --listen 127.0.0.1:PORT\n`,
  )
})

test('an address that is none is bad usage', async () => {
  const on = stage()
  expect(await on.run('serve', '--listen', 'here')).toBe(5)
  expect(texts(on, 'stderr')).toMatch(/expected an address with a port/)
})

test('a command by a server: Ctrl-C leaves it, and the server goes on', async () => {
  const on = stage({
    operations: {
      server: URL,
      async control(_control, request) {
        request.onFeed({ kind: 'notice', message: 'under way', at: 1 })
        on.interrupt()
        return refuse({ code: 'noServer', message: `no answer of a server at ${URL}` })
      },
    },
  })
  expect(await on.run('run', 'n1')).toBe(1)
  expect(texts(on, 'stderr')).toMatch(/not followed any more: the server goes on; anneal watch follows it/)
})

test('--server needs no site here; the environment says the same', async () => {
  const operations = { timeline: async () => answer([]) }
  const named = stage({ nowhere: true, operations })
  expect(await named.run('--server', URL, 'timeline')).toBe(0)
  const said = stage({ nowhere: true, operations, env: { ANNEAL_SERVER: URL } })
  expect(await said.run('timeline')).toBe(0)
  const neither = stage({ nowhere: true, operations })
  expect(await neither.run('timeline')).toBe(5)
})

async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate)
}
