// Which scripts are short text, so that they can travel as lines, and which of them another shell may read itself.

/** Longer ones travel as bulk: a shell takes lines in byte by byte, and what comes together passes through its variables. */
const LONGEST = 4 * 1024
const LONGEST_ALONE = 1024
/** What a shell of its own would answer otherwise than one that reads the script for somebody else: who it is, and what ours are called. */
const TELLS_APART = /\$\{?[$0]|PPID|BASH|\ba_[a-z]/

/** Text that any shell takes in as it is. */
export function textOf(bytes: Uint8Array): string | undefined {
  if (bytes.length > LONGEST) return undefined
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')
  return /^[\t\n\x20-\x7e]+$/.test(text) ? text : undefined
}

export function linesOf(text: string): string {
  const lines = text.split('\n')
  const last = lines.pop()
  return `${lines.map((line) => `s ${line}\n`).join('')}${last ? `t ${last}\n` : ''}`
}

/** Whether a shell reads it line by line sooner than a process would take it in. */
export function isShort(text: string, isOneOfMany: boolean): boolean {
  return text.length <= (isOneOfMany ? LONGEST : LONGEST_ALONE)
}

/** The shell that reads it, where any that is there may do so instead, in a process of its own. */
export function plainShellOf(text: string): 'sh' | '/bin/sh' | undefined {
  if (TELLS_APART.test(text)) return undefined
  if (!text.startsWith('#!')) return 'sh'
  return text.startsWith('#!/bin/sh\n') ? '/bin/sh' : undefined
}
