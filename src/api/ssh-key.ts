import { createHash, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import type { Derived, VariableKind } from '#model'

/** What can be told of a value without telling it; of one that is no key, its checksum alone. */
export function deriveFrom(kind: VariableKind, value: string, passphrase: string | undefined): Derived {
  if (kind === 'var') return { checksum: undefined, publicValue: undefined, fingerprint: undefined }
  const checksum = createHash('sha256').update(value).digest('hex')
  const blob =
    kind === 'ssh-key'
      ? blobOfPrivate(value, passphrase)
      : kind === 'ssh-public-key'
        ? blobOfPublic(value)
        : undefined
  if (blob === undefined) return { checksum, publicValue: undefined, fingerprint: undefined }
  const type = readText(blob)
  const hash = createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')
  const publicValue = `${type} ${blob.toString('base64')}`
  return { checksum, publicValue, fingerprint: `SHA256:${hash}` }
}

function blobOfPublic(text: string): Buffer | undefined {
  const [type, encoded] = text.trim().split(/\s+/)
  const blob = Buffer.from(encoded ?? '', 'base64')
  return readText(blob) === type ? blob : undefined
}

/** OpenSSH writes the public half in the clear beside the private one; of other forms it is computed. */
function blobOfPrivate(text: string, passphrase: string | undefined): Buffer | undefined {
  const [, openssh] =
    /-----BEGIN OPENSSH PRIVATE KEY-----([\s\S]+?)-----END OPENSSH PRIVATE KEY-----/.exec(text) ?? []
  try {
    if (openssh !== undefined) return blobInOpenSsh(Buffer.from(openssh, 'base64'))
    const key = createPrivateKey({ key: text, ...(passphrase !== undefined && { passphrase }) })
    return blobOf(createPublicKey(key))
  } catch {
    return undefined
  }
}

const MAGIC = 'openssh-key-v1\0'

/** `PROTOCOL.key` of OpenSSH: magic, cipher, key derivation and its options, the number of keys, the public key. */
function blobInOpenSsh(bytes: Buffer): Buffer | undefined {
  if (bytes.subarray(0, MAGIC.length).toString('latin1') !== MAGIC) return undefined
  let rest = bytes.subarray(MAGIC.length)
  for (let skipped = 0; skipped < 3; skipped += 1) rest = rest.subarray(4 + rest.readUInt32BE(0))
  const length = rest.readUInt32BE(4)
  const blob = rest.subarray(8, 8 + length)
  return blob.length === length && readText(blob) !== undefined ? blob : undefined
}

const CURVES: Readonly<Record<string, string>> = {
  'P-256': 'nistp256',
  'P-384': 'nistp384',
  'P-521': 'nistp521',
}

/** RFC 4253, section 6.6; RFC 5656, section 3.1; RFC 8709, section 4. */
function blobOf(key: KeyObject): Buffer | undefined {
  const { kty, crv = '', n = '', e = '', x = '', y = '' } = key.export({ format: 'jwk' })
  const bytes = (text: string): Buffer => Buffer.from(text, 'base64url')
  if (kty === 'RSA') return join(Buffer.from('ssh-rsa'), positive(bytes(e)), positive(bytes(n)))
  if (kty === 'OKP' && crv === 'Ed25519') return join(Buffer.from('ssh-ed25519'), bytes(x))
  const curve = CURVES[crv]
  if (kty !== 'EC' || curve === undefined) return undefined
  const point = Buffer.concat([Buffer.from([4]), bytes(x), bytes(y)])
  return join(Buffer.from(`ecdsa-sha2-${curve}`), Buffer.from(curve), point)
}

function join(...parts: readonly Buffer[]): Buffer {
  return Buffer.concat(
    parts.flatMap((part) => {
      const length = Buffer.alloc(4)
      length.writeUInt32BE(part.length)
      return [length, part]
    }),
  )
}

function positive(number: Buffer): Buffer {
  return (number[0] ?? 0) < 0x80 ? number : Buffer.concat([Buffer.from([0]), number])
}

/** The first text of a key, which is the name of its type. */
function readText(blob: Buffer): string | undefined {
  if (blob.length < 4) return undefined
  const text = blob.subarray(4, 4 + blob.readUInt32BE(0)).toString('latin1')
  return /^[a-z0-9@.-]{3,64}$/.test(text) ? text : undefined
}
