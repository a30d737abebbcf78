import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startOf } from './process-start.ts'

/** The process that says it serves this data directory, if it lives and is a PostgreSQL. */
export async function postmasterOf(dataDir: string): Promise<number | undefined> {
  const text = await readFile(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8').catch(() => '')
  const pid = Number(text.split('\n', 1)[0])
  if (!Number.isInteger(pid) || pid <= 0 || (await startOf(pid)) === undefined) return undefined
  if (process.platform !== 'linux') return pid
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
  return /^[^\0]*\/postgres\0/.test(command) ? pid : undefined
}

/** Ends it at once. Its own crash recovery makes up for the impoliteness. */
export async function killPostmaster(pid: number): Promise<void> {
  signal(pid, 'SIGQUIT')
  if (await gone(pid, 5_000)) return
  signal(pid, 'SIGKILL')
  await gone(pid, 5_000)
}

/** Whether it has ended, waiting so long for that. */
export async function gone(pid: number, withinMs: number): Promise<boolean> {
  for (const deadline = Date.now() + withinMs; Date.now() < deadline; await sleep(10)) {
    if ((await startOf(pid)) === undefined) return true
  }
  return false
}

/** Sends a signal; one that is gone already needs none. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
