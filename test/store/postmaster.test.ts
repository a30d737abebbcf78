import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFile, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import pg from 'pg'
import { type EmbeddedPostgres, findEmbedded, startEmbedded } from '../../src/store/embedded.ts'
import { startOf } from '../../src/store/process-start.ts'

let root: string
let one: string
let two: string
before(async () => {
  root = await mkdtemp(join(tmpdir(), 'tagboat-postmaster-'))
  one = join(root, 'one')
  two = join(root, 'two')
})
after(() => rm(root, { recursive: true, force: true }))

async function using(dataDir: string, work: (postgres: EmbeddedPostgres) => Promise<void>): Promise<void> {
  const postgres = await startEmbedded({ dataDir })
  try {
    await work(postgres)
  } finally {
    await postgres.stop()
  }
}

const noteOf = (dataDir: string) => join(dataDir, 'postgres', 'postmaster.pid')

// As after a restart of the machine or container: the number in the note was given to somebody else.
describe('a note of a PostgreSQL that is no more', { timeout: 60_000 }, () => {
  test("leaves another directory's PostgreSQL alone that has its number now", async () => {
    const record = join(two, 'postgres.json')
    await using(two, () => copyFile(record, join(root, 'record')))
    await copyFile(join(root, 'record'), record)
    await using(one, async ({ pid, connection }) => {
      await copyFile(noteOf(one), noteOf(two))
      await using(two, async (second) => {
        assert.notEqual(second.pid, pid)
        assert.ok((await startOf(pid)) !== undefined, 'it runs on')
        assert.deepEqual(await findEmbedded(one), connection)
      })
      assert.deepEqual(await findEmbedded(one), connection)
    })
  })

  test('does not stand in the way when a process that is no PostgreSQL has its number', async () => {
    // PostgreSQL believes the note as long as a process of its own user has the number.
    const { uid, gid } = await stat(join(one, 'postgres'))
    const other = spawn('/bin/sleep', ['60'], { uid, gid, stdio: 'ignore' })
    await once(other, 'spawn')
    try {
      await writeFile(noteOf(one), `${other.pid}\n/proc/self/fd/3\n1\n5432\n\n\n`)
      await using(one, async ({ pid }) => assert.notEqual(pid, other.pid))
      assert.equal(other.exitCode ?? other.signalCode, null, 'it was not ended')
    } finally {
      other.kill('SIGKILL')
    }
  })

  test('is believed as long as children of the one that was killed may still write', async () => {
    const killed = await startEmbedded({ dataDir: one })
    const client = new pg.Client(killed.connection)
    client.on('error', () => {})
    await client.connect()
    const { rows } = await client.query('select pg_backend_pid() as pid')
    const child: number = rows[0].pid
    process.kill(child, 'SIGSTOP')
    process.kill(killed.pid, 'SIGKILL')
    // Whoever had it is gone too, as far as the next one can see.
    await rm(join(one, 'lock'))
    let letGoAt = 0
    setTimeout(() => {
      letGoAt = performance.now()
      process.kill(child, 'SIGCONT')
    }, 700)
    await using(one, async () => {
      assert.ok(letGoAt > 0 && performance.now() > letGoAt, 'it came up while a child was alive')
    })
    await client.end().catch(() => {})
  })
})
