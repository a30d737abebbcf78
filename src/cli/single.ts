/**
 * The command as one file that needs no Node: all that copies, looks and asks the API, without the service. `npm run single` makes it with Bun,
 * which puts the version in place of `VERSION`.
 */
import { main } from './run.ts'

declare const VERSION: string

// No await at the top: what is compiled ahead has none.
void main(process, { version: VERSION }).then((code) => {
  process.exitCode = code
})
