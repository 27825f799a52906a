// The local transport: the same loop over an `sh` on this machine.
import { homedir, userInfo } from 'node:os'
import type { Transport } from './transport.ts'
import { FIRST_COMMAND } from './boot.ts'
import { openLoop } from './loop.ts'
import { slotOf } from './slot.ts'
import { spawnWire } from './wire.ts'

export interface LocalOptions {
  /** Of the site, see `slot.ts`. */
  owner: string
  /** The shell; tests try others. */
  shell?: string[]
  /** Replaces the environment that a login would give. */
  env?: NodeJS.ProcessEnv
  graceSeconds?: number
}

export function localTransport(options: LocalOptions): Transport {
  return {
    kind: 'local',
    async open(node, { signal, connectTimeoutMs }) {
      const [shell = 'sh', ...args] = options.shell ?? ['sh']
      const wire = spawnWire(shell, [...args, '-c', FIRST_COMMAND], {
        env: options.env ?? loginEnvironment(),
        cwd: '/',
      })
      return openLoop(wire, {
        node: node.name,
        slot: slotOf(options.owner, node.name),
        signal,
        openTimeoutMs: connectTimeoutMs * 3,
        graceSeconds: options.graceSeconds ?? 5,
        explain: (end, talk) => ({
          code: end.how === 'never started' ? 'noShell' : 'connectionLost',
          message:
            end.how === 'never started'
              ? `sh cannot be started here: ${end.cause}`
              : `the shell that carried out runs here ended (${end.how === 'exit' ? `exit ${end.code}` : end.signal})${talk.stderr.trim() === '' ? '' : `: ${talk.stderr.trim()}`}`,
        }),
      })
    },
  }
}

/** What a login would have. Not our own environment: it may hold what scripts should not see. */
function loginEnvironment(): NodeJS.ProcessEnv {
  const { username, shell } = userInfo()
  const env: NodeJS.ProcessEnv = {
    HOME: homedir(),
    USER: username,
    LOGNAME: username,
    SHELL: shell ?? '/bin/sh',
  }
  for (const name of ['PATH', 'LANG', 'LC_ALL', 'TMPDIR', 'XDG_RUNTIME_DIR']) {
    const value = process.env[name]
    if (value !== undefined) env[name] = value
  }
  return env
}
