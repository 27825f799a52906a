// What was refused or did not arrive, and what to do next: the same sentences as at a terminal.
import type { Problem } from '../http/ask.ts'

export function ProblemNote({ problem }: { problem: Problem }) {
  const faults = Array.isArray(problem.fields['faults']) ? (problem.fields['faults'] as Fault[]) : []
  return (
    <div className="problem" role="alert">
      <div>{problem.says}</div>
      {faults.map((fault) => (
        <div key={`${fault.file}:${fault.line}:${fault.message}`} className="mono">
          {fault.file}:{fault.line} {fault.message}
        </div>
      ))}
      {problem.next === undefined ? null : <div className="next">next: {problem.next}</div>}
    </div>
  )
}

interface Fault {
  file: string
  line: number
  message: string
}
