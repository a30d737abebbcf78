import { createHash, type Hash } from 'node:crypto'
import { RegistryError } from './errors.ts'

/** `algorithm:hex` of a content's bytes, checked: safe in paths and URLs. OCI image spec, "Digests". */
export type Digest = string & { readonly digest: unique symbol }

const HEX_LENGTH: Readonly<Record<string, number>> = { sha256: 64, sha384: 96, sha512: 128 }

/**
 * A digest from text.
 * @throws RegistryError DIGEST_INVALID for an unknown algorithm, a wrong length or anything but lower-case hexadecimal.
 */
export function parseDigest(text: string): Digest {
  if (isDigest(text)) return text
  throw new RegistryError('DIGEST_INVALID', `not a digest: ${JSON.stringify(text.slice(0, 160))}`)
}

/** Whether the text is a digest that can be computed here. */
export function isDigest(text: string): text is Digest {
  const colon = text.indexOf(':')
  const length = HEX_LENGTH[text.slice(0, Math.max(0, colon))]
  const hex = text.slice(colon + 1)
  return length !== undefined && hex.length === length && /^[0-9a-f]+$/.test(hex)
}

/** The name of the digest's hash, e.g. `sha256`. */
export function algorithmOf(digest: Digest): string {
  return digest.slice(0, digest.indexOf(':'))
}

/** The digest of these bytes, by the algorithm of `like` (sha256 by default). */
export function digestOf(bytes: Uint8Array, like?: Digest): Digest {
  const algorithm = like === undefined ? 'sha256' : algorithmOf(like)
  return `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}` as Digest
}

/** Hashes while bytes flow. */
export class Digester {
  readonly #algorithm: string
  readonly #hash: Hash
  /** Bytes seen. */
  size = 0

  /** Hashes by the algorithm of `like` (sha256 by default), or goes on where another one stands. */
  constructor(like?: Digest | Digester) {
    if (like instanceof Digester) {
      this.#algorithm = like.#algorithm
      this.#hash = like.#hash.copy()
      this.size = like.size
    } else {
      this.#algorithm = like === undefined ? 'sha256' : algorithmOf(like)
      this.#hash = createHash(this.#algorithm)
    }
  }

  update(chunk: Uint8Array): void {
    this.#hash.update(chunk)
    this.size += chunk.byteLength
  }

  /** The digest of all that was seen. Can be asked once. */
  digest(): Digest {
    return `${this.#algorithm}:${this.#hash.digest('hex')}` as Digest
  }
}
