// Outputs: what a node-role says of each, and from which run, or why it says nothing yet.
import { outputWords } from '../../../src/model/provenance-words.ts'
import type { OutputView } from '../../../src/model/view.ts'
import { ValueText } from '../parts/value-text.tsx'

export function OutputList({ outputs }: { outputs: readonly OutputView[] }) {
  if (outputs.length === 0) return <p className="faint">It has none.</p>
  return (
    <ul className="tree">
      {outputs.map((output) => (
        <li key={output.output}>
          <span className="mono strong">{output.output}</span>{' '}
          <ValueText value={output.value} sensitive={output.sensitive && output.known} />{' '}
          <span className="faint">{outputWords(output)}</span>
        </li>
      ))}
    </ul>
  )
}
