// How a state looks: a colour that is told apart by colour-blind people too, and a letter, so that no colour stands alone.
import type { State } from '../../../src/model/reason.ts'

export type Theme = 'light' | 'dark'

export interface Look {
  fill: string
  /** Of the letter on the fill, at least 4.5 to 1. */
  ink: string
}

/** A dot for what is as it should be: the eye is to rest on all others. */
export const LETTERS: Record<State, string> = {
  proposed: 'P',
  transition: 'R',
  blocked: 'B',
  error: 'E',
  active: '·',
  todo: 'T',
}

export const LOOKS: Record<Theme, Record<State, Look>> = {
  light: {
    proposed: { fill: '#ffffff', ink: '#4b5563' },
    transition: { fill: '#1f66c7', ink: '#ffffff' },
    blocked: { fill: '#5b3c86', ink: '#ffffff' },
    error: { fill: '#b5341a', ink: '#ffffff' },
    active: { fill: '#d5ebe4', ink: '#17594e' },
    todo: { fill: '#f3c94b', ink: '#3a2b00' },
  },
  dark: {
    proposed: { fill: '#171b21', ink: '#aeb6c2' },
    transition: { fill: '#62a8fb', ink: '#04203f' },
    blocked: { fill: '#7d52bd', ink: '#ffffff' },
    error: { fill: '#ff7350', ink: '#330900' },
    active: { fill: '#1c3a36', ink: '#93d8c8' },
    todo: { fill: '#e6bd3c', ink: '#2b2000' },
  },
}

/** What is drawn around the cells. */
export const SURFACE: Record<
  Theme,
  { paper: string; ink: string; faint: string; line: string; cursor: string }
> = {
  light: { paper: '#ffffff', ink: '#1b2028', faint: '#5a6472', line: '#d9dee5', cursor: '#0b0d10' },
  dark: { paper: '#12151a', ink: '#e6e9ee', faint: '#9aa4b2', line: '#2a3039', cursor: '#ffffff' },
}
