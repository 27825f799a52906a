// At once: so many requests of one costly route and no more; who comes then is told to come again.
import { type Answer, refuse } from '../model/refusal.ts'
import type { Route } from './route.ts'

export class AtOnce {
  readonly #underWay = new Map<Route, number>()

  async run<T>(route: Route, work: () => Answer<T> | Promise<Answer<T>>): Promise<Answer<T>> {
    const { atOnce = Infinity, method, path } = route
    const now = this.#underWay.get(route) ?? 0
    if (now >= atOnce)
      return refuse({ code: 'notServing', message: `${now} of ${method} ${path} are under way already` })
    this.#underWay.set(route, now + 1)
    try {
      return await work()
    } finally {
      this.#underWay.set(route, (this.#underWay.get(route) ?? 1) - 1)
    }
  }
}
