// A value as JSON in one line, cut where it is long; the whole is a click away.
import { useState } from 'react'

const SHOWN = 160

export function ValueText({ value, sensitive = false }: { value: unknown; sensitive?: boolean }) {
  const [whole, setWhole] = useState(false)
  if (sensitive) return <span className="faint">(sensitive)</span>
  if (value === undefined) return <span className="faint">(no value)</span>
  const text = whole ? JSON.stringify(value, undefined, 2) : JSON.stringify(value)
  if (whole) return <pre className="value">{text}</pre>
  if (text.length <= SHOWN) return <span className="value">{text}</span>
  return (
    <span className="value">
      {text.slice(0, SHOWN)}…{' '}
      <button type="button" className="quiet" onClick={() => setWhole(true)}>
        whole
      </button>
    </span>
  )
}
