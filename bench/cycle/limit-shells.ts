// The limit, a program of its own: one ssh with one persistent sh per host, and requests written into it; no more than that.
import { createInterface } from 'node:readline'
import { applySteps, checkStep, motdStep } from './limit-steps.ts'
import { Shell } from './shell.ts'

interface Wish {
  hosts: string[]
  what: 'true' | 'apply' | 'check' | 'motd'
  text: string
}

const [sshConfig = ''] = process.argv.slice(2)
const shells = new Map<string, Shell>()

for await (const line of createInterface({ input: process.stdin })) {
  const { hosts, what, text } = JSON.parse(line) as Wish
  const failed: string[] = []
  const one = async (host: string): Promise<void> => {
    const shell = shells.get(host) ?? new Shell(host, sshConfig)
    shells.set(host, shell)
    for (const step of stepsOf(what, host, text)) {
      const { exit, said } = await shell.ask(step)
      if (exit !== 0) failed.push(`${host}: ${said.trim()} (exit ${exit})`)
    }
  }
  await Promise.all(hosts.map(one))
  console.log(JSON.stringify({ failed }))
}
for (const shell of shells.values()) shell.end()

function stepsOf(what: Wish['what'], host: string, text: string): string[] {
  switch (what) {
    case 'true':
      return ['true']
    case 'apply':
      return applySteps(host, text)
    case 'check':
      return [checkStep(host, text)]
    case 'motd':
      return [motdStep(host, text)]
  }
}
