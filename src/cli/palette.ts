// Whether a stream gets colours: NO_COLOR and TERM=dumb say no, FORCE_COLOR says yes, else a terminal does.
import type { CliWorld, Output } from './world.ts'

export function hasColour(world: Pick<CliWorld, 'env'>, output: Output): boolean {
  const { env } = world
  if (env['NO_COLOR'] !== undefined && env['NO_COLOR'] !== '') return false
  if (env['FORCE_COLOR'] !== undefined && env['FORCE_COLOR'] !== '' && env['FORCE_COLOR'] !== '0') return true
  return output.isTTY && env['TERM'] !== 'dumb'
}

/** Whether lines can be drawn over: a terminal that knows how to move its cursor. */
export function isLive(world: Pick<CliWorld, 'env'>, output: Output): boolean {
  return output.isTTY && world.env['TERM'] !== 'dumb' && !isOn(world.env['CI'])
}

function isOn(value: string | undefined): boolean {
  return value !== undefined && value !== '' && value !== 'false' && value !== '0'
}
