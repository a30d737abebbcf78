import pg from 'pg'
import type { Connection } from './database.ts'
import { LISTENER } from './roll-call.ts'

/** What is done when something is told on a channel. */
interface Ear {
  readonly heard: (payload: string) => void
  /** Told when it listens again: what was said meanwhile was not heard. */
  readonly again: () => void
}

const AGAIN_MS = 500
const BEAT_MS = 10_000
const ANSWER_MS = 5_000

/** Hears what is told by NOTIFY, all channels over one connection of its own, which is opened again when it breaks or falls silent. */
export class Listener {
  readonly #connection: Connection
  readonly #attend: (client: pg.Client) => Promise<void>
  readonly #log: (message: string) => void
  readonly #ears = new Map<string, Set<Ear>>()
  #client: pg.Client | undefined
  #timer: NodeJS.Timeout | undefined
  #closed = false

  /** `attend`: what is to be done over the connection whenever it is opened, and whenever {@link Listener.attend} asks for it. */
  constructor(
    connection: Connection,
    attend: (client: pg.Client) => Promise<void>,
    log: (message: string) => void,
  ) {
    this.#connection = connection
    this.#attend = attend
    this.#log = log
  }

  /** Resolves when it listens. Whoever asks to hear something before that misses nothing. */
  async start(): Promise<void> {
    const client = new pg.Client({
      ...this.#connection,
      ...{ application_name: LISTENER, keepAlive: true, query_timeout: ANSWER_MS },
    })
    client.on('notification', ({ channel, payload = '' }) => {
      for (const { heard } of [...(this.#ears.get(channel) ?? [])]) heard(payload)
    })
    client.on('error', (error) => this.#log(`the connection that listens was lost: ${error.message}`))
    client.on('end', () => this.#again(client))
    await client.connect()
    for (const channel of this.#ears.keys()) await client.query(`listen ${pg.escapeIdentifier(channel)}`)
    const again = this.#client !== undefined
    this.#client = client
    if (again) await this.attend()
    else await this.#attend(client)
    if (this.#closed) return client.end()
    this.#beat(client)
    for (const ears of this.#ears.values()) for (const { again } of ears) again()
  }

  /** Hears a channel until the function that is answered is called. */
  async hear(channel: string, heard: Ear['heard'], again: Ear['again'] = () => {}): Promise<() => void> {
    const ears = this.#ears.get(channel) ?? new Set()
    this.#ears.set(channel, ears)
    const ear = { heard, again }
    ears.add(ear)
    // One that is lost is opened again, and hears it then.
    if (ears.size === 1) await this.#client?.query(`listen ${pg.escapeIdentifier(channel)}`).catch(() => {})
    return () => void ears.delete(ear)
  }

  /** Does what is to be done over the connection once more; what is wrong with it is told to the log. */
  async attend(): Promise<void> {
    if (this.#client === undefined) return
    await this.#attend(this.#client).catch((error: Error) => this.#log(error.message))
  }

  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#timer)
    await this.#client?.end()
  }

  /** A connection whose other end is gone without a word is not told from one on which nothing is said. */
  #beat(client: pg.Client): void {
    this.#timer = setTimeout(() => {
      client.query('select 1').then(
        () => this.#closed || this.#client !== client || this.#beat(client),
        () => client.end().catch(() => {}),
      )
    }, BEAT_MS)
  }

  #again(client: pg.Client): void {
    if (this.#closed || (this.#client !== undefined && client !== this.#client)) return
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      this.start().catch(() => this.#again(client))
    }, AGAIN_MS)
  }
}
