// Faults of content as lines: where, what, the piece of the file with a caret, and what was probably meant.
import { visibleLines } from '../base/visible.ts'
import type { Fault } from '../model/fault.ts'
import { type Line, type Style, styled } from './text.ts'

export function faultLines(faults: readonly Fault[], kind: 'fault' | 'warning' = 'fault'): Line[] {
  return faults.flatMap((fault) => oneFault(fault, kind))
}

/** The line in question stands out, and the caret below it more. */
function frameStyle(line: string): Style {
  if (/^\s*\|\s*\^+\s*$/.test(line)) return 'bad'
  return line.startsWith('>') ? 'plain' : 'faint'
}

function oneFault(fault: Fault, kind: 'fault' | 'warning'): Line[] {
  const place = `${fault.file}:${fault.line}:${fault.column}`
  const lines: Line[] = [
    [
      styled('strong', place),
      '  ',
      ...(kind === 'warning' ? [styled('warn', 'warning: ')] : []),
      styled(kind === 'warning' ? 'plain' : 'bad', fault.message),
    ],
  ]
  for (const line of visibleLines(fault.frame ?? '')) {
    lines.push([styled(frameStyle(line), `  ${line}`)])
  }
  if (fault.advice !== undefined) lines.push([styled('faint', '  next: '), fault.advice])
  return lines
}
