// Follows a feed for a reader: live on a terminal, one line per run in a pipe, NDJSON for programs.
import { isObject, type Json } from '../base/json.ts'
import type { Feed } from '../model/operations.ts'
import type { StatusView } from '../model/view.ts'
import type { Door } from './door.ts'
import type { JsonLines } from './json-lines.ts'
import { LiveArea } from './live-area.ts'
import { NodeNews } from './node-text.ts'
import { isLive } from './palette.ts'
import { Progress } from './progress.ts'
import { finishLine, startLine } from './run-text.ts'
import { type Line, styled } from './text.ts'

export interface Reporter {
  take(feed: Feed): void
  /** Takes the moving part away, for a question or for the end. It comes back with the next feed. */
  pause(): void
}

function plainReporter(door: Door): Reporter {
  const news = new NodeNews()
  return {
    take(feed) {
      if (feed.kind === 'run')
        door.print([feed.run.result === 'running' ? startLine(feed.run) : finishLine(feed.run)])
      else door.talk(talkOf(feed, news))
    },
    pause() {},
  }
}

function liveReporter(door: Door): Reporter {
  const { world } = door
  const progress = new Progress()
  const news = new NodeNews()
  let area: LiveArea | undefined
  return {
    take(feed) {
      progress.take(feed)
      area ??= new LiveArea(world, () =>
        progress.lines(world.now(), world.stderr.columns(), world.stderr.rows()),
      )
      if (feed.kind === 'run' && feed.run.result !== 'running') area.print('stdout', [finishLine(feed.run)])
      else area.print('stderr', talkOf(feed, news))
    },
    pause() {
      area?.close()
      area = undefined
    },
  }
}

export function jsonReporter(lines: JsonLines): Reporter {
  return {
    take: (feed) => feedJson(lines, feed),
    pause() {},
  }
}

/** One thing is one line of one shape, whichever command tells it. */
function feedJson(lines: JsonLines, feed: Feed): void {
  switch (feed.kind) {
    case 'status':
      return statusJson(lines, feed.status)
    case 'nodeRole': {
      const { before, at } = feed
      return lines.line('nodeRole', { ...feed.after, ...(before === undefined ? {} : { before }), at })
    }
    case 'gone':
      return lines.line('gone', { id: feed.nodeRole, at: feed.at })
    case 'run':
      return lines.line('run', { ...feed.run, at: feed.at })
    case 'node':
      return lines.line('node', { ...feed.node, at: feed.at })
    case 'drift':
    case 'refused':
    case 'notice': {
      const { kind, ...fields } = feed
      return lines.line(kind, fields)
    }
  }
}

/** Most say one sentence and no more. */
function detailsText(details: Json): string {
  const isSentence = isObject(details) && Object.keys(details).join() === 'message'
  return isSentence && typeof details['message'] === 'string' ? details['message'] : JSON.stringify(details)
}

function statusJson(lines: JsonLines, status: StatusView): void {
  const { nodeRoles, ...head } = status
  lines.line('status', head)
  for (const nodeRole of nodeRoles) lines.line('nodeRole', nodeRole)
}

/** The terminal decides, unless `--plain` does. */
export function reporterFor(door: Door, flags: { plain: boolean }): Reporter {
  return isLive(door.world, door.world.stderr) && !flags.plain ? liveReporter(door) : plainReporter(door)
}

/** What is worth a line besides runs. */
function talkOf(feed: Feed, news: NodeNews): Line[] {
  switch (feed.kind) {
    case 'node':
      return news.of(feed.node)
    case 'drift':
      return [[styled('warn', '~ '), `${feed.nodeRole} drifted: ${feed.what.join('; ')}`]]
    case 'refused':
      return [[styled('bad', '! refused '), feed.what, styled('faint', `  ${detailsText(feed.details)}`)]]
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
