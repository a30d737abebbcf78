import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { openStore } from '#store'
import { startEmbedded } from '../../src/store/embedded.ts'

/** One PostgreSQL, and in it a database with the whole schema, which others are copied from in a fraction of the time that making it takes. */
export interface TestPostgres {
  /** The folder of its socket. */
  readonly host: string
  readonly template: string
  /** What all databases that are copied from the template are sealed with. */
  readonly masterKeyFile: string
}

/** Where the runner's one is told to the files that it runs. */
export const TEST_SERVER = 'POSTGRES_OF_TESTS'

const TEMPLATE = 'template_of_tests'

export async function startTestPostgres(): Promise<TestPostgres & { stop(): Promise<void> }> {
  const dataDir = await mkdtemp(join(tmpdir(), 'tagboat-test-'))
  const postgres = await startEmbedded({ dataDir, maxConnections: 200 })
  const { host } = postgres.connection
  // What is thrown away in a moment need not survive a power cut.
  await askTestPostgres(host, 'alter system set fsync = off', 'select pg_reload_conf()')
  await askTestPostgres(host, `create database ${TEMPLATE}`)
  const masterKeyFile = join(dataDir, 'master.key')
  const open = await openStore({ database: { kind: 'url', url: urlOf(host, TEMPLATE) }, masterKeyFile })
  await open.close()
  const stop = async (): Promise<void> => {
    await postgres.stop()
    await rm(dataDir, { recursive: true, force: true })
  }
  return { host, template: TEMPLATE, masterKeyFile, stop }
}

export function urlOf(host: string, database: string): string {
  return `postgres://tagboat@/${database}?host=${encodeURIComponent(host)}`
}

export async function askTestPostgres(host: string, ...statements: readonly string[]): Promise<void> {
  const client = new pg.Client({ connectionString: urlOf(host, 'tagboat') })
  await client.connect()
  try {
    for (const statement of statements) await client.query(statement)
  } finally {
    await client.end()
  }
}

let runners: Awaited<ReturnType<typeof startTestPostgres>> | undefined

/** Called by the test runner (`--test-global-setup`) before all files. */
export async function globalSetup(): Promise<void> {
  runners = await startTestPostgres()
  const { stop: _, ...told } = runners
  process.env[TEST_SERVER] = JSON.stringify(told)
}

/** Called by the test runner after all files. */
export async function globalTeardown(): Promise<void> {
  await runners?.stop()
}
