// Ansible as a tool to measure, by itself or with Mitogen's strategy; what it is told stands in `ansible/`.
import { mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Controller, Ran } from './controller.ts'
import type { Ground, Host } from './ground.ts'

const FOLDER = join(import.meta.dirname, 'ansible')

export class Ansible {
  #ground: Ground
  #controller: Controller
  #directory: string
  #env: NodeJS.ProcessEnv

  constructor(ground: Ground, controller: Controller, strategy: 'linear' | 'mitogen_linear') {
    this.#ground = ground
    this.#controller = controller
    this.#directory = mkdtempSync(join(ground.directory, 'ansible-'))
    this.#env = {
      ANSIBLE_CONFIG: join(FOLDER, 'ansible.cfg'),
      ANSIBLE_STRATEGY: strategy,
      ANSIBLE_SSH_CONTROL_PATH_DIR: join(this.#directory, 'cp'),
      ANSIBLE_LOCAL_TEMP: join(this.#directory, 'tmp'),
      ANSIBLE_SSH_ARGS: `-F ${ground.sshConfig} -o ControlMaster=auto -o ControlPersist=30m`,
    }
  }

  /** `limit`: the host that whoever runs it knows to be the only one that matters. */
  async play(text: string, { hosts = this.#ground.hosts, expected = 0, limit = '' } = {}): Promise<Ran> {
    const inventory = join(this.#directory, 'hosts')
    writeFileSync(inventory, `${hosts.map(({ name }: Host) => name).join('\n')}\n`)
    const argv = [
      'ansible-playbook',
      '-i',
      inventory,
      '-e',
      JSON.stringify({ text }),
      join(FOLDER, 'site.yml'),
    ]
    const ran = await this.#controller.run([...argv, ...(limit === '' ? [] : ['--limit', limit])], {
      cwd: this.#directory,
      env: this.#env,
    })
    if (ran.code !== expected) throw new Error(`ansible-playbook ended with ${ran.code}:\n${ran.said}`)
    return ran
  }

  /** Opens the connections that ssh then keeps. */
  async ping(hosts: readonly Host[] = this.#ground.hosts): Promise<void> {
    const inventory = join(this.#directory, 'hosts')
    writeFileSync(inventory, `${hosts.map(({ name }) => name).join('\n')}\n`)
    const argv = ['ansible', '-i', inventory, 'all', '-m', 'ping', '-o']
    const ran = await this.#controller.run(argv, {
      cwd: this.#directory,
      env: { ...this.#env, ANSIBLE_STRATEGY: 'linear' },
    })
    if (ran.code !== 0) throw new Error(`ansible -m ping ended with ${ran.code}:\n${ran.said}`)
  }
}
