// `anneal why NODE/ROLE [INPUT]`: the reason of a node-role down to its root, or one input down to where it came from.
import { nearest } from '../../base/nearest.ts'
import type { WhyView } from '../../model/view.ts'
import { whyLines, inputLines } from '../why-text.ts'
import type { Door, SiteFlags } from '../door.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { withoutSecrets } from '../../model/without-secrets.ts'

export default async function why(
  door: Door,
  flags: SiteFlags,
  nodeRole: string,
  input?: string,
): Promise<ExitCode> {
  return door.reading(flags, async (operations) => {
    const found = await operations.why(nodeRole, input)
    if (!found.ok) return door.refuse(found.refusal, flags.json)
    const view = withoutSecrets(found.value)
    if (input !== undefined) return oneInput(door, flags, view, input)
    if (flags.json) {
      const { inputs, outputs, ...head } = view
      const lines = door.json('why', head)
      for (const each of inputs) lines.line('input', each)
      for (const each of outputs) lines.line('output', each)
    } else door.print(whyLines(view, door.world.now()))
    return EXIT.ok
  })
}

function oneInput(door: Door, flags: SiteFlags, view: WhyView, name: string): ExitCode {
  const input = view.inputs.find((each) => each.input === name)
  if (input === undefined) return unknownInput(door, flags, view, name)
  if (flags.json) door.json('why', { nodeRole: view.nodeRole }).line('input', input)
  else door.print(inputLines(input, true))
  return EXIT.ok
}

function unknownInput(door: Door, flags: SiteFlags, view: WhyView, name: string): ExitCode {
  const names = view.inputs.map((each) => each.input)
  const meant = nearest(name, names)
  const message = `${view.nodeRole.id} has no input ${name}${names.length > 0 ? `; it has ${names.join(', ')}` : ''}`
  const refusal = {
    code: 'unknownInput' as const,
    message,
    ...(meant === undefined ? {} : { nearest: meant }),
  }
  return door.refuse(refusal, flags.json)
}
