import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chown, mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { takeLock } from './data-lock.ts'
import { type Binaries, dropBinaries, findBinaries } from './postgres-binaries.ts'
import { gone, killPostmaster, postmasterOf, signal, strikeStaleNote } from './postmaster.ts'
import { makeSocketDir, readRecord } from './whereabouts.ts'

/** Where a running one is reached: a Unix socket, never the network. */
export interface EmbeddedConnection {
  /** The folder that the socket is in. */
  readonly host: string
  readonly port: number
  readonly user: string
  readonly database: string
}

/** A PostgreSQL of our own that runs. */
export interface EmbeddedPostgres {
  readonly connection: EmbeddedConnection
  readonly pid: number
  /** Ends it, politely first, and gives the data directory back. */
  stop(): Promise<void>
}

interface Account {
  readonly uid: number
  readonly gid: number
}

const USER = 'tagboat'
const PORT = 5432
const READY_MS = 30_000
const STOP_MS = 15_000
const STILL_IN_USE = /pre-existing shared memory block .* is still in use/
const SETTINGS = {
  listen_addresses: '',
  shared_buffers: '64MB',
  wal_level: 'minimal',
  max_wal_senders: '0',
  jit: 'off',
  log_min_messages: 'warning',
  timezone: 'UTC',
}

/**
 * Starts the embedded PostgreSQL on `<dataDir>/postgres`, made on the first day (about a second), or takes over the one that a killed process
 * left running. As root it runs as `nobody`, since it refuses root. It outlives this process if that is killed, and is then taken over.
 * @throws Error when another live process has the directory, or it does not come up, with the last lines of its log.
 */
export async function startEmbedded(options: {
  readonly dataDir: string
  readonly log?: (message: string) => void
  /** Of all who share it; 60, where nothing is said, do for a service and some workers. */
  readonly maxConnections?: number
}): Promise<EmbeddedPostgres> {
  const { dataDir, log = () => {}, maxConnections = 60 } = options
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  const lock = await takeLock(join(dataDir, 'lock'))
  try {
    const left = await runningOn(dataDir)
    const running = left === undefined ? undefined : await findEmbedded(dataDir)
    if (left !== undefined && running !== undefined) {
      log(`took over the PostgreSQL that was left running (process ${left})`)
      return { connection: running, pid: left, stop: () => stopPostmaster(dataDir, left, lock.release) }
    }
    if (left !== undefined) await killPostmaster(left)
    await strikeStaleNote(dataDir)
    const { pid, connection } = await launch(dataDir, maxConnections)
    await createDatabase(connection)
    return { connection, pid, stop: () => stopPostmaster(dataDir, pid, lock.release) }
  } catch (error) {
    await lock.release()
    throw error
  }
}

/** How the one that runs on this data directory is reached; undefined when none answers. */
export async function findEmbedded(dataDir: string): Promise<EmbeddedConnection | undefined> {
  const recorded = await readRecord(dataDir)
  if (recorded === undefined || (await runningOn(dataDir)) === undefined) return undefined
  const connection = connectionTo(recorded.socketDir)
  return (await answers(connection)) ? connection : undefined
}

async function runningOn(dataDir: string): Promise<number | undefined> {
  const recorded = await readRecord(dataDir)
  return recorded && postmasterOf(dataDir, recorded.socketDir)
}

async function launch(
  dataDir: string,
  maxConnections: number,
): Promise<{ readonly pid: number; readonly connection: EmbeddedConnection }> {
  const account = await accountToRunAs()
  const binaries = await findBinaries(account !== undefined)
  try {
    await initialize(dataDir, binaries, account)
    await writeAccess(dataDir, account)
    const socketDir = await makeSocketDir(dataDir, binaries, account)
    const own = { max_connections: maxConnections, unix_socket_directories: socketDir }
    const args = Object.entries({ ...SETTINGS, ...own }).flatMap(([name, value]) => [
      '-c',
      `${name}=${value}`,
    ])
    for (const deadline = Date.now() + READY_MS; ; await sleep(50)) {
      const child = await run(dataDir, binaries, account, 'postgres', 'postgres', args)
      const connection = connectionTo(socketDir)
      if (await ready(child, connection, deadline)) {
        child.unref()
        return { pid: child.pid ?? 0, connection }
      }
      const words = await lastLog(dataDir)
      // Children of one that was killed write no more in a moment.
      if (Date.now() < deadline && STILL_IN_USE.test(words.split('\n').slice(-3).join('\n'))) continue
      throw new Error(`PostgreSQL did not come up\n${words}`)
    }
  } catch (error) {
    await dropBinaries(binaries)
    throw error
  }
}

/** PostgreSQL refuses to run as root; only a user with a name will do. */
async function accountToRunAs(): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined
  const users = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'))
  const nobody = users.find(([name]) => name === 'nobody')
  if (nobody === undefined)
    throw new Error('PostgreSQL does not run as root, and there is no user nobody to run it as')
  return { uid: Number(nobody[2]), gid: Number(nobody[3]) }
}

/** Beside its place first, then renamed: what is killed half-way is not mistaken for a database. */
async function initialize(dataDir: string, binaries: Binaries, account: Account | undefined): Promise<void> {
  const done = await stat(join(dataDir, 'postgres')).catch(() => undefined)
  if (done !== undefined) return
  const fresh = join(dataDir, 'postgres.new')
  await rm(fresh, { recursive: true, force: true })
  await mkdir(fresh, { mode: 0o700 })
  if (account !== undefined) await chown(fresh, account.uid, account.gid)
  const args = ['-U', USER, '-A', 'peer', '-E', 'UTF8', '--no-locale', '--no-instructions']
  const child = await run(dataDir, binaries, account, 'initdb', 'postgres.new', args)
  const [code] = await once(child, 'exit')
  if (code !== 0) throw new Error(`PostgreSQL's initdb failed\n${await lastLog(dataDir)}`)
  await rename(fresh, join(dataDir, 'postgres'))
}

/** Nobody but the user who started it, known by the kernel's word, gets in. */
async function writeAccess(dataDir: string, account: Account | undefined): Promise<void> {
  const files = {
    'pg_hba.conf': `local all ${USER} peer map=owner\n`,
    'pg_ident.conf': `owner ${userInfo().username} ${USER}\n`,
  }
  for (const [name, text] of Object.entries(files)) {
    const file = join(dataDir, 'postgres', name)
    await writeFile(file, text, { mode: 0o600 })
    if (account !== undefined) await chown(file, account.uid, account.gid)
  }
}

/**
 * Starts a program of PostgreSQL on a folder of the data directory. The folder is opened here and handed over: its own user may not be able to
 * walk there. In a session of its own, so that Ctrl-C reaches this process alone; its words go to a file, so that it outlives this process.
 */
async function run(
  dataDir: string,
  { folder }: Binaries,
  account: Account | undefined,
  program: string,
  below: string,
  args: readonly string[],
): Promise<ChildProcess> {
  const [directory, output] = await Promise.all([
    open(join(dataDir, below), 'r'),
    open(join(dataDir, 'postgres.log'), program === 'initdb' ? 'w' : 'a', 0o600),
  ])
  try {
    const data = process.platform === 'linux' ? '/proc/self/fd/3' : join(dataDir, below)
    const child = spawn(join(folder, 'bin', program), ['-D', data, ...args], {
      stdio: ['ignore', output.fd, output.fd, directory.fd],
      cwd: '/',
      detached: true,
      env: { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' },
      ...account,
    })
    await once(child, 'spawn')
    return child
  } finally {
    await Promise.all([directory.close(), output.close()])
  }
}

function connectionTo(host: string): EmbeddedConnection {
  return { host, port: PORT, user: USER, database: USER }
}

/** Whether it answers before it ends, or time does. */
async function ready(
  child: ChildProcess,
  connection: EmbeddedConnection,
  deadline: number,
): Promise<boolean> {
  while (Date.now() < deadline) {
    if (await answers({ ...connection, database: 'postgres' })) return true
    if (child.exitCode !== null || child.signalCode !== null) return false
    await sleep(10)
  }
  child.kill('SIGQUIT')
  return false
}

async function answers(connection: EmbeddedConnection): Promise<boolean> {
  const client = new pg.Client({ ...connection, connectionTimeoutMillis: 2_000 })
  client.on('error', () => {})
  try {
    await client.connect()
    await client.end()
    return true
  } catch {
    return false
  }
}

async function createDatabase(connection: EmbeddedConnection): Promise<void> {
  const client = new pg.Client({ ...connection, database: 'postgres' })
  await client.connect()
  try {
    const { rowCount } = await client.query('select from pg_database where datname = $1', [
      connection.database,
    ])
    if (rowCount === 0) await client.query(`create database ${connection.database}`)
  } finally {
    await client.end()
  }
}

async function stopPostmaster(dataDir: string, pid: number, release: () => Promise<void>): Promise<void> {
  signal(pid, 'SIGINT')
  if (!(await gone(pid, STOP_MS))) await killPostmaster(pid)
  const record = await readRecord(dataDir)
  if (record !== undefined) {
    await rm(record.socketDir, { recursive: true, force: true })
    await dropBinaries(record.binaries)
    await rm(join(dataDir, 'postgres.json'), { force: true })
  }
  await release()
}

async function lastLog(dataDir: string): Promise<string> {
  const text = await readFile(join(dataDir, 'postgres.log'), 'utf8').catch(() => '')
  return text.split('\n').slice(-12).join('\n').trim()
}
