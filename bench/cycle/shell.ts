// A persistent sh over ssh, as bare as it can be: a request is one line of shell, an answer ends with its exit code.
import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'

export class Shell {
  #child: ChildProcess
  #nonce = randomBytes(16).toString('hex')
  #heard = ''
  #answer: ((answer: { exit: number; said: string }) => void) | undefined

  constructor(host: string, sshConfig: string) {
    this.#child = spawn('ssh', ['-T', '-F', sshConfig, '-o', 'BatchMode=yes', host, 'exec sh'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => this.#hear(text))
    this.#child.once('exit', (code) => this.#answer?.({ exit: 255, said: `ssh ended with ${code}` }))
  }

  /** The script runs in a subshell, so that nothing in it ends the loop. */
  ask(script: string): Promise<{ exit: number; said: string }> {
    return new Promise((resolve) => {
      this.#answer = resolve
      const quoted = script.replaceAll("'", `'\\''`)
      this.#child.stdin?.write(`(eval '${quoted}') </dev/null 2>&1; printf '\\n${this.#nonce} %d\\n' $?\n`)
    })
  }

  end(): void {
    this.#child.stdin?.end()
  }

  #hear(text: string): void {
    this.#heard += text
    const at = this.#heard.indexOf(`\n${this.#nonce} `)
    const end = at < 0 ? -1 : this.#heard.indexOf('\n', at + 1)
    if (end < 0) return
    const said = this.#heard.slice(0, at)
    const exit = Number(this.#heard.slice(at, end).split(' ')[1])
    this.#heard = this.#heard.slice(end + 1)
    this.#answer?.({ exit, said })
  }
}
