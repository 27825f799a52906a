// At once: so many requests of one costly route and no more; others wait in line, and whoever is gone leaves it.
import { type Answer, NOBODY_WAITS, refuse } from '../model/refusal.ts'
import type { Route } from './route.ts'

/** So many wait for each that may be at work; who comes then is told to come again. */
const LINE = 16

interface Places {
  taken: number
  /** Each goes on when it is called. */
  line: Set<() => void>
}

export class AtOnce {
  readonly #places = new Map<Route, Places>()

  /** `signal`: whoever asked is gone. The work sees to it that it ends then. */
  async run<T>(
    route: Route,
    signal: AbortSignal,
    work: () => Answer<T> | Promise<Answer<T>>,
  ): Promise<Answer<T>> {
    const { atOnce } = route
    if (atOnce === undefined) return work()
    const places = this.#placesOf(route)
    if (places.taken >= atOnce) {
      if (places.line.size >= atOnce * LINE) return refuse(tooLong(route, places.line.size))
      if (!(await turnIn(places.line, signal))) return refuse(NOBODY_WAITS)
    } else places.taken++
    try {
      return await work()
    } finally {
      const [next] = places.line
      // Whoever is next has this place.
      if (next) next()
      else places.taken--
    }
  }

  #placesOf(route: Route): Places {
    const places = this.#places.get(route) ?? { taken: 0, line: new Set() }
    this.#places.set(route, places)
    return places
  }
}

/** Whether the turn came before the signal did. */
function turnIn(line: Places['line'], signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const over = (came: boolean): void => {
      line.delete(called)
      signal.removeEventListener('abort', gone)
      resolve(came)
    }
    const called = (): void => over(true)
    const gone = (): void => over(false)
    line.add(called)
    signal.addEventListener('abort', gone)
    if (signal.aborted) gone()
  })
}

function tooLong({ method, path, atOnce }: Route, waiting: number): { code: 'notServing'; message: string } {
  const message = `the server is busy: ${waiting} wait in line for ${method} ${path}, of which it carries out ${atOnce} at a time`
  return { code: 'notServing', message }
}
