// A sentence with what to do next below it; both may hold text from a machine and are shown as they are.
import type { Words } from '../../../src/model/words.ts'

export function WordsLines({ words }: { words: Words }) {
  return (
    <>
      <pre className="says-whole">{words.says}</pre>
      {words.next === undefined ? null : <div className="faint">next: {words.next}</div>}
    </>
  )
}
