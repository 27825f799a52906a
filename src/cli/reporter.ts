// Follows a feed for a reader: live on a terminal, one line per run in a pipe, NDJSON for programs.
import type { Feed } from '../model/operations.ts'
import type { NodeView } from '../model/view.ts'
import { faultWords } from '../model/words.ts'
import type { Door } from './door.ts'
import type { JsonLines } from './json-lines.ts'
import { LiveArea } from './live-area.ts'
import { isLive } from './palette.ts'
import { Progress } from './progress.ts'
import { finishLine, startLine } from './run-text.ts'
import { type Line, styled } from './text.ts'

export interface Reporter {
  take(feed: Feed): void
  /** Takes the moving part away, for a question or for the end. It comes back with the next feed. */
  pause(): void
}

export function plainReporter(door: Door): Reporter {
  return {
    take(feed) {
      if (feed.kind === 'run')
        door.print([feed.run.result === 'running' ? startLine(feed.run) : finishLine(feed.run)])
      else door.talk(talkOf(feed))
    },
    pause() {},
  }
}

export function liveReporter(door: Door): Reporter {
  const { world } = door
  const progress = new Progress()
  let area: LiveArea | undefined
  return {
    take(feed) {
      progress.take(feed)
      area ??= new LiveArea(world, () =>
        progress.lines(world.now(), world.stderr.columns(), world.stderr.rows()),
      )
      if (feed.kind === 'run' && feed.run.result !== 'running') area.print([finishLine(feed.run)])
      else area.print(talkOf(feed))
    },
    pause() {
      area?.close()
      area = undefined
    },
  }
}

export function jsonReporter(lines: JsonLines): Reporter {
  return {
    take(feed) {
      const { kind, ...fields } = feed
      lines.line(kind, fields)
    },
    pause() {},
  }
}

/** The terminal decides, unless `--plain` does. */
export function reporterFor(door: Door, flags: { plain: boolean }): Reporter {
  return isLive(door.world, door.world.stderr) && !flags.plain ? liveReporter(door) : plainReporter(door)
}

/** What is worth a line besides runs. */
function talkOf(feed: Feed): Line[] {
  switch (feed.kind) {
    case 'node':
      return nodeLines(feed.node)
    case 'refused':
      return [[styled('bad', '! refused '), feed.what, styled('faint', `  ${JSON.stringify(feed.details)}`)]]
    case 'notice':
      return [
        [styled('warn', '* '), feed.node === undefined ? feed.message : `${feed.node}: ${feed.message}`],
      ]
    case 'status':
    case 'nodeRole':
    case 'gone':
    case 'run':
      return []
  }
}

function nodeLines(node: NodeView): Line[] {
  if (node.alive !== 'no' || node.fault === undefined) return []
  const words = faultWords(node.fault)
  const says: Line = [styled('bad', `! ${node.name} is not alive`), `  ${words.says}`]
  return words.next === undefined ? [says] : [says, [styled('faint', '    next: '), words.next]]
}
