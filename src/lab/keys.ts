// Keys and trust: the lab's client key, each host's own key, and the ssh_config and known_hosts that let ssh in strictly.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { must } from './command.ts'
import { scriptPath } from './holder.ts'
import type { Lab } from './lab.ts'
import { type HostRecord, hostDirectory, readHosts, writeWhole } from './records.ts'

export type LabTrust = { sshConfig: string; knownHosts: string; identity: string }

export function trustPaths(lab: Lab): LabTrust {
  return {
    sshConfig: join(lab.directory, 'ssh_config'),
    knownHosts: join(lab.directory, 'known_hosts'),
    identity: join(lab.directory, 'id_ed25519'),
  }
}

/** Writes ssh_config and known_hosts from the keys that hosts were given. A changed host key is trusted anew only by this. */
export function trustLab(lab: Lab): LabTrust {
  const paths = trustPaths(lab)
  const hosts = readHosts(lab)
  const knownHosts = hosts.map((host) => {
    const key = readFileSync(join(hostDirectory(lab, host.name), 'seed/ssh_host_ed25519_key.pub'), 'utf8')
    return `${host.name},${host.address} ${key.split(' ').slice(0, 2).join(' ').trim()}\n`
  })
  writeWhole(paths.knownHosts, knownHosts.join(''))
  writeWhole(paths.sshConfig, `${sshStanzas(lab, hosts, paths)}`)
  return paths
}

/** What `anneal.yaml` may take in under `nodes`. */
export function labInventory(lab: Lab): { nodes: Record<string, { ssh: Record<string, string> }> } {
  const ssh = (host: HostRecord) => ({
    ssh: { host: host.address, user: 'root', config: trustPaths(lab).sshConfig },
  })
  return { nodes: Object.fromEntries(readHosts(lab).map((host) => [host.name, ssh(host)])) }
}

export async function ensureClientKey(lab: Lab): Promise<string> {
  const { identity } = trustPaths(lab)
  if (!existsSync(identity)) await makeKey(identity, `anneal lab ${lab.name}`)
  return readFileSync(`${identity}.pub`, 'utf8')
}

/** What a new host finds in its file system on its first boot. It knows only itself. */
export async function seedHost(
  lab: Lab,
  host: Pick<HostRecord, 'name' | 'address'>,
  clientKey: string,
): Promise<void> {
  const seed = join(hostDirectory(lab, host.name), 'seed')
  rmSync(seed, { recursive: true, force: true })
  mkdirSync(seed, { recursive: true })
  await makeKey(join(seed, 'ssh_host_ed25519_key'), host.name)
  writeWhole(join(seed, 'hostname'), `${host.name}\n`)
  writeWhole(join(seed, 'hosts'), `127.0.0.1 localhost\n::1 localhost\n${host.address} ${host.name}\n`)
  writeWhole(join(seed, 'authorized_keys'), clientKey)
}

/** The private key appears last and whole: where it is, the public one is, too. */
export async function makeKey(path: string, comment: string): Promise<void> {
  const aside = mkdtempSync(`${path}.making-`)
  const key = join(aside, 'key')
  await must('make a key', ['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', comment, '-f', key])
  renameSync(`${key}.pub`, `${path}.pub`)
  renameSync(key, path)
  rmSync(aside, { recursive: true })
}

function sshStanzas(lab: Lab, hosts: readonly HostRecord[], paths: LabTrust): string {
  const stanzas = hosts.map(
    (host) => `Host ${host.name} ${host.address}
  HostName ${host.address}
  HostKeyAlias ${host.name}`,
  )
  return `# Written by \`anneal lab up\` for lab ${lab.name}: ssh -F ${paths.sshConfig} HOST
${stanzas.join('\n')}
Host ${hosts.map((host) => `${host.name} ${host.address}`).join(' ') || '-'}
  User root
  ProxyCommand sh "${scriptPath('connect.sh')}" "${lab.directory}" %h %p fdpass
  ProxyUseFdpass yes
  IdentityFile "${paths.identity}"
  IdentitiesOnly yes
  UserKnownHostsFile "${paths.knownHosts}"
  GlobalKnownHostsFile /dev/null
  StrictHostKeyChecking yes
`
}
