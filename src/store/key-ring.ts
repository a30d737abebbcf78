import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { chown, link, mkdir, open, readFile, realpath, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'

const KEY_BYTES = 32
const REREAD_MS = 1_000

/** A master key, called by the first digits of its hash. */
export interface Key {
  readonly id: string
  readonly bytes: Buffer
}

/** A key that nobody has seen. */
export function makeKey(): Key {
  return toKey(randomBytes(KEY_BYTES))
}

/**
 * The master keys in a file, one a line, the newest first. There is one, but while keys are rotated. One that was read is known until the
 * process ends: what was loaded before it was retired still opens.
 */
export class KeyRing {
  readonly file: string
  #keys: readonly Key[]
  readonly #known = new Map<string, Key>()
  #readAt = Number.NEGATIVE_INFINITY

  private constructor(file: string, keys: readonly Key[]) {
    this.file = file
    this.#keys = keys
    for (const key of keys) this.#known.set(key.id, key)
  }

  /**
   * Reads the file; makes one with a key, readable by its owner alone, where there is none and `create` allows it.
   * @throws Error when there is none, or a line of it is not 32 bytes of hexadecimal.
   */
  static async open({
    keyFile,
    create,
  }: {
    readonly keyFile: string
    readonly create: boolean
  }): Promise<KeyRing> {
    const text = await readFile(keyFile, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined
      throw new Error(`the master key ${keyFile} cannot be read (${error.code})`, { cause: error })
    })
    if (text === undefined && !create)
      throw new Error(`the master key ${keyFile} is missing: the database was sealed with it`)
    return new KeyRing(keyFile, parseKeys(text ?? (await createKey(keyFile)), keyFile))
  }

  /** As the file had them when it was last read. */
  get keys(): readonly [Key, ...Key[]] {
    return this.#keys as [Key, ...Key[]]
  }

  /** The key of this id. For one that is not known the file is read again, once a second at most: it may have been added. */
  find(id: string): Key | undefined {
    if (!this.#known.has(id) && performance.now() - this.#readAt > REREAD_MS) this.reread()
    return this.#known.get(id)
  }

  /** Looks what the file has now. One that cannot be read, or is half written by hand, changes nothing. */
  reread(): void {
    this.#readAt = performance.now()
    try {
      this.#keys = parseKeys(readFileSync(this.file, 'utf8'), this.file)
    } catch {
      return
    }
    for (const key of this.#keys) this.#known.set(key.id, key)
  }

  /** Writes these in place of those that the file has, as a whole or not at all. */
  async write(keys: readonly [Key, ...Key[]]): Promise<void> {
    const place = await realpath(this.file)
    await withDraft(place, keys, (draft) => rename(draft, place))
    this.reread()
  }

  /** Keeps a key in a file of its own beside the others', under its id, and answers where. */
  async setAside(key: Key): Promise<string> {
    const place = `${await realpath(this.file)}.${key.id}`
    await withDraft(place, [key], (draft) => rename(draft, place))
    return place
  }
}

function toKey(bytes: Buffer): Key {
  return { id: createHash('sha256').update(bytes).digest('hex').slice(0, 8), bytes }
}

function parseKeys(text: string, keyFile: string): readonly Key[] {
  const lines = text.trim().split(/\s*\n\s*/)
  if (!lines.every((line) => /^[0-9a-f]{64}$/i.test(line)))
    throw new Error(`the master key ${keyFile} is not ${KEY_BYTES} bytes in hexadecimal, on each line`)
  return lines.map((line) => toKey(Buffer.from(line, 'hex')))
}

async function createKey(keyFile: string): Promise<string> {
  await mkdir(dirname(keyFile), { recursive: true, mode: 0o700 })
  // Never over a key that somebody else made at the same moment: then that one is ours too.
  await withDraft(keyFile, [makeKey()], (draft) =>
    link(draft, keyFile).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
    }),
  )
  return readFile(keyFile, 'utf8')
}

/** Written and on the disk before it gets to its place, and readable there by whoever owned what was there. */
async function withDraft(
  place: string,
  keys: readonly Key[],
  put: (draft: string) => Promise<void>,
): Promise<void> {
  const before = await stat(place).catch(() => undefined)
  const draft = `${place}.${randomUUID()}`
  const file = await open(draft, 'wx', 0o600)
  try {
    await file.writeFile(keys.map(({ bytes }) => `${bytes.toString('hex')}\n`).join(''))
    await file.sync()
    if (before !== undefined && before.uid !== process.geteuid?.()) await chown(draft, before.uid, before.gid)
    await put(draft)
  } finally {
    await file.close()
    await rm(draft, { force: true })
  }
}
