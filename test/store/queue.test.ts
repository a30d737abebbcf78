import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { ExecutionId, Priority } from '#model'
import { type OpenStore, openStore } from '#store'
import { type Running, startProcess } from '#support/process'
import { startStore, type TestStore } from '#support/store'

const id = (number: number) => number as ExecutionId

/** Takes each job it is given, says so, and never ends it. */
const HOLDER = `
  import { openStore } from '#store'
  const [dataDir, masterKeyFile] = process.argv.slice(1)
  const { work } = await openStore({ database: { kind: 'embedded', dataDir }, masterKeyFile, exclusive: true })
  await work.start((id) => { console.log('took ' + id); return new Promise(() => {}) }, { concurrency: 4 })
  console.log('works')
  setInterval(() => {}, 60_000)`

function startHolder(...args: readonly string[]): Running {
  return startProcess(
    process.execPath,
    ['--conditions=tagboat-source', '--input-type=module', '-e', HOLDER, ...args],
    { cwd: join(import.meta.dirname, '..', '..'), timeoutMs: 60_000 },
  )
}

async function kill(holder: Running): Promise<void> {
  holder.kill('SIGKILL')
  await holder.finished
}

/** The jobs in the order in which they are handed over, until there are so many. */
async function take(open: Pick<OpenStore, 'work'>, count: number): Promise<readonly ExecutionId[]> {
  const taken: ExecutionId[] = []
  const all = Promise.withResolvers<void>()
  await open.work.start(
    async (job) => {
      taken.push(job)
      if (taken.length === count) all.resolve()
    },
    { concurrency: 1 },
  )
  await all.promise
  return taken
}

describe('the queue of one database', { timeout: 30_000 }, () => {
  let open: TestStore
  before(async () => {
    open = await startStore()
  })
  after(() => open.close())

  test('hands over the most urgent first, and of equals the one that waited longest', async () => {
    const waiting: readonly [number, Priority][] = [
      [1, 'low'],
      [2, 'normal'],
      [3, 'high'],
      [4, 'normal'],
      [5, 'high'],
    ]
    for (const [number, priority] of waiting) await open.store.queue.enqueue(id(number), { priority })
    assert.deepEqual(await take({ work: open.work() }, 5), [3, 5, 2, 4, 1])
  })
})

describe('an execution that is put in twice', { timeout: 30_000 }, () => {
  let open: TestStore
  before(async () => {
    open = await startStore()
  })
  after(() => open.close())

  test('is handed over once while it waits, and again when it was put in while it ran', async () => {
    const taken: ExecutionId[] = []
    const began = Promise.withResolvers<void>()
    const go = Promise.withResolvers<void>()
    const last = Promise.withResolvers<void>()
    await open.store.queue.enqueue(id(1))
    await open.store.queue.enqueue(id(1))
    await open.store.transaction((within) => within.queue.enqueue(id(1)))
    await open.work().start(
      async (job) => {
        taken.push(job)
        if (job === 2) return last.resolve()
        began.resolve()
        await go.promise
      },
      { concurrency: 1 },
    )
    await began.promise
    await open.store.queue.enqueue(id(1), { priority: 'high' })
    await open.store.queue.enqueue(id(2), { priority: 'low' })
    go.resolve()
    await last.promise
    assert.deepEqual(taken, [1, 1, 2])
  })
})

describe('a worker that is killed', { timeout: 90_000 }, () => {
  let root: string
  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'tagboat-queue-'))
  })
  after(() => rm(root, { recursive: true, force: true }))

  test('when it was the only one: its jobs are handed over as soon as the next one starts', async () => {
    const dataDir = join(root, 'alone')
    const masterKeyFile = join(dataDir, 'master.key')
    const holder = startHolder(dataDir, masterKeyFile)
    await holder.printed(/works/)
    const database = { kind: 'embedded', dataDir } as const
    const beside = await openStore({ database, masterKeyFile, beside: true })
    for (const number of [1, 2]) await beside.store.queue.enqueue(id(number))
    await beside.close()
    for (const number of [1, 2]) await holder.printed(new RegExp(`took ${number}`))
    await kill(holder)
    const next = await openStore({ database, masterKeyFile, exclusive: true })
    try {
      const from = performance.now()
      assert.deepEqual([...(await take(next, 2))].sort(), [1, 2])
      assert.ok(performance.now() - from < 8_000, 'they need not wait for a heartbeat to be missed')
    } finally {
      await next.close()
    }
  })
})
