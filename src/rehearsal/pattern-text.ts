// A short text that a regular expression allows, for the plain ones that people write into schemas: literals, classes,
// groups, alternatives, repetition. Undefined for anything else; who asks holds the text against the schema all the same.

/** Of each alternative the first, of each repetition the least that is something. */
export function textOfPattern(pattern: string): string | undefined {
  const reader = new Reader(pattern)
  const text = reader.alternatives()
  return reader.atEnd ? text : undefined
}

const CLASSES: Readonly<Record<string, string>> = { d: '0', w: 'a', s: ' ', n: '\n', t: '\t', r: '\r' }
const MOST_REPEATS = 256

class Reader {
  readonly #pattern: string
  #at = 0

  constructor(pattern: string) {
    this.#pattern = pattern
  }

  get atEnd(): boolean {
    return this.#at === this.#pattern.length
  }

  alternatives(): string | undefined {
    const first = this.#sequence()
    while (first !== undefined && this.#take('|')) if (this.#sequence() === undefined) return undefined
    return first
  }

  #sequence(): string | undefined {
    let text = ''
    while (!this.atEnd && !'|)'.includes(this.#peek())) {
      if (this.#take('^') || this.#take('$')) continue
      const atom = this.#atom()
      const times = atom === undefined ? undefined : this.#times()
      if (atom === undefined || times === undefined) return undefined
      text += atom.repeat(times)
    }
    return text
  }

  #atom(): string | undefined {
    const character = this.#next()
    switch (character) {
      case '(':
        return this.#group()
      case '[':
        return this.#class()
      case '\\':
        return this.#escape()
      case '.':
        return 'a'
      case '*':
      case '+':
      case '?':
      case '{':
        return undefined
      default:
        return character
    }
  }

  #group(): string | undefined {
    // Looking ahead, back references and names are not for us.
    if (this.#take('?') && !this.#take(':')) return undefined
    const text = this.alternatives()
    return this.#take(')') ? text : undefined
  }

  /** A letter where it allows one that is in the middle, else the first that stands there. */
  #class(): string | undefined {
    if (this.#take('^')) return undefined
    let first: string | undefined
    while (!this.atEnd && !this.#take(']')) {
      const character = this.#next()
      const one = character === '\\' ? this.#escape() : character
      if (one === undefined) return undefined
      first ??= one
    }
    return first
  }

  #escape(): string | undefined {
    const character = this.#next()
    if (Object.hasOwn(CLASSES, character)) return CLASSES[character]
    return /[^A-Za-z0-9]/.test(character) ? character : undefined
  }

  #times(): number | undefined {
    let times = 1
    if (this.#take('?') || this.#take('*')) times = 0
    else if (this.#take('+')) times = 1
    else if (this.#take('{')) {
      const found = /^(\d+)(,\d*)?\}/.exec(this.#pattern.slice(this.#at))
      if (!found) return undefined
      this.#at += found[0].length
      times = Number(found[1])
    }
    this.#take('?')
    return times <= MOST_REPEATS ? times : undefined
  }

  #peek(): string {
    return this.#pattern[this.#at] ?? ''
  }

  #next(): string {
    return this.#pattern[this.#at++] ?? ''
  }

  #take(character: string): boolean {
    if (this.#peek() !== character) return false
    this.#at++
    return true
  }
}
