import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { openStore } from '#store'
import { startEmbedded } from '../../src/store/embedded.ts'
import { copyAsIs, type TestPostgres } from './data-dir.ts'

export async function startTestPostgres(): Promise<TestPostgres & { stop(): Promise<void> }> {
  const dataDir = await mkdtemp(join(tmpdir(), 'tagboat-test-'))
  const masterKeyFile = join(dataDir, 'master.key')
  const open = await openStore({ database: { kind: 'embedded', dataDir }, masterKeyFile })
  await open.close()
  const used = join(dataDir, 'used')
  await mkdir(used)
  await copyAsIs([masterKeyFile, join(dataDir, 'postgres')], used)
  const postgres = await startEmbedded({ dataDir, maxConnections: 200 })
  const { host, database } = postgres.connection
  // What is thrown away in a moment need not survive a power cut.
  await askTestPostgres(host, 'alter system set fsync = off', 'select pg_reload_conf()')
  const stop = async (): Promise<void> => {
    await postgres.stop()
    await rm(dataDir, { recursive: true, force: true })
  }
  return { host, template: database, masterKeyFile, used, stop }
}

export function urlOf(host: string, database: string): string {
  return `postgres://tagboat@/${database}?host=${encodeURIComponent(host)}`
}

/** Asks it by a database that nobody copies: nobody may be in one that is copied. */
export async function askTestPostgres(host: string, ...statements: readonly string[]): Promise<void> {
  const client = new pg.Client({ connectionString: urlOf(host, 'postgres') })
  await client.connect()
  try {
    for (const statement of statements) await client.query(statement)
  } finally {
    await client.end()
  }
}
