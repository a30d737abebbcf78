import { createCipheriv, createDecipheriv, createHash, randomBytes, randomUUID } from 'node:crypto'
import { link, mkdir, open, readFile, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { type Json, ModelError, Secret } from '#model'

const KEY_BYTES = 32
const NONCE_BYTES = 12
const TAG_BYTES = 16
const VERSION = 'v1'

/**
 * Seals secrets with AES-256-GCM under the master key. A sealed text opens only under this key and at the place that it was sealed for:
 * one that was moved to another row does not.
 */
export class Seal {
  readonly #key: Buffer
  readonly #keyId: string

  private constructor(key: Buffer) {
    this.#key = key
    this.#keyId = createHash('sha256').update(key).digest('hex').slice(0, 8)
  }

  /**
   * Reads the master key; makes one, readable by its owner alone, where there is none and `create` allows it.
   * @throws Error when there is none, or it is not 32 bytes of hexadecimal.
   */
  static async open({
    keyFile,
    create,
  }: {
    readonly keyFile: string
    readonly create: boolean
  }): Promise<Seal> {
    const text = await readFile(keyFile, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined
      throw new Error(`the master key ${keyFile} cannot be read (${error.code})`, { cause: error })
    })
    if (text === undefined && !create)
      throw new Error(`the master key ${keyFile} is missing: the database was sealed with it`)
    const hex = text?.trim() ?? (await writeKey(keyFile))
    if (!/^[0-9a-f]{64}$/i.test(hex))
      throw new Error(`the master key ${keyFile} is not ${KEY_BYTES} bytes in hexadecimal`)
    return new Seal(Buffer.from(hex, 'hex'))
  }

  /** The text, sealed to `place`: `table/row/column`. */
  seal(text: string, place: string): string {
    const nonce = randomBytes(NONCE_BYTES)
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce).setAAD(Buffer.from(place))
    const sealed = Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()])
    return `${VERSION}.${this.#keyId}.${sealed.toString('base64url')}`
  }

  /** @throws ModelError SECRET_UNREADABLE */
  unseal(sealed: string, place: string): Secret {
    const [version, keyId, text = ''] = sealed.split('.')
    if (version !== VERSION || keyId !== this.#keyId) throw unreadable('it is sealed with another key')
    const bytes = Buffer.from(text, 'base64url')
    if (bytes.length < NONCE_BYTES + TAG_BYTES) throw unreadable('it is cut short')
    const decipher = createDecipheriv('aes-256-gcm', this.#key, bytes.subarray(0, NONCE_BYTES))
    decipher.setAAD(Buffer.from(place)).setAuthTag(bytes.subarray(-TAG_BYTES))
    try {
      const open = [decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]
      return new Secret(Buffer.concat(open).toString('utf8'))
    } catch {
      throw unreadable('it was altered, or sealed for another place')
    }
  }

  /** The value as JSON, each Secret in it sealed to its own place below `place`: two of one row cannot be exchanged either. */
  sealTree(value: unknown, place: string): Json {
    if (value instanceof Secret) return { $sealed: this.seal(value.reveal(), place) }
    if (Array.isArray(value)) return value.map((item, index) => this.sealTree(item, `${place}/${index}`))
    if (typeof value !== 'object' || value === null) return (value ?? null) as Json
    const members = Object.entries(value).filter(([, member]) => member !== undefined)
    return Object.fromEntries(
      members.map(([name, member]) => [
        name.replace(MARK, '$$$&'),
        this.sealTree(member, `${place}/${name}`),
      ]),
    )
  }

  /** What {@link Seal.sealTree} was given. A secret that does not open says so when it is asked for, not before. */
  openTree(value: Json, place: string): unknown {
    if (Array.isArray(value)) return value.map((item, index) => this.openTree(item, `${place}/${index}`))
    if (typeof value !== 'object' || value === null) return value
    const { $sealed } = value as { readonly $sealed?: Json }
    if (typeof $sealed === 'string') return new Secret(() => this.unseal($sealed, place).reveal())
    return Object.fromEntries(
      Object.entries(value).map(([kept, member]) => {
        const name = MARK.test(kept) ? kept.slice(1) : kept
        return [name, this.openTree(member, `${place}/${name}`)]
      }),
    )
  }
}

// A member of that name which somebody sent is no secret of ours: it is kept under a longer one.
const MARK = /^\$+sealed$/

async function writeKey(keyFile: string): Promise<string> {
  await mkdir(dirname(keyFile), { recursive: true, mode: 0o700 })
  const draft = `${keyFile}.${randomUUID()}`
  const file = await open(draft, 'wx', 0o600)
  try {
    await file.writeFile(`${randomBytes(KEY_BYTES).toString('hex')}\n`)
    await file.sync()
    // As a whole, and never over a key that somebody else made at the same moment: then that one is ours too.
    await link(draft, keyFile).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
    })
  } finally {
    await file.close()
    await rm(draft, { force: true })
  }
  return (await readFile(keyFile, 'utf8')).trim()
}

function unreadable(why: string): ModelError {
  return new ModelError('SECRET_UNREADABLE', `a secret cannot be read: ${why}`)
}
