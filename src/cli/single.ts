/**
 * The command as one file that needs no Node: all that copies, looks and asks the API, without the service. `npm run single` makes it with Bun,
 * which puts the version in place of `VERSION`.
 */
import { main } from './run.ts'

declare const VERSION: string
declare const Bun: { gc(now: true): void }

/** Bun reads sockets into fresh memory, and is slow to see that it is garbage: a copy would take a third more of it. */
const GARBAGE_BYTES = 20 * 1024 * 1024
const LOOK_MS = 10
setInterval(() => {
  if (process.memoryUsage().external > GARBAGE_BYTES) Bun.gc(true)
}, LOOK_MS).unref()

// No await at the top: what is compiled ahead has none.
void main(process, { version: VERSION }).then((code) => {
  process.exitCode = code
})
