import { open, readFile, rm } from 'node:fs/promises'
import { startOf } from './process-start.ts'

/** The right of one process to a data directory. */
export interface DataLock {
  release(): Promise<void>
}

/**
 * Takes the lock file for this process. The lock of a process that is gone, or whose number another one has now, does not count: `kill -9`
 * releases it.
 * @throws Error naming the process that holds it.
 */
export async function takeLock(file: string): Promise<DataLock> {
  const mine = `${process.pid} ${(await startOf(process.pid)) ?? 'unknown'}\n`
  for (let attempt = 0; attempt < 5; attempt++) {
    const handle = await open(file, 'wx', 0o600).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
      return undefined
    })
    if (handle !== undefined) {
      await handle.writeFile(mine)
      await handle.close()
      return { release: () => rm(file, { force: true }) }
    }
    const holder = await readFile(file, 'utf8').catch(() => '')
    const [pid = '', start] = holder.trim().split(' ')
    const now = /^\d+$/.test(pid) ? await startOf(Number(pid)) : undefined
    if (now !== undefined && now === start) throw new Error(`${file}: in use by process ${pid}`)
    await rm(file, { force: true })
  }
  throw new Error(`${file}: the lock could not be taken`)
}
