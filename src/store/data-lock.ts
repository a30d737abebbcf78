import { open, readFile, rm } from 'node:fs/promises'

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

/** When the process started, in the system's own count; undefined when there is no such process. */
async function startOf(pid: number): Promise<string | undefined> {
  if (process.platform === 'linux') {
    const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined)
    // The name in parentheses may hold spaces: the fields are counted from behind it. The start is the 22nd.
    const [state, ...fields] = text?.slice(text.lastIndexOf(')') + 2).split(' ') ?? []
    return state === undefined || state === 'Z' ? undefined : fields[18]
  }
  try {
    process.kill(pid, 0)
    return 'unknown'
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM' ? 'unknown' : undefined
  }
}
