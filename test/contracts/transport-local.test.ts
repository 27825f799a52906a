// The local transport keeps the contract, under each shell that may be somebody's sh.
import { existsSync } from 'node:fs'
import { localTransport } from '../../src/transports/local.ts'
import { type Far, NEVER, transportContract } from './transport.ts'
import { togetherContract } from './transport-together.ts'

const SHELLS: { name: string; path: string; command: string[] }[] = [
  { name: 'dash', path: '/bin/dash', command: ['/bin/dash'] },
  { name: 'busybox', path: '/bin/busybox', command: ['/bin/busybox', 'sh'] },
  { name: 'bash', path: '/bin/bash', command: ['/bin/bash', '--posix'] },
]

for (const { name, path, command } of SHELLS) {
  if (!existsSync(path)) continue
  transportContract(`local, ${name}`, () => localFar(command))
  togetherContract(`local, ${name}`, () => localFar(command))
}

async function localFar(shell: string[]): Promise<Far> {
  const transport = localTransport({
    owner: `test-${process.pid}-${shell.join('-')}`,
    shell,
    graceSeconds: 1,
  })
  return {
    async open() {
      const opened = await transport.open(
        { name: 'here', transport: { kind: 'local' } },
        { signal: NEVER, connectTimeoutMs: 20_000, notice: () => {} },
      )
      if (!opened.ok) throw new Error(opened.fault.message)
      return opened.session
    },
    async stop() {},
  }
}
