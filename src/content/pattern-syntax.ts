// The syntax of regular expressions as far as they can be run in linear time.

/** What is well formed and cannot be used here. */
export class Unusable extends Error {}

export type Node =
  | { kind: 'one'; fits: (character: string) => boolean }
  | { kind: 'at'; where: '^' | '$' | '\\b' | '\\B' }
  | { kind: 'all'; parts: Node[] }
  | { kind: 'any'; parts: Node[] }
  | { kind: 'times'; part: Node; least: number; most: number }

/** The source is known to be well formed: only what is found has to be told apart. */
export function parse(source: string): Node {
  let at = 0
  return alternatives()

  function alternatives(): Node {
    const parts = [sequence()]
    while (source[at] === '|') {
      at++
      parts.push(sequence())
    }
    return parts.length === 1 ? (parts[0] as Node) : { kind: 'any', parts }
  }

  function sequence(): Node {
    const parts: Node[] = []
    while (at < source.length && source[at] !== '|' && source[at] !== ')') parts.push(quantified(atom()))
    return { kind: 'all', parts }
  }

  function quantified(part: Node): Node {
    const found = /^(?:([*+?])|\{(\d+)(,(\d*))?\})\??/.exec(source.slice(at, at + 40))
    if (found === null) return part
    at += found[0].length
    const [, sign, least, comma, most] = found
    if (sign !== undefined)
      return { kind: 'times', part, least: sign === '+' ? 1 : 0, most: sign === '?' ? 1 : Infinity }
    const upper = comma === undefined ? Number(least) : most === '' ? Infinity : Number(most)
    return { kind: 'times', part, least: Number(least), most: upper }
  }

  function atom(): Node {
    const character = String.fromCodePoint(source.codePointAt(at) as number)
    switch (character) {
      case '(':
        return group()
      case '[':
        if (source[at + 1] === ']')
          throw new Unusable('[] fits no character; a bracket in a class is written \\]')
        return one(take(classEnd(source, at)))
      case '\\':
        return escape()
      case '^':
      case '$':
        at++
        return { kind: 'at', where: character }
      case '.':
        return one(take(at + 1))
      default:
        at += character.length
        return { kind: 'one', fits: (other) => other === character }
    }
  }

  function group(): Node {
    const opening = /^\((\?:|\?<[^=!][^>]*>|\?)?/.exec(source.slice(at)) as RegExpExecArray
    if (opening[1] === '?') throw new Unusable('looking ahead or behind, and flags inside, are not possible')
    at += opening[0].length
    const inside = alternatives()
    at++
    return inside
  }

  function escape(): Node {
    const found =
      /^\\(?:[bB]|[1-9]\d*|k<[^>]*>|[pP]\{[^}]*\}|u\{[^}]*\}|(?:u[0-9a-fA-F]{4}){2}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|c[A-Za-z]|.)/su.exec(
        source.slice(at),
      )
    const text = (found as RegExpExecArray)[0]
    if (/^\\(?:[1-9]|k)/.test(text)) throw new Unusable('references back to a group are not possible')
    if (text === '\\b' || text === '\\B') {
      at += 2
      return { kind: 'at', where: text }
    }
    return one(take(at + text.length))
  }

  function take(end: number): string {
    const text = source.slice(at, end)
    at = end
    return text
  }
}

function classEnd(source: string, start: number): number {
  for (let at = start + 1; ; at++) {
    if (source[at] === '\\') at++
    else if (source[at] === ']') return at + 1
  }
}

/** One character decided by JavaScript's engine, which cannot run away on one character; ASCII answers are kept. */
function one(text: string): Node {
  const engine = new RegExp(`^(?:${text})$`, 'u')
  const kept: (boolean | undefined)[] = []
  return {
    kind: 'one',
    fits(character) {
      const code = character.charCodeAt(0)
      if (code >= 128) return engine.test(character)
      return (kept[code] ??= engine.test(character))
    },
  }
}
