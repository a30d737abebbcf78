import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { type Json, ModelError, Secret } from '#model'
import { type Key, KeyRing } from './key-ring.ts'

const NONCE_BYTES = 12
const TAG_BYTES = 16
const VERSION = 'v1'

/**
 * Seals secrets with AES-256-GCM under a master key. A sealed text names its key and opens only under that one, at the place that it was sealed
 * for: one that was moved to another row does not.
 */
export class Seal {
  readonly ring: KeyRing
  #key: Key

  private constructor(ring: KeyRing) {
    this.ring = ring
    this.#key = ring.keys[0]
  }

  /** A seal with the keys of this file, which is made where there is none and `create` allows it. @throws Error as {@link KeyRing.open} */
  static async open(options: { readonly keyFile: string; readonly create: boolean }): Promise<Seal> {
    return new Seal(await KeyRing.open(options))
  }

  /** The key that it seals with: the newest, until it is told otherwise. */
  get keyId(): string {
    return this.#key.id
  }

  /** Seals with the key of this id from now on. @throws ModelError SECRET_UNREADABLE when there is none. */
  sealWith(keyId: string): void {
    this.#key = this.#find(keyId)
  }

  /** The text, sealed to `place`: `table/row/column`. */
  seal(text: string, place: string): string {
    const nonce = randomBytes(NONCE_BYTES)
    const { id, bytes } = this.#key
    const cipher = createCipheriv('aes-256-gcm', bytes, nonce).setAAD(Buffer.from(place))
    const sealed = Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()])
    return `${VERSION}.${id}.${sealed.toString('base64url')}`
  }

  /** @throws ModelError SECRET_UNREADABLE */
  unseal(sealed: string, place: string): Secret {
    const [version, keyId = '', text = ''] = sealed.split('.')
    if (version !== VERSION) throw unreadable('it is not sealed as it should be')
    const key = this.#find(keyId)
    const bytes = Buffer.from(text, 'base64url')
    if (bytes.length < NONCE_BYTES + TAG_BYTES) throw unreadable('it is cut short')
    const decipher = createDecipheriv('aes-256-gcm', key.bytes, bytes.subarray(0, NONCE_BYTES))
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
        const name = nameOf(kept)
        return [name, this.openTree(member, `${place}/${name}`)]
      }),
    )
  }

  /** What {@link Seal.sealTree} gave, each secret that another key has sealed now sealed with this one. One that does not open stays as it is. */
  resealTree(value: Json, place: string): Json {
    if (Array.isArray(value)) return value.map((item, index) => this.resealTree(item, `${place}/${index}`))
    if (typeof value !== 'object' || value === null) return value
    const { $sealed } = value as { readonly $sealed?: Json }
    if (typeof $sealed === 'string') return { $sealed: this.#reseal($sealed, place) }
    return Object.fromEntries(
      Object.entries(value).map(([kept, member]) => [
        kept,
        this.resealTree(member, `${place}/${nameOf(kept)}`),
      ]),
    )
  }

  #reseal(sealed: string, place: string): string {
    if (sealed.startsWith(`${VERSION}.${this.keyId}.`)) return sealed
    try {
      return this.seal(this.unseal(sealed, place).reveal(), place)
    } catch {
      return sealed
    }
  }

  #find(keyId: string): Key {
    const key = this.ring.find(keyId)
    if (key === undefined) throw unreadable('it is sealed with another key')
    return key
  }
}

// A member of that name which somebody sent is no secret of ours: it is kept under a longer one.
const MARK = /^\$+sealed$/

function nameOf(kept: string): string {
  return MARK.test(kept) ? kept.slice(1) : kept
}

function unreadable(why: string): ModelError {
  return new ModelError('SECRET_UNREADABLE', `a secret cannot be read: ${why}`)
}
