// The tools that are measured, each made when it is first needed, in a cgroup of its own, and all ended together.
import { AnnealSite } from './anneal-site.ts'
import { Ansible } from './ansible.ts'
import { Controller } from './controller.ts'
import { FanOut } from './fan-out.ts'
import type { Ground } from './ground.ts'
import { Limit } from './limit.ts'

export class Tools {
  readonly ground: Ground
  #controllers = new Map<string, Controller>()
  #ansible = new Map<string, Ansible>()
  #limit: Limit | undefined
  #fanOut: FanOut | undefined

  constructor(ground: Ground) {
    this.ground = ground
  }

  controller(name: string): Controller {
    const known = this.#controllers.get(name) ?? new Controller(this.ground.lab, name)
    this.#controllers.set(name, known)
    return known
  }

  anneal(name: 'anneal' | 'served'): AnnealSite {
    return new AnnealSite(this.ground, this.controller(name))
  }

  ansible(strategy: 'linear' | 'mitogen_linear'): Ansible {
    const known = this.#ansible.get(strategy)
    if (known !== undefined) return known
    const made = new Ansible(this.ground, this.controller(strategy), strategy)
    this.#ansible.set(strategy, made)
    return made
  }

  limit(): Limit {
    return (this.#limit ??= new Limit(this.ground, this.controller('limit')))
  }

  fanOut(): FanOut {
    return (this.#fanOut ??= new FanOut(this.ground, this.controller('fan-out')))
  }

  async end(): Promise<void> {
    await this.#limit?.end()
    for (const controller of this.#controllers.values()) await controller.end()
  }
}
