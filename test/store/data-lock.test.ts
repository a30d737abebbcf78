import assert from 'node:assert/strict'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { startProcess } from '#support/process'
import { takeLock } from '../../src/store/data-lock.ts'
import { startOf } from '../../src/store/process-start.ts'

let folder: string
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tagboat-lock-'))
})
after(() => rm(folder, { recursive: true, force: true }))

const inUse = (pid: number) => ({ message: `${join(folder, 'lock')}: in use by process ${pid}` })

describe("the data directory's lock", { timeout: 30_000 }, () => {
  const file = () => join(folder, 'lock')

  test('has one holder, however many want it at once and whether a dead one left his', async () => {
    for (let round = 0; round < 60; round++) {
      if (round % 2 === 1) await writeFile(file(), '4194305 1\n')
      const tries = await Promise.allSettled(Array.from({ length: 6 }, () => takeLock(file())))
      const held = tries.filter((result) => result.status === 'fulfilled')
      assert.equal(held.length, 1, `round ${round}`)
      for (const { reason } of tries.filter((result) => result.status === 'rejected'))
        assert.match(reason.message, new RegExp(`in use by process ${process.pid}$`))
      await held[0]?.value.release()
    }
    assert.deepEqual(await readdir(folder), [], 'nothing is left behind')
  })

  test('is held by a process that lives, and not by the next one of its number', async () => {
    const other = startProcess(process.execPath, ['-e', "console.log('up'); setInterval(() => {}, 1000)"])
    await other.printed(/up/)
    await writeFile(file(), `${other.pid} ${await startOf(other.pid)}\n`)
    await assert.rejects(takeLock(file()), inUse(other.pid))
    await writeFile(file(), `${other.pid} 1\n`)
    await (await takeLock(file())).release()
    other.kill('SIGKILL')
    await other.finished
  })

  test('is free again when its holder was killed, also while he was clearing up after another', async () => {
    for (const name of ['lock', 'lock.clearing']) await writeFile(join(folder, name), '4194305 1\n')
    const lock = await takeLock(file())
    await lock.release()
    assert.deepEqual(await readdir(folder), [])
  })
})
