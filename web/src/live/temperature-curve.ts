// The temperature over time: of the last cycles as the journal has it, and of today as it is heard.
import type { CycleView } from '../../../src/model/cycle.ts'
import type { Recorded } from '../../../src/model/event.ts'

const MOST = 4_000

export class TemperatureCurve {
  /** Seconds since the epoch, as the chart wants them. */
  times: number[] = []
  temperatures: number[] = []
  version = 0

  /** Newest first. */
  learn(cycles: readonly CycleView[]): void {
    const points = [...cycles]
      .reverse()
      .flatMap(({ beganAt, temperatures, endedAt }) => [
        ...temperatures.map(([ms, temperature]): [number, number] => [beganAt + ms, temperature]),
        ...(endedAt === undefined ? [] : [[endedAt, temperatures.at(-1)?.[1] ?? 0] as [number, number]]),
      ])
    const heard = this.times.map((time, i): [number, number] => [
      time * 1_000,
      this.temperatures[i] as number,
    ])
    const from = heard[0]?.[0] ?? Number.POSITIVE_INFINITY
    const all = [...points.filter(([at]) => at < from), ...heard].slice(-MOST)
    this.times = all.map(([at]) => at / 1_000)
    this.temperatures = all.map(([, temperature]) => temperature)
    this.version++
  }

  hear({ at, event }: Recorded): void {
    if (event.kind === 'cycleBegan' || event.kind === 'temperatureChanged' || event.kind === 'cycleEnded') {
      this.#add(at, event.temperature)
    }
  }

  /** What the cells say right now; for a server that keeps no events of it. */
  sample(at: number, temperature: number): void {
    if (this.temperatures.at(-1) !== temperature) this.#add(at, temperature)
  }

  #add(at: number, temperature: number): void {
    const time = Math.max(at / 1_000, this.times.at(-1) ?? 0)
    this.times.push(time)
    this.temperatures.push(temperature)
    if (this.times.length > MOST * 1.5) {
      this.times = this.times.slice(-MOST)
      this.temperatures = this.temperatures.slice(-MOST)
    }
    this.version++
  }
}
