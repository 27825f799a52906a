// Facts: gathers the raw material on a node in one round trip, and hands out what became of it.
import { readFileSync } from 'node:fs'
import { digestOfBytes } from '../base/digest.ts'
import type { ContactOutcome, NodeFault } from '../model/run.ts'
import type { Session } from '../model/work.ts'
import { factsFrom } from './read-facts.ts'

const BYTES = readFileSync(new URL('./facts.sh', import.meta.url))
const SCRIPT = { name: 'facts.sh', digest: digestOfBytes(BYTES), bytes: BYTES }

export async function gatherFacts(
  session: Session,
  deadlineMs: number,
  signal: AbortSignal,
): Promise<ContactOutcome> {
  const result = await session.carryOut(
    {
      files: [],
      filesMode: 'write',
      script: SCRIPT,
      env: {},
      inputs: '{}',
      become: false,
      deadlineMs,
      onOutput: () => {},
    },
    signal,
  )
  if (result.result === 'fault') return { result: 'fault', fault: result.fault }
  if (result.result === 'refused') return { result: 'fault', fault: garbled(session.node, result.message) }
  const facts = factsFrom(result.outputs)
  return facts.ok
    ? { result: 'reached', facts: facts.facts }
    : { result: 'fault', fault: garbled(session.node, facts.message) }
}

function garbled(node: string, why: string): NodeFault {
  return { code: 'garbled', message: `the facts of ${node} cannot be read: ${why}` }
}
