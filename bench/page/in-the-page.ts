// What a bench does inside of the page: looks at the first cell, counts frames; each function is sent there whole.

/** When the first cell of the board has a colour that is not the paper's. */
export function firstCell(): Promise<number> {
  return new Promise((found) => {
    const look = (): void => {
      const canvas = document.querySelector('.matrix canvas') as HTMLCanvasElement
      const context = canvas.getContext('2d') as CanvasRenderingContext2D
      const [r = 0, g = 0, b = 0] = context.getImageData(195, canvas.height / 2, 1, 1).data
      if (r + g + b < 3 * 253) found(performance.now())
      else requestAnimationFrame(look)
    }
    look()
  })
}

/** Each time the first cell took the colour of what is active, or another one. */
export function watchPixel(ms: number): Promise<{ at: number; state: 'active' | 'other' }[]> {
  const canvas = document.querySelector('.matrix canvas') as HTMLCanvasElement
  const context = canvas.getContext('2d') as CanvasRenderingContext2D
  const colourAt = (y: number): string => context.getImageData(192, y, 1, 1).data.slice(0, 3).join()
  // Those of a cell in light: active, transition. Below the head, whose names stand further to the right.
  const [active, running] = ['213,235,228', '31,102,199']
  let y = 0
  while (y < canvas.height && colourAt(y) !== active && colourAt(y) !== running) y++
  y += 2
  const seen: { at: number; state: 'active' | 'other' }[] = []
  let before = ''
  const until = performance.now() + ms
  return new Promise((done) => {
    const look = (): void => {
      const state = colourAt(y) === active ? 'active' : 'other'
      if (state !== before) seen.push({ at: Date.now(), state })
      before = state
      if (performance.now() < until) requestAnimationFrame(look)
      else done(seen)
    }
    look()
  })
}

/** Milliseconds from frame to frame. */
export function framesOf({
  ms,
  what,
}: {
  ms: number
  what: 'none' | 'scroll' | 'filter'
}): Promise<number[]> {
  const matrix = document.querySelector('.matrix') as HTMLElement
  const field = document.querySelector('.filters input') as HTMLInputElement
  const own = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value')
  const type = (text: string): void => {
    own?.set?.call(field, text)
    field.dispatchEvent(new Event('input', { bubbles: true }))
  }
  return new Promise((done) => {
    const times: number[] = []
    let last = performance.now()
    const until = last + ms
    let typed = 0
    const frame = (now: number): void => {
      times.push(now - last)
      last = now
      if (what === 'scroll') matrix.scrollTop = (matrix.scrollTop + 167) % (matrix.scrollHeight - 1_000)
      if (what === 'filter' && times.length % 12 === 0)
        type(['n', 'n0', 'n00', 'n001', 'n0012', ''][typed++ % 6] as string)
      if (now < until) requestAnimationFrame(frame)
      else {
        type('')
        matrix.scrollTop = 0
        done(times)
      }
    }
    requestAnimationFrame(frame)
  })
}
