// Where tools run: inside the lab's network, so that no tool pays for a way into it, each in a cgroup that counts its processors' time.
import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { findHolder } from '../../src/lab/holder.ts'
import { cgroupName, type Lab } from '../../src/lab/lab.ts'

export interface Ran {
  code: number
  /** stdout and stderr as they came. */
  said: string
  wall: number
  /** Seconds of processor: of all that the tool runs here, and of all hosts. */
  controller: number
  hosts: number
}

export interface Begun {
  child: ChildProcess
  ended: Promise<number>
}

/** One for each tool: what it leaves behind, such as masters of ssh, stays in its cgroup and is ended with it. */
export class Controller {
  #lab: Lab
  #cgroup: string
  #hosts: string

  constructor(lab: Lab, name: string) {
    this.#lab = lab
    const root = cgroup2()
    this.#cgroup = join(root, `anneal-bench-${name}-${process.pid}`)
    this.#hosts = join(root, cgroupName(lab))
    mkdirSync(this.#cgroup, { recursive: true })
  }

  async run(argv: readonly string[], options: { cwd: string; env?: NodeJS.ProcessEnv }): Promise<Ran> {
    let said = ''
    const begun = this.begin(argv, options)
    for (const stream of [begun.child.stdout, begun.child.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-1e6)))
    begun.child.stdin?.end()
    let code = 0
    const figures = await this.timed(async () => void (code = await begun.ended))
    return { code, said, ...figures }
  }

  /** What is done here and on the hosts while `work` lasts. */
  async timed(work: () => Promise<void>): Promise<Pick<Ran, 'wall' | 'controller' | 'hosts'>> {
    const [controller, hosts] = [usage(this.#cgroup), usage(this.#hosts)]
    const startedAt = performance.now()
    await work()
    const wall = (performance.now() - startedAt) / 1_000
    return { wall, controller: usage(this.#cgroup) - controller, hosts: usage(this.#hosts) - hosts }
  }

  /** Something that stays, such as a server. */
  begin(argv: readonly string[], { cwd, env }: { cwd: string; env?: NodeJS.ProcessEnv }): Begun {
    const pid = findHolder(this.#lab)
    if (pid === undefined) throw new Error('the lab is not up')
    const join = `echo 0 >${this.#cgroup}/cgroup.procs; exec nsenter --target ${pid} --net -- "$@"`
    const child = spawn('sh', ['-c', join, 'sh', ...argv], {
      cwd,
      env: { ...process.env, NO_COLOR: '1', ...env },
      stdio: 'pipe',
    })
    const ended = new Promise<number>((resolve, reject) => {
      child.once('error', reject)
      child.once('close', (code) => resolve(code ?? 137))
    })
    return { child, ended }
  }

  /** Ends all that the tool left running. */
  async clear(): Promise<void> {
    if (!existsSync(this.#cgroup)) return
    writeFileSync(join(this.#cgroup, 'cgroup.kill'), '1')
    while (readFileSync(join(this.#cgroup, 'cgroup.procs'), 'utf8') !== '')
      await new Promise((resolve) => setTimeout(resolve, 10))
  }

  async end(): Promise<void> {
    await this.clear()
    rmdirSync(this.#cgroup)
  }
}

function usage(cgroup: string): number {
  const stat = readFileSync(join(cgroup, 'cpu.stat'), 'utf8')
  return Number(/^usage_usec (\d+)/m.exec(stat)?.[1] ?? NaN) / 1e6
}

function cgroup2(): string {
  const place = /^\S+ (\S+) cgroup2 /m.exec(readFileSync('/proc/mounts', 'utf8'))?.[1]
  if (place === undefined)
    throw new Error('the cycle bench counts processors by cgroup2, and none is mounted here')
  return place
}
