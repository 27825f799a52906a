// `anneal lab ...`: real hosts on this machine to try things on, and the ways to break them.
import type { Door } from '../door.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import type { LabDoor, LabFault, LabHost } from '../lab-door.ts'
import { table } from '../table.ts'
import { styled, type Line } from '../text.ts'

export type LabFlags = {
  lab: string
  json: boolean
}

export type LabUpFlags = LabFlags & {
  prefix?: string
  layer?: readonly string[]
  disk?: number
}

export type SlowFlags = LabFlags & {
  delay: number
  jitter: number
  loss: number
}

/** A count, or names; with neither those that there are, and nothing is made before it was said how much. */
export function up(door: Door, flags: LabUpFlags, ...hosts: string[]): Promise<ExitCode> {
  return inLab(door, flags, async (lab) => {
    const [first] = hosts
    const isCount = hosts.length === 1 && /^\d+$/.test(first ?? '')
    const names = hosts.length > 0 ? { names: hosts } : {}
    const ready = await lab.up(flags.lab, {
      ...(isCount ? { count: Number(first) } : names),
      ...(flags.prefix === undefined ? {} : { prefix: flags.prefix }),
      layers: flags.layer ?? [],
      ...(flags.disk === undefined ? {} : { diskMiB: flags.disk }),
      say: (line) => say(door, line),
    })
    return printHosts(door, flags, ready)
  })
}

export function down(door: Door, flags: LabFlags): Promise<ExitCode> {
  return inLab(door, flags, async (lab) => {
    await lab.down(flags.lab, (line) => say(door, line))
    return EXIT.ok
  })
}

export function list(door: Door, flags: LabFlags): Promise<ExitCode> {
  return inLab(door, flags, async (lab) => printHosts(door, flags, await lab.list(flags.lab)))
}

export function stop(door: Door, flags: LabFlags, ...hosts: string[]): Promise<ExitCode> {
  return quietly(door, flags, (lab) => lab.stop(flags.lab, hosts))
}

export function start(door: Door, flags: LabFlags, ...hosts: string[]): Promise<ExitCode> {
  return quietly(door, flags, (lab) => lab.start(flags.lab, hosts))
}

export function cut(door: Door, flags: LabFlags, ...hosts: string[]): Promise<ExitCode> {
  return quietly(door, flags, (lab) => lab.cut(flags.lab, hosts))
}

export function heal(door: Door, flags: LabFlags, ...hosts: string[]): Promise<ExitCode> {
  return quietly(door, flags, (lab) => lab.heal(flags.lab, hosts))
}

export function slow(door: Door, flags: SlowFlags, ...hosts: string[]): Promise<ExitCode> {
  const slowness = { delayMs: flags.delay, jitterMs: flags.jitter, lossPercent: flags.loss }
  return quietly(door, flags, (lab) => lab.slow(flags.lab, hosts, slowness))
}

/** Ends with the exit code of what it ran. */
export function exec(door: Door, flags: LabFlags, host: string, ...argv: string[]): Promise<number> {
  return inLab(door, flags, (lab) => lab.exec(flags.lab, host, argv))
}

export function connect(door: Door, flags: LabFlags, host: string): Promise<number> {
  return inLab(door, flags, (lab) => lab.connect(flags.lab, host))
}

/** JSON, which YAML takes as it is. */
export function inventory(door: Door, flags: LabFlags): Promise<ExitCode> {
  return inLab(door, flags, async (lab) => {
    door.world.stdout.write(`${JSON.stringify(await lab.inventory(flags.lab), null, 2)}\n`)
    return EXIT.ok
  })
}

export function sshConfig(door: Door, flags: LabFlags): Promise<ExitCode> {
  return inLab(door, flags, async (lab) => {
    door.world.stdout.write(await lab.sshConfig(flags.lab))
    return EXIT.ok
  })
}

async function quietly(door: Door, flags: LabFlags, act: (lab: LabDoor) => Promise<void>): Promise<ExitCode> {
  return inLab(door, flags, async (lab) => {
    await act(lab)
    return printHosts(door, flags, await lab.list(flags.lab))
  })
}

async function inLab<T extends number>(
  door: Door,
  flags: LabFlags,
  act: (lab: LabDoor) => Promise<T>,
): Promise<T | ExitCode> {
  try {
    return await act(await door.world.lab())
  } catch (thrown) {
    if (!isLabFault(thrown)) throw thrown
    if (flags.json) door.json('labFault', { code: thrown.code, message: thrown.message })
    door.talk([[styled('bad', 'anneal lab: '), thrown.message]])
    return INVALID.has(thrown.code) ? EXIT.usage : EXIT.error
  }
}

/** What the operator can put right on the command line. */
const INVALID = new Set([
  'bad-name',
  'bad-value',
  'no-such-host',
  'no-such-user',
  'made-otherwise',
  'lab-is-full',
  'no-own-disk',
])

function isLabFault(thrown: unknown): thrown is LabFault {
  return thrown instanceof Error && thrown.name === 'LabFault' && 'code' in thrown
}

function printHosts(door: Door, flags: LabFlags, hosts: readonly LabHost[]): ExitCode {
  if (flags.json) {
    const lines = door.json('lab', { lab: flags.lab, count: hosts.length })
    for (const host of hosts) lines.line('host', host)
  } else if (hosts.length === 0)
    door.talk([
      [
        `lab ${flags.lab} has no hosts: anneal lab up 3${flags.lab === 'default' ? '' : ` --lab ${flags.lab}`} makes some`,
      ],
    ])
  else door.print(hostTable(hosts, door.width()))
  return EXIT.ok
}

function hostTable(hosts: readonly LabHost[], width: number | undefined): Line[] {
  const columns = [{ title: 'HOST' }, { title: 'ADDRESS' }, { title: 'STATE' }]
  return table(
    columns,
    hosts.map(({ name, address, state }) => [name, address, stateSpan(state)]),
    width,
  )
}

function stateSpan(state: string): ReturnType<typeof styled> {
  return styled(state === 'up' ? 'good' : 'warn', state)
}

function say(door: Door, line: string): void {
  door.talk([[styled('faint', line)]])
}
