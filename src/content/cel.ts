// The engine of CEL, loaded when there is an expression to compile: most commands have none.
import { createRequire } from 'node:module'

type Cel = typeof import('@marcbachmann/cel-js')

const load = createRequire(import.meta.url)
let loaded: Cel | undefined

export function cel(): Cel {
  return (loaded ??= load('@marcbachmann/cel-js') as Cel)
}
