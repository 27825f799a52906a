// Facts or labels as a tree: what has parts opens, what has none is shown.
import { ValueText } from '../parts/value-text.tsx'

export function FactsTree({ facts, open = false }: { facts: Record<string, unknown>; open?: boolean }) {
  return (
    <ul className="tree">
      {Object.entries(facts).map(([name, value]) => (
        <li key={name}>
          {isParts(value) ? (
            <details open={open}>
              <summary className="mono">{name}</summary>
              <FactsTree facts={value} />
            </details>
          ) : (
            <>
              <span className="mono">{name}</span> <ValueText value={value} />
            </>
          )}
        </li>
      ))}
    </ul>
  )
}

function isParts(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length > 0
}
