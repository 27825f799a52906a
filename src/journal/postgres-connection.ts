// A connection to a PostgreSQL journal for reading: made when it is first needed, and again when it broke.
import type { Client } from 'pg'
import { isConnectionLost } from './postgres-errors.ts'
import { connectTo, type PostgresPlace } from './postgres-place.ts'

export class PostgresConnection {
  readonly #place: PostgresPlace
  readonly #purpose: string
  #client: Promise<Client> | undefined
  #closed = false
  #last: Promise<unknown> = Promise.resolve()

  constructor(place: PostgresPlace, purpose: string) {
    this.#place = place
    this.#purpose = purpose
  }

  /**
   * One after the other. Reads only: what was under way when a connection broke that had been there before is done once more
   * on a new one.
   */
  use<T>(read: (client: Client) => Promise<T>): Promise<T> {
    const used = this.#last.then(() => this.#use(read))
    this.#last = used.catch(() => {})
    return used
  }

  async #use<T>(read: (client: Client) => Promise<T>): Promise<T> {
    const wasThere = this.#client !== undefined
    try {
      return await read(await this.#connected())
    } catch (error) {
      if (!isConnectionLost(error)) throw error
      await this.#drop()
      if (!wasThere || this.#closed) throw error
      return read(await this.#connected())
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#drop()
  }

  #connected(): Promise<Client> {
    if (this.#closed) return Promise.reject(new Error('it is closed'))
    const client = (this.#client ??= connectTo(this.#place, this.#purpose))
    client.catch(() => {
      if (this.#client === client) this.#client = undefined
    })
    return client
  }

  async #drop(): Promise<void> {
    const client = this.#client
    this.#client = undefined
    await client?.then((one) => one.end()).catch(() => {})
  }
}
