// Lab hosts to measure on: booted, reached without a detour, put back between tools, verified, cut off and healed.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { labDown } from '../../src/lab/down.ts'
import { labExec } from '../../src/lab/exec.ts'
import { trustPaths } from '../../src/lab/keys.ts'
import { type Lab, openLab } from '../../src/lab/lab.ts'
import { readHosts } from '../../src/lab/records.ts'
import { labUp } from '../../src/lab/up.ts'
import { resetScript, verifyScript } from './verify.ts'

export interface Host {
  name: string
  address: string
}

export interface GroundOptions {
  hosts: number
  /** For all tools alike; undefined: what their ssh takes by itself. */
  kex: string | undefined
  say: (message: string) => void
}

const AT_ONCE = 8

export class Ground {
  readonly lab: Lab = openLab({ name: 'bench' })
  /** For tools' own files; goes with the bench. */
  readonly directory = mkdtempSync(join(tmpdir(), 'anneal-cycle-'))
  readonly sshConfig = join(this.directory, 'ssh_config')
  /** All but the last one, which is there to be added. */
  hosts: Host[] = []
  added: Host = { name: '', address: '' }

  async up({ hosts, kex, say }: GroundOptions): Promise<void> {
    const names = Array.from({ length: hosts + 1 }, (_, i) => `cycle-${i + 1}`)
    await labUp(this.lab, { names, layers: ['python'], say, deadlineS: 300 })
    const known = new Map(readHosts(this.lab).map(({ name, address }) => [name, address]))
    const all = names.map((name) => ({ name, address: known.get(name) as string }))
    this.hosts = all.slice(0, hosts)
    this.added = all[hosts] as Host
    writeFileSync(this.sshConfig, this.#config(all, kex))
  }

  /** As if no tool had ever been there. */
  async reset(hosts: readonly Host[] = [...this.hosts, this.added]): Promise<void> {
    await this.#on(hosts, () => resetScript())
  }

  /** Throws with what is wrong. */
  async verify(text: string, hosts: readonly Host[] = this.hosts): Promise<void> {
    const wrong = (await this.#on(hosts, ({ name }) => verifyScript(name, text))).filter(Boolean)
    if (wrong.length > 0) throw new Error(`${wrong.length} hosts are not as asked:\n${wrong[0]}`)
  }

  async down(keep: boolean): Promise<void> {
    rmSync(this.directory, { recursive: true, force: true })
    if (!keep) await labDown(this.lab)
  }

  async #on(hosts: readonly Host[], script: (host: Host) => string): Promise<string[]> {
    const said: string[] = []
    const left = [...hosts]
    const lane = async (): Promise<void> => {
      for (let host = left.shift(); host !== undefined; host = left.shift()) {
        const done = await labExec(this.lab, host.name, ['sh'], { input: script(host) })
        const words = `${done.stdout}${done.stderr}`.trim()
        if (done.code !== 0 || words !== '') said.push(`${host.name}: ${words} (exit ${done.code})`)
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, lane))
    return said
  }

  /** Host keys are those that the lab gave its hosts, and nothing else is taken. */
  #config(hosts: readonly Host[], kex: string | undefined): string {
    const { knownHosts, identity } = trustPaths(this.lab)
    return [
      ...hosts.map(({ name, address }) => `Host ${name}\n  HostName ${address}\n  HostKeyAlias ${name}`),
      'Host *',
      '  User root',
      `  IdentityFile ${identity}`,
      '  IdentitiesOnly yes',
      `  UserKnownHostsFile ${knownHosts}`,
      '  GlobalKnownHostsFile /dev/null',
      '  StrictHostKeyChecking yes',
      ...(kex === undefined ? [] : [`  KexAlgorithms ${kex}`]),
      '',
    ].join('\n')
  }
}
