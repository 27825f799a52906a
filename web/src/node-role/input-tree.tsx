// One input: its value, who could have given it and who did, and what it was made from as a tree one can walk.
import { useState } from 'react'
import { Link } from 'wouter'
import type { Candidate } from '../../../src/model/binding.ts'
import { sinceWords, winnerWords } from '../../../src/model/provenance-words.ts'
import type { InputView, SourceView, WhyView } from '../../../src/model/view.ts'
import { originWords, unboundWords } from '../../../src/model/words.ts'
import { useAnswer } from '../http/use-answer.ts'
import { CopyCommand } from '../parts/copy-command.tsx'
import { nodePath, nodeRolePath, proposePath } from '../parts/links.ts'
import { ValueText } from '../parts/value-text.tsx'
import { WordsLines } from '../parts/words-lines.tsx'
import { editPlaces } from './edit-places.ts'

export function InputTree({ id, input }: { id: string; input: InputView }) {
  const [open, setOpen] = useState(false)
  const path = `/node-roles/${id}?input=${encodeURIComponent(input.input)}`
  const { value: whole } = useAnswer<WhyView>(open ? path : undefined)
  const shown = whole?.inputs.find((each) => each.input === input.input) ?? input
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <span className="mono strong">{input.input}</span>{' '}
        <ValueText
          value={shown.unbound === undefined ? shown.value : undefined}
          sensitive={input.sensitive}
        />{' '}
        <span className="faint">{input.origin === undefined ? '' : `from ${originWords(input.origin)}`}</span>
      </summary>
      <div className="tree">
        {shown.unbound === undefined ? null : <WordsLines words={unboundWords(shown.unbound)} />}
        <Candidates candidates={shown.candidates} sensitive={shown.sensitive} />
        {shown.sources.length === 0 ? null : <Sources sources={shown.sources} />}
        <EditLinks id={id} input={shown} />
        <p>
          <CopyCommand command={`anneal why ${id} ${input.input}`} />
        </p>
      </div>
    </details>
  )
}

/** To the form where it is proposed, with what it is now; what is sensitive stays where it is. */
function EditLinks({ id, input: { input, candidates, value, sensitive } }: { id: string; input: InputView }) {
  const places = editPlaces(id, input, candidates)
  if (places.length === 0) return null
  return (
    <p className="row">
      <span className="faint">propose another value</span>
      {places.map(({ says, path }) => (
        <Link key={says} href={proposePath(path, sensitive ? undefined : value)}>
          {says}
        </Link>
      ))}
    </p>
  )
}

function Candidates({ candidates, sensitive }: { candidates: readonly Candidate[]; sensitive: boolean }) {
  if (candidates.length === 0) return null
  const won = winnerWords(candidates)
  return (
    <>
      <table>
        <caption className="unseen">Who could give this value, lowest first</caption>
        <thead>
          <tr>
            <th>wins</th>
            <th>value</th>
            <th>from</th>
          </tr>
        </thead>
        <tbody>
          {candidates.map((candidate, i) => (
            // oxlint-disable-next-line no-array-index-key -- their order is what they are
            <tr key={i}>
              <td>{candidate.wins ? '*' : ''}</td>
              <td>
                <ValueText value={candidate.value} sensitive={sensitive} />
              </td>
              <td>
                {candidate.origin
                  ? originWords(candidate.origin)
                  : candidate.unbound
                    ? unboundWords(candidate.unbound).says
                    : ''}
                {candidate.since ? `, ${sinceWords(candidate.since)}` : ''}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {won === undefined ? null : <p className="faint">why: {won}</p>}
    </>
  )
}

function Sources({ sources }: { sources: readonly SourceView[] }) {
  return (
    <ul className="tree">
      {sources.map((source, i) => (
        // oxlint-disable-next-line no-array-index-key -- the same thing may stand twice
        <li key={`${source.what} ${i}`}>
          <SourceName source={source} /> <ValueText value={source.value} sensitive={source.sensitive} />{' '}
          <span className="faint">
            from {originWords(source.origin)}
            {source.since ? `, ${sinceWords(source.since)}` : ''}
            {source.again === true ? ', told above' : ''}
          </span>
          {source.sources.length === 0 ? null : <Sources sources={source.sources} />}
          {source.more === undefined ? null : <div className="faint">and {source.more} more</div>}
        </li>
      ))}
    </ul>
  )
}

/** One can go on from where a value came from. */
function SourceName({ source }: { source: SourceView }) {
  const { origin, what } = source
  if (origin.kind === 'output') return <Link href={nodeRolePath(origin.nodeRole)}>{what}</Link>
  if (origin.kind === 'fact') return <Link href={nodePath(origin.node)}>{what}</Link>
  return <span>{what}</span>
}
