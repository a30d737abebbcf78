import { randomUUID } from 'node:crypto'
import { link, readFile, rm, writeFile } from 'node:fs/promises'
import { startOf } from './process-start.ts'

/** The right of one process to a data directory. */
export interface DataLock {
  release(): Promise<void>
}

const ATTEMPTS = 20

/**
 * Takes the lock file for this process. The lock of a process that is gone, or whose number another one has now, does not count: `kill -9`
 * releases it.
 * @throws Error naming the process that holds it.
 */
export async function takeLock(file: string): Promise<DataLock> {
  // Written first and linked to its place then, so that nobody ever sees a lock that does not say yet whose it is.
  const draft = `${file}.${process.pid}.${randomUUID()}`
  await writeFile(draft, `${process.pid} ${(await startOf(process.pid)) ?? 'unknown'}\n`, { mode: 0o600 })
  try {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      if (await linked(draft, file)) return { release: () => rm(file, { force: true }) }
      await refuseLiving(file)
      await clear(file, draft)
    }
  } finally {
    await rm(draft, { force: true })
  }
  throw new Error(`${file}: the lock could not be taken`)
}

/** Removes a dead one's lock. Those who want to take turns, or one would remove what another has just taken. */
async function clear(file: string, draft: string): Promise<void> {
  const turn = `${file}.clearing`
  if (!(await linked(draft, turn))) {
    await refuseLiving(turn, file)
    await rm(turn, { force: true })
    return
  }
  try {
    await refuseLiving(file)
    await rm(file, { force: true })
  } finally {
    await rm(turn, { force: true })
  }
}

async function linked(draft: string, file: string): Promise<boolean> {
  try {
    await link(draft, file)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    return false
  }
}

async function refuseLiving(file: string, named = file): Promise<void> {
  const [pid = '', start] = (await readFile(file, 'utf8').catch(() => '')).trim().split(' ')
  const now = /^\d+$/.test(pid) ? await startOf(Number(pid)) : undefined
  if (now !== undefined && now === start) throw new Error(`${named}: in use by process ${pid}`)
}
