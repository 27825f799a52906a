// A real sshd on loopback for transport tests: its own keys, config and port, and nothing of this machine's settings.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import type { TransportSpec } from '../../src/model/site.ts'
import { freePort } from '../support/free-port.ts'

export interface TestSshd {
  port: number
  directory: string
  /** For a node's `ssh`: no settings of this machine, the key that this sshd takes. */
  spec(more?: Partial<Extract<TransportSpec, { kind: 'ssh' }>>): TransportSpec
  fingerprint(): string
  /** A new host key on the same port. */
  rekey(): Promise<void>
  stop(): Promise<void>
}

export interface SshdOptions {
  /** Further lines of sshd_config. */
  config?: string[]
}

const SSHD = '/usr/sbin/sshd'

export async function startSshd(options: SshdOptions = {}): Promise<TestSshd> {
  const directory = mkdtempSync(join(tmpdir(), 'anneal-sshd-'))
  const at = (name: string) => join(directory, name)
  keygen(at('host'))
  keygen(at('user'))
  writeFileSync(at('authorized_keys'), readFileSync(at('user.pub')), { mode: 0o600 })
  writeFileSync(
    at('ssh_config'),
    ['Host *', '  IdentitiesOnly yes', `  IdentityFile ${at('user')}`, ''].join('\n'),
  )
  const port = await freePort()
  writeFileSync(
    at('sshd_config'),
    [
      `Port ${port}`,
      'ListenAddress 127.0.0.1',
      `HostKey ${at('host')}`,
      `AuthorizedKeysFile ${at('authorized_keys')}`,
      'StrictModes no',
      'UsePAM no',
      'PermitRootLogin prohibit-password',
      'PidFile none',
      'PrintMotd no',
      // Many tests open connections at once.
      'MaxStartups 200',
      ...(options.config ?? []),
      '',
    ].join('\n'),
  )
  let daemon = await run(at('sshd_config'))
  return {
    port,
    directory,
    spec: (more = {}) => ({
      kind: 'ssh',
      host: '127.0.0.1',
      user: userInfo().username,
      port,
      config: at('ssh_config'),
      ...more,
    }),
    fingerprint: () =>
      spawnSync('ssh-keygen', ['-lf', at('host.pub')], { encoding: 'utf8' }).stdout.split(' ')[1] ?? '',
    async rekey() {
      await end(daemon)
      rmSync(at('host'))
      rmSync(at('host.pub'))
      keygen(at('host'))
      daemon = await run(at('sshd_config'))
    },
    async stop() {
      await end(daemon)
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

function keygen(path: string): void {
  const made = spawnSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', path], { encoding: 'utf8' })
  if (made.status !== 0) throw new Error(`ssh-keygen: ${made.stderr}`)
}

/** Ready when it says that it listens. */
async function run(config: string): Promise<ChildProcess> {
  if (userInfo().uid === 0) mkdirSync('/run/sshd', { recursive: true })
  const daemon = spawn(SSHD, ['-D', '-e', '-f', config], { stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  daemon.stderr?.setEncoding('utf8')
  await new Promise<void>((resolve, reject) => {
    daemon.once('error', (error) =>
      reject(new Error(`${SSHD} is needed (Debian: openssh-server): ${error.message}`)),
    )
    daemon.once('exit', (code) => reject(new Error(`sshd ended with ${code}: ${said}`)))
    daemon.stderr?.on('data', (text: string) => {
      said += text
      if (said.includes('Server listening')) resolve()
    })
  })
  daemon.removeAllListeners('exit')
  return daemon
}

async function end(daemon: ChildProcess): Promise<void> {
  if (daemon.exitCode !== null || daemon.signalCode !== null) return
  const ended = once(daemon, 'exit')
  daemon.kill('SIGTERM')
  await ended
}
