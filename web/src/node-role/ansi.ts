// What a program prints, made safe to show: colours and weights become styles, every other control character becomes visible.

export interface Style {
  /** 0 to 7 as terminals count them; brighter ones are shown as these in bold type would be. */
  colour?: number
  bold?: boolean
  faint?: boolean
  italic?: boolean
  underline?: boolean
  inverse?: boolean
}

export interface Span {
  text: string
  style: Style
}

/** Goes on where the last piece ended: a style may begin in one and end in another. */
export class AnsiReader {
  #style: Style = {}

  /** One line without its end. */
  line(text: string): Span[] {
    const spans: Span[] = []
    let at = 0
    // oxlint-disable-next-line no-control-regex -- finding escapes is the purpose
    for (const match of text.matchAll(/\u001b\[([\d;:]{0,64})m/g)) {
      this.#push(spans, text.slice(at, match.index))
      this.#style = styleAfter(this.#style, match[1] as string)
      at = match.index + match[0].length
    }
    this.#push(spans, text.slice(at))
    return spans
  }

  #push(spans: Span[], text: string): void {
    if (text !== '') spans.push({ text: visible(text), style: this.#style })
  }
}

function styleAfter(before: Style, codes: string): Style {
  let style = { ...before }
  const numbers = codes.split(/[;:]/).map(Number)
  for (let i = 0; i < numbers.length; i++) {
    const code = numbers[i] as number
    if (code === 0) style = {}
    else if (code === 1) style.bold = true
    else if (code === 2) style.faint = true
    else if (code === 3) style.italic = true
    else if (code === 4) style.underline = true
    else if (code === 7) style.inverse = true
    else if (code === 22) style = without(style, 'bold', 'faint')
    else if (code === 23) style = without(style, 'italic')
    else if (code === 24) style = without(style, 'underline')
    else if (code === 27) style = without(style, 'inverse')
    else if (code >= 30 && code <= 37) style.colour = code - 30
    else if (code >= 90 && code <= 97) style.colour = code - 90
    else if (code === 39) style = without(style, 'colour')
    // 256 colours and all colours: none of ours is sure to be read on this paper, so the text keeps its own.
    else if (code === 38 || code === 48) i += numbers[i + 1] === 2 ? 4 : 2
  }
  return style
}

function without(style: Style, ...keys: (keyof Style)[]): Style {
  const left = { ...style }
  for (const key of keys) delete left[key]
  return left
}

/** Controls as their pictures, what turns text around as its number. A tab is two spaces. */
function visible(text: string): string {
  return text.replace(
    // oxlint-disable-next-line no-control-regex -- finding control characters is the purpose
    /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]/gu,
    (character) => {
      const code = character.charCodeAt(0)
      if (character === '\t') return '  '
      if (code < 0x20) return String.fromCharCode(0x2400 + code)
      // A byte that is no text, as the server carries it over.
      if (code >= 0xdc80 && code <= 0xdcff) return `<0x${(code - 0xdc00).toString(16).toUpperCase()}>`
      if (code === 0x7f) return '\u2421'
      return `<U+${code.toString(16).toUpperCase().padStart(4, '0')}>`
    },
  )
}
