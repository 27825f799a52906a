// Controlling: controls on an annealing, by whoever has it here or from another process that asks it.
import { controlMeant, type ControlMeant } from '../annealer/controls.ts'
import type { World } from '../annealer/world.ts'
import type { Command } from '../model/command.ts'
import type { Control, Controlled } from '../model/control.ts'
import type { AnnealRequest, UpResult } from '../model/operations.ts'
import { type Answer, answer, refuse } from '../model/refusal.ts'
import type { ControlMessage } from './control-port.ts'
import type { Engine } from './engine.ts'

export interface Controlling {
  /** Carries it out, and anneals to rest where it may start something. */
  control(control: Control): Promise<Answer<Controlled>>
  /** What another process asks while this one works here. */
  obey(message: ControlMessage): Promise<Answer<Controlled>>
}

export interface ControllingParts {
  world: World
  engine: Engine
  request: AnnealRequest
  /** What this process is, for who asks it too early. */
  holder: string
  isRunning(): boolean
  notice(message: string): void
  run(commands: Command[]): Promise<Answer<UpResult>>
  stop(by: string): void
}

const STARTS_NOTHING: ReadonlySet<Control['kind']> = new Set(['stop', 'hold', 'cancel', 'discard'])

export function controlling(parts: ControllingParts): Controlling {
  const { world, engine, request, holder } = parts
  return { control, obey }

  async function control(asked: Control): Promise<Answer<Controlled>> {
    if (asked.kind === 'stop') {
      return refuse({ code: 'nothingUnderWay', message: 'no process anneals this site' })
    }
    const meant = controlMeant(world, asked, request.by)
    if (!meant.ok) return meant
    tellLeftOut(meant.value)
    if (STARTS_NOTHING.has(asked.kind)) return carryOut(meant.value)
    const { commands, names, leftOut } = meant.value
    const ended = await parts.run(commands)
    return ended.ok ? answer({ names, leftOut, result: ended.value }) : ended
  }

  async function obey({ control: asked, by }: ControlMessage): Promise<Answer<Controlled>> {
    if (!parts.isRunning() && !STARTS_NOTHING.has(asked.kind)) {
      return refuse({ code: 'busy', message: `busy: ${holder} is here and anneals nothing yet`, holder })
    }
    const meant = controlMeant(world, asked, by)
    if (!meant.ok) return meant
    const why = asked.why === undefined ? '' : `: ${asked.why}`
    parts.notice(`${by} asked: ${[asked.kind, ...meant.value.names].join(' ')}${why}`)
    tellLeftOut(meant.value)
    if (asked.kind !== 'stop') return carryOut(meant.value)
    parts.stop(by)
    return answer({ names: [], leftOut: [] })
  }

  async function carryOut({ commands, names, leftOut }: ControlMeant): Promise<Answer<Controlled>> {
    for (const given of await Promise.all(commands.map((command) => engine.ask(command))))
      if (!given.ok) return given
    return answer({ names, leftOut })
  }

  function tellLeftOut({ leftOut }: ControlMeant): void {
    for (const id of leftOut)
      parts.notice(`${id} is left out: its role is marked once and has run; anneal run ${id} runs it again`)
  }
}
