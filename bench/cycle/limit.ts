// The limit as a tool to measure: begins the program with the shells, and asks it.
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Begun, Controller } from './controller.ts'
import type { Ground, Host } from './ground.ts'

export class Limit {
  #ground: Ground
  #controller: Controller
  #begun: Begun | undefined
  #lines: ReturnType<typeof createInterface> | undefined

  constructor(ground: Ground, controller: Controller) {
    this.#ground = ground
    this.#controller = controller
  }

  /** Opens what is not open yet. */
  async ask(
    what: 'true' | 'apply' | 'check' | 'motd',
    text: string,
    hosts: readonly Host[] = this.#ground.hosts,
  ): Promise<void> {
    const { child, ended } = (this.#begun ??= this.#begin())
    this.#lines ??= createInterface({ input: child.stdout as NodeJS.ReadableStream })
    const answer = once(this.#lines, 'line') as Promise<[string]>
    child.stdin?.write(`${JSON.stringify({ hosts: hosts.map(({ name }) => name), what, text })}\n`)
    const died = ended.then((code) => {
      throw new Error(`the limit ended with ${code}`)
    })
    const [line] = await Promise.race([answer, died])
    died.catch(() => {})
    const { failed } = JSON.parse(line) as { failed: string[] }
    if (failed.length > 0) throw new Error(`the limit failed on ${failed.length} steps:\n${failed[0]}`)
  }

  #begin(): Begun {
    const program = join(import.meta.dirname, 'limit-shells.ts')
    const begun = this.#controller.begin([process.execPath, program, this.#ground.sshConfig], {
      cwd: this.#ground.directory,
    })
    begun.child.stderr?.pipe(process.stderr)
    return begun
  }

  async end(): Promise<void> {
    this.#begun?.child.stdin?.end()
    await this.#begun?.ended
    this.#begun = this.#lines = undefined
  }
}
