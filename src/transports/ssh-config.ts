// The ssh_config that our connections use: the operator's own first, our defaults after it, so that theirs win.
import { mkdir, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'

export interface SshConfigOptions {
  siteDir: string
  /** A file to use instead of the user's and the system's. */
  config: string | undefined
  connectTimeoutMs: number
}

export function knownHostsPath(siteDir: string): string {
  return join(siteDir, '.anneal', 'known_hosts')
}

/**
 * In ssh_config the first word on an option counts. What stands here is therefore only for options that the operator's
 * files leave open; what must not be open is on the command line (`ssh.ts`).
 */
export function sshConfig(options: SshConfigOptions): string {
  const includes = options.config === undefined ? ['~/.ssh/config', '/etc/ssh/ssh_config'] : [options.config]
  const known = [knownHostsPath(options.siteDir), '~/.ssh/known_hosts', '~/.ssh/known_hosts2']
  return [
    '# Written by anneal at each start. Your own ssh_config is included first and wins.',
    ...includes.map((file) => `Include ${quoted(file)}`),
    'Host *',
    // Unknown hosts are pinned into the first of these; known ones are looked for in all.
    `  UserKnownHostsFile ${known.map((file) => quoted(percentSafe(file))).join(' ')}`,
    '  StrictHostKeyChecking accept-new',
    '  UpdateHostKeys no',
    '  ServerAliveInterval 5',
    '  ServerAliveCountMax 3',
    `  ConnectTimeout ${Math.max(1, Math.ceil(options.connectTimeoutMs / 1000))}`,
    '',
  ].join('\n')
}

/** Written once for each file that nodes name; concurrent callers wait for the same writing. */
export class SshConfigFiles {
  #written = new Map<string, Promise<string>>()

  path(options: SshConfigOptions): Promise<string> {
    const key = `${options.config ?? ''}\n${options.connectTimeoutMs}`
    const known = this.#written.get(key)
    if (known !== undefined) return known
    const written = this.#write(options, this.#written.size)
    this.#written.set(key, written)
    // What could not be written is tried again by the next who asks.
    written.catch(() => this.#written.delete(key))
    return written
  }

  async #write(options: SshConfigOptions, n: number): Promise<string> {
    const directory = join(options.siteDir, '.anneal')
    const path = join(directory, n === 0 ? 'ssh_config' : `ssh_config.${n}`)
    await mkdir(directory, { recursive: true, mode: 0o700 })
    await writeFile(path, sshConfig(options), { mode: 0o600 })
    return path
  }
}

/** `~` as OpenSSH of old and new takes it in both places. */
function quoted(path: string): string {
  const whole = path.startsWith('~/') ? join(homedir(), path.slice(2)) : path
  return `"${whole.replace(/(["\\])/g, '\\$1')}"`
}

function percentSafe(path: string): string {
  return path.replaceAll('%', '%%')
}
