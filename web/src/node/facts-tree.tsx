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

/** A short list of plain values is one value to read. */
function isParts(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false
  const parts = Object.values(value)
  return Array.isArray(value) ? parts.some((part) => typeof part === 'object') : parts.length > 0
}
