// Takes sensitive values out of what is shown, whoever should have done so before: nothing secret leaves by this door.
import type { Candidate } from './binding.ts'
import type { TraceStep, TraceView } from './provenance.ts'
import type { Diff, InputChange, InputView, OutputView, SourceView, WhyView } from './view.ts'

export function withoutSecrets(view: WhyView): WhyView {
  const inputs = view.inputs.map(inputWithout)
  const outputs = view.outputs.map(outputWithout)
  const { lastCause } = view
  if (lastCause === undefined) return { ...view, inputs, outputs }
  return {
    ...view,
    inputs,
    outputs,
    lastCause: { ...lastCause, changes: lastCause.changes.map(changeWithout) },
  }
}

export function diffWithoutSecrets(diff: Diff): Diff {
  const changes = diff.changes.map((change) => ({ ...change, inputs: change.inputs.map(changeWithout) }))
  return { ...diff, changes }
}

export function traceWithoutSecrets(trace: TraceView): TraceView {
  return { ...trace, roots: trace.roots.map(stepWithout) }
}

function stepWithout(step: TraceStep): TraceStep {
  const { value, ...rest } = step
  const to = step.to.map(stepWithout)
  return step.sensitive || value === undefined ? { ...rest, to } : { ...rest, value, to }
}

function inputWithout(input: InputView): InputView {
  const sources = input.sources.map((source) => sourceWithout(source, input.sensitive))
  const consumers = input.consumers && { consumers: input.consumers.map(stepWithout) }
  if (!input.sensitive) return { ...input, sources, ...consumers }
  const { value: _value, ...rest } = input
  return { ...rest, candidates: input.candidates.map(candidateWithout), sources, ...consumers }
}

function outputWithout(output: OutputView): OutputView {
  if (!output.sensitive) return output
  const { value: _value, ...rest } = output
  return rest
}

function candidateWithout(candidate: Candidate): Candidate {
  return candidate.value === undefined ? candidate : { ...candidate, value: SECRET }
}

/** What a secret was made from may tell it; what is not secret says so itself. */
function sourceWithout(source: SourceView, feedsSecret: boolean): SourceView {
  const sources = source.sources.map((each) => sourceWithout(each, feedsSecret))
  if (!source.sensitive && !feedsSecret) return { ...source, sources }
  const { value: _value, ...rest } = source
  return { ...rest, sensitive: true, sources }
}

/** Whether there was a value and whether there is one stays visible. */
function changeWithout(change: InputChange): InputChange {
  if (!change.sensitive) return change
  return {
    input: change.input,
    sensitive: true,
    ...(change.before === undefined ? {} : { before: SECRET }),
    ...(change.after === undefined ? {} : { after: SECRET }),
  }
}

/** What stands where a sensitive value was. */
export const SECRET = '(sensitive)'
