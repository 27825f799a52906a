// Controlling: controls on an annealing, by whoever has it here or from another process that asks it.
import { controlMeant, type ControlMeant } from '../annealer/controls.ts'
import type { Command } from '../model/command.ts'
import type { Control, Controlled } from '../model/control.ts'
import type { UpResult } from '../model/operations.ts'
import { type Answer, answer, refuse } from '../model/refusal.ts'
import type { ControlMessage } from './control-port.ts'
import type { Session } from './session.ts'

export interface Controlling {
  /** Carries it out, and anneals to rest where it may start something. */
  control: (control: Control) => Promise<Answer<Controlled>>
  /** What another process asks while this one works here. */
  obey: (message: ControlMessage) => Promise<Answer<Controlled>>
}

export interface ControllingParts {
  by: string
  /** To rest. */
  run(commands: Command[]): Promise<Answer<UpResult>>
}

const STARTS_NOTHING: ReadonlySet<Control['kind']> = new Set(['stop', 'hold', 'cancel', 'discard'])

export function controlling(session: Session, parts: ControllingParts): Controlling {
  const { world, engine, holder } = session
  return { control, obey }

  async function control(asked: Control): Promise<Answer<Controlled>> {
    if (session.serves && STARTS_NOTHING.has(asked.kind)) return obey({ control: asked, by: parts.by })
    if (asked.kind === 'stop') {
      return refuse({ code: 'nothingUnderWay', message: 'no process anneals this site' })
    }
    const meant = controlMeant(world, asked, parts.by)
    if (!meant.ok) return meant
    if (session.serves) tellAsked(asked, parts.by, meant.value)
    tellLeftOut(meant.value)
    if (STARTS_NOTHING.has(asked.kind)) return carryOut(meant.value)
    const { commands, names, leftOut } = meant.value
    const ended = await parts.run(commands)
    return ended.ok ? answer({ names, leftOut, result: ended.value }) : ended
  }

  async function obey({ control: asked, by }: ControlMessage): Promise<Answer<Controlled>> {
    if (!session.isRunning() && !STARTS_NOTHING.has(asked.kind)) {
      return refuse({ code: 'busy', message: `busy: ${holder} is here and anneals nothing yet`, holder })
    }
    const meant = controlMeant(world, asked, by)
    if (!meant.ok) return meant
    tellAsked(asked, by, meant.value)
    tellLeftOut(meant.value)
    if (asked.kind !== 'stop') return carryOut(meant.value)
    session.stop(by)
    return answer({ names: [], leftOut: [] })
  }

  async function carryOut({ commands, names, leftOut }: ControlMeant): Promise<Answer<Controlled>> {
    for (const given of await Promise.all(commands.map((command) => engine.ask(command))))
      if (!given.ok) return given
    return answer({ names, leftOut })
  }

  function tellAsked({ kind, why }: Control, by: string, { names }: ControlMeant): void {
    session.notice(`${by} asked: ${[kind, ...names].join(' ')}${why === undefined ? '' : `: ${why}`}`)
  }

  function tellLeftOut({ leftOut }: ControlMeant): void {
    for (const id of leftOut)
      session.notice(`${id} is left out: its role is marked once and has run; anneal run ${id} runs it again`)
  }
}
