import { execFile } from 'node:child_process'
import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { startOf } from './process-start.ts'

/**
 * The PostgreSQL that this data directory names and that was started with this folder for its socket: both, since after a restart of the
 * machine the number alone may be anybody's, another PostgreSQL's included.
 */
export async function postmasterOf(dataDir: string, socketDir: string): Promise<number | undefined> {
  const pid = await namedIn(dataDir)
  if (pid === undefined) return undefined
  const command = await commandOf(pid)
  return isPostgres(command) && command.includes(`unix_socket_directories=${socketDir}`) ? pid : undefined
}

/**
 * Strikes out the number in a note whose process is gone or serves something else by now. PostgreSQL would take any process of its own user for
 * itself and not start: what is left of one until its parent takes notice, or, in a container, where numbers come again, anybody. Only the
 * number: by the rest PostgreSQL sees children that outlived their first process, and keeps away while they may write.
 */
export async function strikeStaleNote(dataDir: string): Promise<void> {
  const note = await readFile(noteOf(dataDir), 'utf8').catch(() => undefined)
  const pid = numberIn(note)
  if (note === undefined || pid === undefined) return
  if (isPostgres(await commandOf(pid)) && !(await isElsewhere(pid, join(dataDir, 'postgres')))) return
  await writeFile(noteOf(dataDir), note.replace(/^.*/, String(NOBODYS_NUMBER)))
}

// Above the highest number that Linux gives.
const NOBODYS_NUMBER = 4_194_305

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

function noteOf(dataDir: string): string {
  return join(dataDir, 'postgres', 'postmaster.pid')
}

/** The process in the note, if it lives. */
async function namedIn(dataDir: string): Promise<number | undefined> {
  const pid = numberIn(await readFile(noteOf(dataDir), 'utf8').catch(() => undefined))
  return pid !== undefined && (await startOf(pid)) !== undefined ? pid : undefined
}

function numberIn(note: string | undefined): number | undefined {
  const pid = Number(note?.split('\n', 1)[0])
  return Number.isInteger(pid) && pid > 0 ? pid : undefined
}

/** How the process was started, its words divided by NUL where the system tells them apart; empty when that cannot be known. */
async function commandOf(pid: number): Promise<string> {
  if (process.platform === 'linux') {
    return await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
  }
  const ps = promisify(execFile)('ps', ['-ww', '-o', 'command=', '-p', String(pid)])
  return (await ps.catch(() => ({ stdout: '' }))).stdout
}

/** The first process of one: those that it starts carry their task in their name instead. */
function isPostgres(command: string): boolean {
  return /^[^\0]*\/postgres[\0 ]/.test(command)
}

/** Whether it is known to work in another folder than this one. Root without the right to look into processes does not know. */
async function isElsewhere(pid: number, folder: string): Promise<boolean> {
  const [there, here] = await Promise.all([
    stat(`/proc/${pid}/cwd`).catch(() => undefined),
    stat(folder).catch(() => undefined),
  ])
  return there !== undefined && here !== undefined && (there.dev !== here.dev || there.ino !== here.ino)
}
