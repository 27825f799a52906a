// The pace of late: how much slower or quicker runs went than those before them that were like them, as on machines with more to do.

/** Each run weighs so much of the one after it. */
const FADES = 0.9
/** As though so many runs had gone as usual: one alone makes no pace, and what sleeps is as slow on any machine. */
const AS_USUAL = 6
/** One run that hung is not a pace. */
const MOST = 2
/** Each cycle weighs so much of the one after it. */
const CYCLE_FADES = 0.8

export class Pace {
  /** Of logarithms, so that twice as long and half as long are equally far. */
  #sum = 0
  #weight = 0
  #cycle: { of: string; before: number; sum: number; runs: number } | undefined
  #squares = 0
  #cycles = 0

  /** `share`: how long it took over how long was to be expected at the usual pace. Runs of one cycle come one after the other. */
  note(cycle: string, share: number): void {
    const log = Math.max(-MOST, Math.min(MOST, Math.log(share)))
    if (this.#cycle?.of !== cycle) {
      this.#endCycle()
      this.#cycle = { of: cycle, before: this.#log, sum: 0, runs: 0 }
    }
    this.#cycle.sum += log
    this.#cycle.runs++
    this.#sum = this.#sum * FADES + log
    this.#weight = this.#weight * FADES + 1
  }

  /** What a run takes now over what it usually takes. */
  get factor(): number {
    return Math.exp(this.#log)
  }

  /** How far whole cycles were from the pace before them, on a logarithmic scale; 0 where none tells. */
  get unsure(): number {
    const distance = distanceOf(this.#cycle)
    const cycles = this.#cycles + (this.#cycle ? 1 : 0)
    return cycles === 0 ? 0 : Math.sqrt((this.#squares + distance ** 2) / cycles)
  }

  get #log(): number {
    return this.#sum / (this.#weight + AS_USUAL)
  }

  #endCycle(): void {
    if (!this.#cycle) return
    this.#squares = CYCLE_FADES * (this.#squares + distanceOf(this.#cycle) ** 2)
    this.#cycles = CYCLE_FADES * (this.#cycles + 1)
  }
}

function distanceOf(cycle: { before: number; sum: number; runs: number } | undefined): number {
  return cycle ? cycle.sum / cycle.runs - cycle.before : 0
}
