// Regular expressions that end: those that a role or a node brings are run in time linear in the text.
//
// JavaScript's own engine backtracks, so that `^(a+)+$` on forty letters takes years. Here all ways through the pattern
// are followed at once (Thompson 1968, as in Cox, "Regular Expression Matching Can Be Simple And Fast"). What cannot be
// done so, back references and looking around, is refused with a word about it.

import { rememberRecent } from '../base/recent.ts'
import { type Node, parse, Unusable } from './pattern-syntax.ts'

export interface Pattern {
  /** Whether the pattern is found anywhere in the text, as `RegExp.test` with the flag `u` would say. */
  test(text: string): boolean
  /** The same, with the steps that it took. */
  search(text: string): Found
}

interface Found {
  is: boolean
  work: number
}

/** Why this is no pattern that can be used, or undefined. */
export function patternComplaint(source: string): string | undefined {
  const compiled = compile(source)
  return 'complaint' in compiled ? compiled.complaint : undefined
}

/** Throws with the complaint; compile once and keep. */
export function makePattern(source: string): Pattern {
  const compiled = compile(source)
  if ('complaint' in compiled)
    throw new SyntaxError(`the pattern ${source} cannot be used: ${compiled.complaint}`)
  const { program } = compiled
  return {
    test: rememberRecent(REMEMBERED, (text) => run(program, text).is),
    search: (text) => run(program, text),
  }
}

const MAX_SOURCE = 1_000
const MAX_PROGRAM = 20_000
/** A map of what all members say is checked whenever one says something new: this many characters of the others are known. */
const REMEMBERED = 4_000_000
/** Steps taken for one text; what has not been found by then counts as not there. */
const MAX_WORK = 10_000_000

type Step =
  | { op: 'one'; fits: (character: string) => boolean }
  | { op: 'split'; to: number; or: number }
  | { op: 'jump'; to: number }
  | { op: 'at'; where: '^' | '$' | '\\b' | '\\B' }
  | { op: 'match' }

function compile(source: string): { program: Step[] } | { complaint: string } {
  if (source.length > MAX_SOURCE) return { complaint: `it is longer than ${MAX_SOURCE} characters` }
  try {
    new RegExp(source, 'u')
  } catch (error) {
    return {
      complaint: (error as Error).message.replace(/^Invalid regular expression: .*: /, '').toLowerCase(),
    }
  }
  try {
    const program: Step[] = []
    emit(parse(source), program)
    program.push({ op: 'match' })
    return { program }
  } catch (error) {
    if (error instanceof Unusable) return { complaint: error.message }
    throw error
  }
}

function emit(node: Node, program: Step[]): void {
  if (program.length > MAX_PROGRAM) throw new Unusable('it is too large once its repetitions are written out')
  switch (node.kind) {
    case 'one':
      program.push({ op: 'one', fits: node.fits })
      return
    case 'at':
      program.push({ op: 'at', where: node.where })
      return
    case 'all':
      for (const part of node.parts) emit(part, program)
      return
    case 'any':
      emitAny(node.parts, program)
      return
    case 'times':
      emitTimes(node, program)
  }
}

function emitAny(parts: Node[], program: Step[]): void {
  const ends: { op: 'jump'; to: number }[] = []
  for (const [index, part] of parts.entries()) {
    if (index === parts.length - 1) {
      emit(part, program)
      continue
    }
    const split = { op: 'split' as const, to: program.length + 1, or: 0 }
    const end = { op: 'jump' as const, to: 0 }
    program.push(split)
    emit(part, program)
    program.push(end)
    ends.push(end)
    split.or = program.length
  }
  for (const end of ends) end.to = program.length
}

function emitTimes({ part, least, most }: Extract<Node, { kind: 'times' }>, program: Step[]): void {
  for (let time = 0; time < least; time++) emit(part, program)
  if (most === Infinity) {
    const split = { op: 'split' as const, to: program.length + 1, or: 0 }
    program.push(split)
    emit(part, program)
    program.push({ op: 'jump', to: program.indexOf(split) })
    split.or = program.length
    return
  }
  const splits: { op: 'split'; to: number; or: number }[] = []
  for (let time = least; time < most; time++) {
    const split = { op: 'split' as const, to: program.length + 1, or: 0 }
    splits.push(split)
    program.push(split)
    emit(part, program)
  }
  for (const split of splits) split.or = program.length
}

/** All places in the program that the text read so far can have led to, one character at a time. */
function run(program: Step[], text: string): Found {
  let work = 0
  const seen = new Uint32Array(program.length)
  let here: number[] = []
  let next: number[] = []
  let before = ''
  let round = 0
  const pending: number[] = []
  const characters = Array.from(text).concat('')
  for (const character of characters) {
    round++
    // The match may begin at any character.
    here.push(0)
    next = []
    const stand: number[] = []
    for (const start of here) {
      pending.push(start)
      while (pending.length > 0) {
        const at = pending.pop() as number
        if (seen[at] === round) continue
        seen[at] = round
        if (++work > MAX_WORK) return { is: false, work }
        const step = program[at] as Step
        if (step.op === 'match') return { is: true, work }
        if (step.op === 'one') stand.push(at)
        else if (step.op === 'jump') pending.push(step.to)
        else if (step.op === 'split') pending.push(step.or, step.to)
        else if (holds(step.where, before, character)) pending.push(at + 1)
      }
    }
    if (character === '') return { is: false, work }
    for (const at of stand) {
      if ((program[at] as { fits: (character: string) => boolean }).fits(character)) next.push(at + 1)
    }
    here = next
    before = character
  }
  return { is: false, work }
}

function holds(where: '^' | '$' | '\\b' | '\\B', before: string, after: string): boolean {
  switch (where) {
    case '^':
      return before === ''
    case '$':
      return after === ''
    case '\\b':
      return /^\w/.test(before) !== /^\w/.test(after)
    case '\\B':
      return /^\w/.test(before) === /^\w/.test(after)
  }
}
