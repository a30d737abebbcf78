import { createHmac, timingSafeEqual } from 'node:crypto'

/** How long one password holds. RFC 6238, with the usual parameters: SHA-1, 30 seconds, 6 digits. */
const STEP_MS = 30_000
const DIGITS = 6
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** The number of the step that a time is in. */
export function totpStep(at: Date): number {
  return Math.floor(at.getTime() / STEP_MS)
}

/** The one-time password of a step. `secret`: Base32, as authenticator apps take it. */
export function totp(secret: string, step: number): string {
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(step))
  const hash = createHmac('sha1', decodeBase32(secret)).update(counter).digest()
  const offset = (hash.at(-1) ?? 0) & 0x0f
  const number = (hash.readUInt32BE(offset) & 0x7fffffff) % 10 ** DIGITS
  return String(number).padStart(DIGITS, '0')
}

/** Which step the password is of: the current one, the one before or the one to come; undefined: none of them. */
export function matchTotp(secret: string, code: string, at: Date): number | undefined {
  const now = totpStep(at)
  const given = Buffer.from(code)
  return [now, now - 1, now + 1].find((step) => {
    const expected = Buffer.from(totp(secret, step))
    return expected.length === given.length && timingSafeEqual(expected, given)
  })
}

/** Bytes as RFC 4648, section 6, without padding. */
export function encodeBase32(bytes: Uint8Array): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('')
  const quintets = bits.match(/.{1,5}/g) ?? []
  return quintets.map((quintet) => ALPHABET[Number.parseInt(quintet.padEnd(5, '0'), 2)]).join('')
}

function decodeBase32(text: string): Buffer {
  const quintets = [...text.toUpperCase().replace(/=+$/, '')].map((letter) =>
    ALPHABET.indexOf(letter).toString(2).padStart(5, '0'),
  )
  const octets = quintets.join('').match(/.{8}/g) ?? []
  return Buffer.from(octets.map((octet) => Number.parseInt(octet, 2)))
}
