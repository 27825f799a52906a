// A command line for the lab alone, until `anneal lab` takes its place: node src/lab/main.ts up 3 --prefix etcd- --layer etcd
import { spawn } from 'node:child_process'
import { parseArgs } from 'node:util'
import {
  cutHost,
  fillDisk,
  freeDisk,
  freezeHost,
  healHost,
  rekeyHost,
  slowHost,
  startHost,
  stopHost,
  thawHost,
} from './breakage.ts'
import { connectCommand } from './connect.ts'
import { labDown } from './down.ts'
import { labExecHere } from './exec.ts'
import { LabFault } from './fault.ts'
import { labInventory, trustLab } from './keys.ts'
import { type Lab, openLab } from './lab.ts'
import { labList } from './list.ts'
import { labUp } from './up.ts'
import { addUser } from './user.ts'

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    lab: { type: 'string' },
    prefix: { type: 'string' },
    layer: { type: 'string', multiple: true },
    disk: { type: 'string' },
    from: { type: 'string', multiple: true },
    latency: { type: 'string' },
    jitter: { type: 'string' },
    loss: { type: 'string' },
    rate: { type: 'string' },
    sudo: { type: 'string' },
    poweroff: { type: 'boolean' },
  },
})
const [verb = '', ...words] = positionals
const say = (line: string) => console.error(line)

try {
  process.exitCode = await main(openLab(flags.lab === undefined ? {} : { name: flags.lab }))
} catch (fault) {
  if (!(fault instanceof LabFault)) throw fault
  say(`anneal lab: ${fault.message}`)
  process.exitCode = fault.code === 'bad-value' || fault.code === 'bad-name' ? 5 : 1
}

async function main(lab: Lab): Promise<number> {
  const [name = '', ...rest] = words
  switch (verb) {
    case 'up': {
      const started = performance.now()
      const which = /^\d+$/.test(name) ? { count: Number(name) } : { names: words }
      const shape = { layers: flags.layer ?? [], diskMiB: Number(flags.disk ?? 0) }
      const up = await labUp(lab, {
        ...which,
        ...shape,
        ...(flags.prefix ? { prefix: flags.prefix } : {}),
        say,
      })
      for (const host of up.hosts) console.log(`${host.name}\t${host.address}`)
      say(
        `up in ${((performance.now() - started) / 1_000).toFixed(1)} s: ssh -F ${up.trust.sshConfig} ${up.hosts[0]?.name}`,
      )
      return 0
    }
    case 'down':
      say((await labDown(lab)) ? `lab ${lab.name} is gone` : `there was no lab ${lab.name}`)
      return 0
    case 'list':
      for (const host of await labList(lab)) {
        const marks = [host.state, ...(host.cut ? ['cut'] : []), ...(host.slow ? [`slow ${host.slow}`] : [])]
        console.log([host.name, host.address, marks.join(', '), host.layers.join(' ')].join('\t'))
      }
      return 0
    case 'stop':
      await stopHost(lab, name, flags.poweroff ? 'poweroff' : 'kill')
      return 0
    case 'start':
      await startHost(lab, name)
      return 0
    case 'freeze':
      await freezeHost(lab, name)
      return 0
    case 'thaw':
      await thawHost(lab, name)
      return 0
    case 'cut':
      await cutHost(lab, name, flags.from ?? [])
      return 0
    case 'heal':
      await healHost(lab, name)
      return 0
    case 'slow':
      await slowHost(lab, name, {
        delayMs: Number(flags.latency ?? 0),
        jitterMs: Number(flags.jitter ?? 0),
        lossPercent: Number(flags.loss ?? 0),
        rate: Number(flags.rate ?? 0),
      })
      return 0
    case 'fill':
      await fillDisk(lab, name)
      return 0
    case 'free':
      await freeDisk(lab, name)
      return 0
    case 'rekey':
      await rekeyHost(lab, name)
      return 0
    case 'user': {
      const sudo = flags.sudo === 'nopasswd' || flags.sudo === 'password' ? flags.sudo : 'none'
      console.log((await addUser(lab, name, { user: rest[0] ?? '', sudo })).password)
      return 0
    }
    case 'exec':
      return labExecHere(lab, name, rest)
    case 'connect': {
      const [file, ...args] = connectCommand(lab, name) as [string, ...string[]]
      const child = spawn(file, args, { stdio: 'inherit' })
      return new Promise((resolve) => child.once('exit', (code) => resolve(code ?? 1)))
    }
    case 'ssh-config':
      console.log(trustLab(lab).sshConfig)
      return 0
    case 'inventory':
      console.log(JSON.stringify(labInventory(lab), null, 2))
      return 0
    default:
      say('usage: up N|NAME... [--prefix P] [--layer L] [--disk MiB] | down | list | exec NAME -- COMMAND')
      say(
        '       stop NAME [--poweroff] | start NAME | freeze NAME | thaw NAME | cut NAME [--from OTHER] | heal NAME',
      )
      say(
        '       slow NAME [--latency MS] [--jitter MS] [--loss PERCENT] [--rate BITS_PER_S] | fill NAME | free NAME',
      )
      say(
        '       rekey NAME | user NAME USER [--sudo nopasswd|password] | connect NAME | ssh-config | inventory',
      )
      say('       with each: [--lab LAB]')
      return 5
  }
}
