// Anneal as a tool to measure: a site on the hosts, its commands in a process each, or a server that stays.
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Begun, Controller, Ran } from './controller.ts'
import type { Ground, Host } from './ground.ts'

const HOME = join(import.meta.dirname, '..', '..')
const ANNEAL = [process.execPath, join(HOME, 'bin/anneal.js')]

export class AnnealSite {
  #controller: Controller
  #ground: Ground
  #directory: string
  #server: Begun | undefined

  constructor(ground: Ground, controller: Controller) {
    this.#ground = ground
    this.#controller = controller
    this.#directory = mkdtempSync(join(ground.directory, 'site-'))
    cpSync(join(import.meta.dirname, 'site'), this.#directory, { recursive: true })
  }

  /** `first`: nothing but the role that opens connections. Without it the ten roles alone. */
  write(text: string, { first = false, hosts = this.#ground.hosts } = {}): void {
    const site = readFileSync(join(import.meta.dirname, 'site/anneal.yaml'), 'utf8')
      .replace('text: "first"', `text: ${JSON.stringify(text)}`)
      .replace(/roles: \[here, (.*)\]/, (_, ten: string) =>
        first ? 'roles: [here]' : this.#server === undefined ? `roles: [${ten}]` : `roles: [here, ${ten}]`,
      )
    writeFileSync(join(this.#directory, 'anneal.yaml'), site)
    const nodeOf = ({ name }: Host) => [name, { ssh: { host: name, config: this.#ground.sshConfig } }]
    writeFileSync(
      join(this.#directory, 'nodes.yaml'),
      JSON.stringify({ nodes: Object.fromEntries(hosts.map(nodeOf)) }),
    )
  }

  async run(words: readonly string[], expected = 0): Promise<Ran> {
    const ran = await this.#controller.run([...ANNEAL, '-C', this.#directory, ...words], {
      cwd: this.#directory,
    })
    if (ran.code !== expected)
      throw new Error(`anneal ${words.join(' ')} ended with ${ran.code}:\n${ran.said}`)
    return ran
  }

  /** Begins a server and lets it open its connections. */
  async serve(): Promise<void> {
    this.write('', { first: true })
    this.#server = this.#controller.begin([...ANNEAL, '-C', this.#directory, 'serve'], {
      cwd: this.#directory,
    })
    const { child, ended } = this.#server
    let said = ''
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-10_000)))
    const listening = new Promise<void>((resolve) => child.stdout?.once('data', () => resolve()))
    const died = ended.then((code) => {
      throw new Error(`anneal serve ended with ${code}:\n${said}`)
    })
    await Promise.race([listening, died])
    died.catch(() => {})
    await this.run(['up', '--yes'])
  }

  async end(): Promise<void> {
    if (this.#server !== undefined) {
      this.#server.child.kill('SIGTERM')
      await this.#server.ended
      this.#server = undefined
    }
    rmSync(this.#directory, { recursive: true, force: true })
  }
}
