import { join } from 'node:path'
import { TEST_SERVER } from './data-dir.ts'
import { startTestPostgres } from './postgres.ts'
import { runProcess } from './process.ts'

let postgres: Awaited<ReturnType<typeof startTestPostgres>> | undefined

/** Called by the test runner (`--test-global-setup`) before all files: a PostgreSQL for all of them, and the bundle of the sources as they are. */
export async function globalSetup(): Promise<void> {
  const bundle = await runProcess(process.execPath, ['scripts/bundle.ts', '--if-old'], {
    cwd: join(import.meta.dirname, '../..'),
  })
  if (bundle.code !== 0) throw new Error(`the bundle was not made:\n${bundle.stderr}`)
  postgres = await startTestPostgres()
  const { stop: _, ...told } = postgres
  process.env[TEST_SERVER] = JSON.stringify(told)
}

/** Called by the test runner after all files. */
export async function globalTeardown(): Promise<void> {
  await postgres?.stop()
}
