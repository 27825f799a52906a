// Takes sensitive values out of what is shown, whoever should have done so before: nothing secret leaves by this door.
import type { Diff, InputChange, InputView, SourceView, WhyView } from '../model/view.ts'

export function withoutSecrets(view: WhyView): WhyView {
  const inputs = view.inputs.map(inputWithout)
  const { lastCause } = view
  if (lastCause === undefined) return { ...view, inputs }
  return { ...view, inputs, lastCause: { ...lastCause, changes: lastCause.changes.map(changeWithout) } }
}

export function diffWithoutSecrets(diff: Diff): Diff {
  const changes = diff.changes.map((change) => ({ ...change, inputs: change.inputs.map(changeWithout) }))
  return { ...diff, changes }
}

function inputWithout(input: InputView): InputView {
  const sources = input.sources.map((source) => sourceWithout(source, input.sensitive))
  if (!input.sensitive) return { ...input, sources }
  const { value: _value, ...rest } = input
  return { ...rest, candidates: input.candidates.map((each) => ({ ...each, value: SECRET })), sources }
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

const SECRET = '(sensitive)'
