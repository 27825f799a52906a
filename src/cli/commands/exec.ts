// `anneal exec SELECTION -- COMMAND ...`: an ad-hoc command over some nodes, their output as it comes, each node's in front.
import type { ExecSelection, ExecView } from '../../model/exec.ts'
import type { Door, SiteFlags } from '../door.ts'
import { ExecLines, isSuccess, outcomeSpan, outputLine, troubleOf } from '../exec-text.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import type { JsonLines } from '../json-lines.ts'
import { type Line, styled } from '../text.ts'

export type ExecFlags = SiteFlags & {
  all: boolean
  become: boolean
  timeout: number
  parallel: number
  message?: string
}

export default async function exec(door: Door, flags: ExecFlags, ...words: string[]): Promise<ExitCode> {
  const [text, ...rest] = words
  const argv = flags.all ? words : rest
  if (flags.parallel === 0)
    return door.fail('--parallel is how many are worked on at once: 1 or more', undefined, flags.json)
  if (argv.length === 0 || argv[0] === '') {
    const next =
      'anneal exec NODE,NODE -- uptime; anneal exec --all -- uptime; anneal exec "node.name == \'n1\'" -- uptime'
    return door.fail('nothing was named to run', next, flags.json)
  }
  const selection: ExecSelection = flags.all ? 'all' : { text: text ?? '' }
  return door.writing(flags, async (operations) => {
    const json = flags.json ? door.json('exec') : undefined
    const interrupt = new AbortController()
    const unlisten = door.world.onInterrupt(() => {
      if (interrupt.signal.aborted) door.world.exit(EXIT.interrupted)
      door.talk([[styled('warn', 'interrupted: '), 'ending it on every machine; again ends at once']])
      interrupt.abort()
    })
    let width = 0
    const lines = new ExecLines((node, stream, line) => {
      if (json !== undefined) json.line('output', { node, stream, text: line })
      else if (stream === 'stdout') door.print([outputLine(node, width, line)])
      else door.talk([outputLine(node, width, line)])
    })
    try {
      const ended = await operations.exec({
        selection,
        argv,
        become: flags.become,
        deadlineMs: flags.timeout,
        parallel: flags.parallel,
        by: door.world.user,
        ...(flags.message === undefined ? {} : { why: flags.message }),
        signal: interrupt.signal,
        onStart(id, nodes) {
          width = Math.max(...nodes.map((node) => node.length))
          json?.line('started', { exec: id, nodes })
        },
        onOutput: (node, stream, bytes) => lines.take(node, stream, bytes),
        onEnd(node, outcome) {
          lines.end(node)
          if (json !== undefined) json.line('finished', { node, outcome })
          else if (!isSuccess(outcome))
            door.talk([[styled('bad', `! ${node.padEnd(width)}`), `  ${troubleOf(outcome)}`]])
        },
        onNotice: (node, message) => door.talk([[styled('warn', '* '), `${node}: ${message}`]]),
      })
      if (!ended.ok) return door.refuse(ended.refusal, json ?? false)
      tellEnd(door, ended.value, json)
      if (interrupt.signal.aborted) return EXIT.interrupted
      return ended.value.nodes.every(({ outcome }) => isSuccess(outcome)) ? EXIT.ok : EXIT.problems
    } finally {
      unlisten()
    }
  })
}

function tellEnd(door: Door, view: ExecView, json: JsonLines | undefined): void {
  const counts = new Map<string, { line: Line; count: number }>()
  for (const { outcome } of view.nodes) {
    const span = outcomeSpan(outcome)
    const key = typeof span === 'string' ? span : span.text
    const known = counts.get(key)
    if (known) known.count++
    else counts.set(key, { line: [span], count: 1 })
  }
  const ok = view.nodes.filter(({ outcome }) => isSuccess(outcome)).length
  if (json !== undefined) return json.line('result', { exec: view.exec, ok, failed: view.nodes.length - ok })
  const parts = [...counts.values()].flatMap(({ line, count }): Line => ['  ', `${count} `, ...line])
  door.talk([[styled('strong', view.exec), ...parts]])
}
