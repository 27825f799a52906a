// The palette holds what it promises: letters can be read, and no two states look alike, to whatever eyes.
import { expect, test } from 'vitest'
import { STATES } from '../../../src/model/reason.ts'
import { LETTERS, LOOKS, SURFACE, type Theme } from './palette.ts'

const THEMES: Theme[] = ['light', 'dark']
type Rgb = [number, number, number]

test('letters stand out from their fill, text from the paper (WCAG 2.2, 1.4.3: 4.5 to 1)', () => {
  for (const theme of THEMES) {
    for (const state of STATES) {
      const { fill, ink } = LOOKS[theme][state]
      expect([theme, state, contrast(fill, ink) >= 4.5]).toEqual([theme, state, true])
    }
    const { paper, ink, faint } = SURFACE[theme]
    expect(contrast(paper, ink)).toBeGreaterThanOrEqual(4.5)
    expect(contrast(paper, faint)).toBeGreaterThanOrEqual(4.5)
  }
})

test('no two states have one letter', () => {
  expect(new Set(Object.values(LETTERS)).size).toBe(STATES.length)
})

// What is only proposed has no fill of its own: its broken edge and its letter say it.
const FILLED = STATES.filter((state) => state !== 'proposed')

test('fills are told apart by eyes without red, green or blue cones', () => {
  for (const theme of THEMES) {
    for (const [kind, matrix] of Object.entries(EYES)) {
      for (const a of FILLED) {
        for (const b of FILLED.slice(FILLED.indexOf(a) + 1)) {
          const apart = distance(seen(LOOKS[theme][a].fill, matrix), seen(LOOKS[theme][b].fill, matrix))
          expect([theme, kind, a, b, apart >= 12]).toEqual([theme, kind, a, b, true])
        }
      }
    }
  }
})

/** Machado, Oliveira and Fernandes 2009, severity 1, on linear RGB. */
const EYES: Record<string, number[][]> = {
  all: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protan: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deutan: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritan: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
}

function linear(hex: string): Rgb {
  const part = (at: number): number => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
  }
  return [part(1), part(3), part(5)]
}

function contrast(a: string, b: string): number {
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number]
  return (light + 0.05) / (dark + 0.05)
}

function luminance(hex: string): number {
  const [r, g, b] = linear(hex)
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

function seen(hex: string, matrix: number[][]): Rgb {
  const rgb = linear(hex)
  return matrix.map((row) =>
    Math.min(
      1,
      Math.max(
        0,
        row.reduce((sum, share, i) => sum + share * (rgb[i] as number), 0),
      ),
    ),
  ) as Rgb
}

/** In CIE L*a*b*, where 2.3 is just noticeable. */
function distance(a: Rgb, b: Rgb): number {
  const [x, y] = [lab(a), lab(b)]
  return Math.hypot(x[0] - y[0], x[1] - y[1], x[2] - y[2])
}

function lab([r, g, b]: Rgb): Rgb {
  const f = (value: number): number => (value > 0.008856 ? Math.cbrt(value) : 7.787 * value + 16 / 116)
  const x = f((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.95047)
  const y = f(0.2126 * r + 0.7152 * g + 0.0722 * b)
  const z = f((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.08883)
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)]
}
