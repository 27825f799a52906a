// A terminal just clever enough to check what is drawn: cursor up, erase, scroll. What it does not know is a failure.

export class Screen {
  readonly rows: number
  /** All lines ever, the scrolled-off ones too; the last `rows` are on the screen. */
  lines: string[] = ['']
  cursorShown = true
  #row = 0
  #column = 0

  constructor(rows: number) {
    this.rows = rows
  }

  write(text: string): void {
    let rest = text
    while (rest !== '') {
      // oxlint-disable-next-line no-control-regex -- it reads what a terminal reads
      const [piece = ''] = /^(?:\u001b\[[?\d;]*[A-Za-z]|[\r\n]|[^\u001b\r\n]+)/.exec(rest) ?? []
      if (piece === '') throw new Error(`the screen does not know ${JSON.stringify(rest.slice(0, 8))}`)
      this.#obey(piece)
      rest = rest.slice(piece.length)
    }
  }

  /** Without the empty line that the cursor stands on. */
  shown(): string[] {
    return this.lines.at(-1) === '' ? this.lines.slice(0, -1) : this.lines
  }

  #obey(piece: string): void {
    // oxlint-disable-next-line no-control-regex
    const command = /^\u001b\[([?\d;]*)([A-Za-z])$/.exec(piece)
    if (command) this.#command(command[1] ?? '', command[2] ?? '')
    else if (piece === '\r') this.#column = 0
    else if (piece === '\n') this.#down()
    else this.#put(piece)
  }

  #command(numbers: string, letter: string): void {
    if (letter === 'A') {
      const top = Math.max(0, this.lines.length - this.rows)
      this.#row = Math.max(top, this.#row - Number(numbers || '1'))
    } else if (letter === 'K') this.#line((line) => line.slice(0, this.#column))
    else if (letter === 'J') {
      this.#line((line) => line.slice(0, this.#column))
      this.lines.length = this.#row + 1
    } else if (numbers === '?25') this.cursorShown = letter === 'h'
    else if (letter !== 'm' && numbers !== '?2026')
      throw new Error(`the screen does not know ${numbers}${letter}`)
  }

  /** The tty driver puts a carriage return before each line feed. */
  #down(): void {
    this.#column = 0
    this.#row++
    if (this.#row === this.lines.length) this.lines.push('')
  }

  #put(text: string): void {
    this.#line(
      (line) =>
        line.slice(0, this.#column).padEnd(this.#column) + text + line.slice(this.#column + text.length),
    )
    this.#column += text.length
  }

  #line(change: (line: string) => string): void {
    this.lines[this.#row] = change(this.lines[this.#row] ?? '')
  }
}
