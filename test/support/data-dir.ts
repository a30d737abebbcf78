import { join } from 'node:path'
import { runProcess } from './process.ts'

/** One PostgreSQL, and in it a database with the whole schema, which others are copied from in a fraction of the time that making it takes. */
export interface TestPostgres {
  /** The folder of its socket. */
  readonly host: string
  readonly template: string
  /** What all databases that are copied from the template are sealed with. */
  readonly masterKeyFile: string
  /** A data directory as a service leaves it that was started once: its master key, and a PostgreSQL with the whole schema that does not run. */
  readonly used: string
}

/** Where the runner's one is told to the files that it runs. */
export const TEST_SERVER = 'POSTGRES_OF_TESTS'

/** The runner's one (test/support/setup.ts), if it was the runner who started this file. */
export function runnersPostgres(): TestPostgres | undefined {
  const told = process.env[TEST_SERVER]
  return told === undefined ? undefined : JSON.parse(told)
}

/**
 * Fills a data directory as a first start would, in a fraction of that time: with these parts of it. Without the runner's PostgreSQL it stays
 * empty.
 */
export async function fillDataDir(dataDir: string, parts = ['master.key', 'postgres']): Promise<void> {
  const used = runnersPostgres()?.used
  if (used === undefined) return
  const paths = parts.map((part) => join(used, part))
  await copyAsIs(paths, dataDir)
}

/** With their owners, which PostgreSQL insists on. */
export async function copyAsIs(paths: readonly string[], folder: string): Promise<void> {
  const { code, stderr } = await runProcess('cp', ['-a', ...paths, folder])
  if (code !== 0) throw new Error(`nothing was copied into ${folder}: ${stderr}`)
}
