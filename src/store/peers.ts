import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import type { Database } from './database.ts'
import type { Listener } from './listener.ts'

/** How processes on one database keep out of each other's way at registries. */
export interface KeptPeers {
  tellPause(origin: string, ms: number): void
  /** Resolves when it listens: what is told before is not heard. */
  onPause(heard: (origin: string, ms: number) => void): Promise<void>
  alone(name: string, signal?: AbortSignal): Promise<() => void>
  close(): void
}

const PAUSES = 'tagboat_pauses'
/** How long others wait for one that is not heard of any more. */
const FLIGHT_MS = 6000
const LOOK_MS = 150

/**
 * Flights are rows, each with a time until which it is believed, since whoever sleeps keeps a lock for as long. To begin one costs one round trip; its end is
 * waited for by nobody.
 */
export function keepPeers(
  db: Database,
  listener: Listener,
  log: (message: string) => void,
  flightMs = FLIGHT_MS,
): KeptPeers {
  const self = randomUUID()
  const flying = new Set<string>()
  let flights = 0
  const complain = (error: Error): void => log(`other processes were not told: ${error.message}`)
  const until = sql`now() + ${flightMs} * interval '1 millisecond'`
  const renewing = setInterval(() => {
    if (flying.size === 0) return
    sql`update flights set until = ${until} where holder = any(${[...flying]})`.execute(db).catch(complain)
  }, flightMs / 3)
  renewing.unref()

  const take = async (name: string, holder: string): Promise<boolean> => {
    const { rows } = await sql`
      insert into flights as f values (${name}, ${holder}, ${until})
      on conflict (name) do update set holder = excluded.holder, until = excluded.until where f.until < now()
      returning 1`.execute(db)
    return rows.length > 0
  }
  return {
    tellPause(origin, ms) {
      const told = JSON.stringify({ by: self, origin, ms })
      sql`select pg_notify(${PAUSES}, ${told})`.execute(db).catch(complain)
    },
    async onPause(heard) {
      await listener.hear(PAUSES, (payload) => {
        const { by, origin, ms } = JSON.parse(payload) as { by: string; origin: string; ms: number }
        if (by !== self) heard(origin, ms)
      })
    },
    async alone(name, signal) {
      flights += 1
      const holder = `${self} ${flights}`
      // Before it is taken: what is taken and then aborted is let go of in the same way.
      flying.add(holder)
      const leave = (): void => {
        flying.delete(holder)
        sql`delete from flights where name = ${name} and holder = ${holder}`.execute(db).catch(complain)
      }
      try {
        // A database that is away is no reason to wait: it is asked before anything that counts.
        while (!(await take(name, holder).catch(() => true)))
          await sleep(LOOK_MS, undefined, signal && { signal })
        return leave
      } catch (error) {
        flying.delete(holder)
        throw error
      }
    },
    close() {
      clearInterval(renewing)
    },
  }
}
