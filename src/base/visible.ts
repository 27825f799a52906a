// Makes text from elsewhere safe to show: control characters become visible symbols, so that no terminal obeys them.

/**
 * One line as it may be printed. C0 becomes its control picture (`␛`), C1, bidirectional overrides and line separators
 * become `<U+202E>`; a tab becomes two spaces so that columns can be counted.
 */
export function visible(text: string): string {
  // oxlint-disable-next-line no-control-regex -- finding control characters is the purpose
  if (!/[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/.test(text))
    return text
  let shown = ''
  for (const character of text) shown += picture(character)
  return shown
}

/** Lines of a longer text, each safe to show; line ends of any habit are taken, `\t` is kept as two spaces. */
export function visibleLines(text: string): string[] {
  const lines = text.split('\n')
  const last = lines.pop() as string
  return [...lines.map(withoutReturns), ...(last === '' ? [] : [last])].map(visible)
}

/** Without the carriage returns at its end. By hand: `/\r+$/` looks at each run of them from each of its places. */
export function withoutReturns(line: string): string {
  let end = line.length
  while (line[end - 1] === '\r') end--
  return line.slice(0, end)
}

function picture(character: string): string {
  const code = character.codePointAt(0) as number
  if (character === '\t') return '  '
  if (code < 0x20) return String.fromCodePoint(0x2400 + code)
  if (code === 0x7f) return '\u2421'
  if (code >= 0x80 && code <= 0x9f) return named(code)
  if (code === 0x061c || code === 0x200e || code === 0x200f || code === 0xfeff) return named(code)
  if (code >= 0x2028 && code <= 0x202e) return named(code)
  if (code >= 0x2066 && code <= 0x2069) return named(code)
  return character
}

function named(code: number): string {
  return `<U+${code.toString(16).toUpperCase().padStart(4, '0')}>`
}
