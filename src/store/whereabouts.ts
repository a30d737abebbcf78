import { chown, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Binaries, dropBinaries, temporaryFolder } from './postgres-binaries.ts'

// A socket's path may have 107 bytes.
const LONGEST = 60

/** A short path that its user can reach; recorded, so that the next process finds the socket. */
export async function makeSocketDir(
  dataDir: string,
  binaries: Binaries,
  account: { readonly uid: number; readonly gid: number } | undefined,
): Promise<string> {
  const before = await readRecord(dataDir)
  if (before !== undefined) await rm(before.socketDir, { recursive: true, force: true })
  if (before !== undefined) await dropBinaries(before.binaries)
  const base = await temporaryFolder(account !== undefined)
  const socketDir = await mkdtemp(join(base.length > LONGEST ? '/tmp' : base, 'tagboat-'))
  if (account !== undefined) await chown(socketDir, account.uid, account.gid)
  await writeRecord(dataDir, { socketDir, binaries })
  return socketDir
}

/** What lies outside of the data directory and belongs to the one that runs on it. */
export interface Whereabouts {
  readonly socketDir: string
  readonly binaries: Binaries
}

/** What the last start noted; undefined when it was stopped as it should be. */
export async function readRecord(dataDir: string): Promise<Whereabouts | undefined> {
  const text = await readFile(join(dataDir, 'postgres.json'), 'utf8').catch(() => undefined)
  return text === undefined ? undefined : (JSON.parse(text) as Whereabouts)
}

/** As a whole or not at all: half of one would stand in the way of every start after a kill. */
async function writeRecord(dataDir: string, record: Whereabouts): Promise<void> {
  const file = join(dataDir, 'postgres.json')
  await writeFile(`${file}.new`, JSON.stringify(record), { mode: 0o600 })
  await rename(`${file}.new`, file)
}
