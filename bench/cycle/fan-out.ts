// One command on all hosts by the tools for just that: ClusterShell, and OpenSSH over connections that it keeps.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Controller, Ran } from './controller.ts'
import type { Ground } from './ground.ts'

export class FanOut {
  #ground: Ground
  #controller: Controller
  #kept: string[]
  #sockets: string

  constructor(ground: Ground, controller: Controller) {
    this.#ground = ground
    this.#controller = controller
    this.#sockets = join(ground.directory, 'cm')
    mkdirSync(this.#sockets)
    this.#kept = ['ControlMaster=auto', 'ControlPersist=30m', `ControlPath=${this.#sockets}/%C`]
  }

  /** `keeps`: over connections that stay open; without it each command makes its own. */
  clush(command: string, keeps: boolean): Promise<Ran> {
    // ClusterShell reads its settings with a percent sign that means something.
    const options = `-F ${this.#ground.sshConfig}${keeps ? this.#kept.map((one) => ` -o${one.replaceAll('%', '%%')}`).join('') : ''}`
    const hosts = this.#ground.hosts.map(({ name }) => name).join(',')
    return this.#must(['clush', '-S', '-f', '64', '-o', options, '-w', hosts, command])
  }

  ssh(command: string): Promise<Ran> {
    const list = join(this.#ground.directory, 'hosts')
    writeFileSync(list, this.#ground.hosts.map(({ name }) => `${name}\n`).join(''))
    const options = this.#kept.map((one) => `-o ${one}`).join(' ')
    const each = `ssh -T -F ${this.#ground.sshConfig} ${options} {} '${command}'`
    return this.#must(['sh', '-c', `xargs -P 64 -I {} ${each} <${list}`])
  }

  async #must(argv: readonly string[]): Promise<Ran> {
    const ran = await this.#controller.run(argv, { cwd: this.#ground.directory })
    if (ran.code !== 0) throw new Error(`${argv[0]} ended with ${ran.code}:\n${ran.said}`)
    return ran
  }
}
