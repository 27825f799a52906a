// The files of a node-role as lines: of each its rights, what became of it since the last success, and its text or what differs.
import { visible } from '../base/visible.ts'
import type { FilesView, FileView } from '../model/rendered-files.ts'
import { diffLine } from './drift-text.ts'
import { indent, type Line, styled } from './text.ts'

/** `onlyDiff`: nothing of what is as it was. */
export function filesLines(view: FilesView, onlyDiff: boolean): Line[] {
  const lines = headOf(view)
  const shown = view.files.filter(({ change }) => !onlyDiff || change !== 'same')
  for (const file of shown) lines.push([], titleOf(file, view), ...bodyOf(file, onlyDiff))
  if (view.files.length === 0 && view.problem === undefined) lines.push(['  it has no files'])
  else if (shown.length === 0 && onlyDiff) lines.push(['  each of its files is as its last success wrote it'])
  return lines
}

function headOf({ nodeRole, unbound, hidden, problem }: FilesView): Line[] {
  const lines: Line[] = [[nodeRole]]
  if (unbound.length > 0)
    lines.push([`  without a value: ${unbound.join(', ')}; so these are the files of its last success`])
  for (const line of problem?.split('\n') ?? []) lines.push(['  ', styled('bad', visible(line))])
  if (hidden.length > 0) lines.push([styled('faint', `  not shown: ${hidden.join(', ')} (--secrets)`)])
  return lines
}

function titleOf({ path, mode, owner, group, change, from, rights }: FileView, { since }: FilesView): Line {
  const was = rights ? ` (it was ${rights.before})` : ''
  const run = since?.run ?? 'before'
  const words = {
    new: 'new',
    same: `as ${run} wrote it`,
    changed: `not as ${run} wrote it`,
    gone: `written by ${run}, and no more`,
    unknown: `as ${run} wrote it`,
  }
  return [
    visible(path),
    styled('faint', visible(`  ${mode} ${owner}:${group}${was}  ${words[change]}  from ${from}`)),
  ]
}

function bodyOf({ text, untold, diff, differsInSecrets }: FileView, onlyDiff: boolean): Line[] {
  if (untold !== undefined) return [[`  ${UNTOLD[untold]}`]]
  if (onlyDiff && diff !== undefined) return indent(2, split(diff).map(diffLine))
  const lines = split(text).map((line): Line => [`  ${visible(line)}`.trimEnd()])
  if (!differsInSecrets) return lines
  return [['  what differs in it is not shown'], ...(onlyDiff ? [] : lines)]
}

function split(text = ''): string[] {
  const lines = text.split('\n')
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines
}

const UNTOLD = { binary: 'it is no text', large: 'it is too large to be shown' }
