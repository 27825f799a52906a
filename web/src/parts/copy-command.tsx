// The command that shows or does the same at a terminal, to be copied.
import { useState } from 'react'

export function CopyCommand({ command }: { command: string }) {
  const [said, setSaid] = useState('')
  const copy = (): void => {
    void navigator.clipboard
      .writeText(command)
      .then(() => setSaid('copied'))
      .catch(() => setSaid('select it and copy it by hand'))
    window.setTimeout(() => setSaid(''), 2_000)
  }
  return (
    <span className="command">
      <code>{command}</code>
      <button type="button" className="quiet" onClick={copy} aria-label={`Copy the command ${command}`}>
        {said === '' ? 'copy' : said}
      </button>
      <span role="status" className="unseen">
        {said}
      </span>
    </span>
  )
}
