import { randomUUID } from 'node:crypto'
import { open, rename, rm } from 'node:fs/promises'
import type { Readable, Writable } from 'node:stream'
import { type Backup, restore as read, backUp as write } from '#store'
import type { Config } from './config.ts'
import { withData } from './data.ts'
import { readVersion } from './ground.ts'

/**
 * Backs the data up, also beside a running service: into a file that only its owner reads, which is there as a whole or not at all, or to a
 * stream.
 * @throws StartError
 */
export function backUp(config: Config, to: string | Writable, signal: AbortSignal): Promise<Backup> {
  return withData(config, 'the data cannot be backed up', async (data) => {
    const options = { ...data, beside: true, version: await readVersion(), signal }
    return typeof to === 'string' ? intoFile(to, (output) => write(options, output)) : write(options, to)
  })
}

/**
 * Fills empty data with a backup.
 * @throws StartError when it is not empty, the backup is none or is damaged, or the master key is another one; nothing is changed then.
 */
export function restore(config: Config, from: string | Readable, signal: AbortSignal): Promise<Backup> {
  return withData(config, 'the backup cannot be restored', async (data) => {
    if (typeof from !== 'string') return read({ ...data, signal }, from)
    // Opened before anything else is done.
    await using file = await open(from, 'r')
    return await read({ ...data, signal }, file.createReadStream())
  })
}

async function intoFile<T>(place: string, fill: (output: Writable) => Promise<T>): Promise<T> {
  const draft = `${place}.${randomUUID()}`
  await using file = await open(draft, 'wx', 0o600)
  try {
    const filled = await fill(file.createWriteStream({ flush: true }))
    await rename(draft, place)
    return filled
  } finally {
    await rm(draft, { force: true })
  }
}
