// The files of a node-role as they are rendered now, with the lines that differ from its last success.
import { useAnswer } from '../http/use-answer.ts'

interface FilesAnswer {
  items: {
    path: string
    content?: string
    sensitive?: boolean
    lines?: { kind: 'same' | 'added' | 'removed'; text: string }[]
  }[]
  outputs?: Record<string, unknown>
}

export function FilesList({ id, again }: { id: string; again: unknown }) {
  const { value, problem } = useAnswer<FilesAnswer>(`/node-roles/${id}/files`, again)
  if (value === undefined || problem !== undefined || value.items.length === 0) return null
  return (
    <>
      <h2>Files</h2>
      {value.items.map((file) => (
        <details key={file.path}>
          <summary className="mono">{file.path}</summary>
          {file.sensitive === true ? (
            <p className="faint">(sensitive)</p>
          ) : file.lines === undefined ? (
            <pre className="box raised">{file.content}</pre>
          ) : (
            <pre className="box raised">
              {file.lines.map((line, i) => (
                // oxlint-disable-next-line no-array-index-key -- lines are what they are by their place
                <div key={i} className={line.kind}>
                  {line.kind === 'added' ? '+ ' : line.kind === 'removed' ? '- ' : '  '}
                  {line.text}
                </div>
              ))}
            </pre>
          )}
        </details>
      ))}
    </>
  )
}
