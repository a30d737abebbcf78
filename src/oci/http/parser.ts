import { RegistryError } from '../errors.ts'

/** How the end of a body is known. RFC 9112, "Message Body Length". */
export type Framing =
  | { readonly kind: 'none' }
  | { readonly kind: 'length'; readonly length: number }
  | { readonly kind: 'chunked' }
  | { readonly kind: 'close' }

/** A response's status line and headers; names in lower case, repeated ones joined with a comma. */
export interface Head {
  readonly status: number
  readonly headers: ReadonlyMap<string, string>
  readonly framing: Framing
  /** Whether the connection may carry another request. */
  readonly keepAlive: boolean
}

const HEAD_LIMIT = 64 * 1024
const START = 'HTTP/1.'
const STATUS_LINE = /^HTTP\/1\.([01]) ([1-9][0-9]{2})(?: [\t\x20-\x7e\x80-\xff]*)?$/
const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/

/** Collects bytes until a head is whole. Strict: what RFC 9112 calls invalid ends the connection. */
export class HeadParser {
  readonly #method: string
  #seen: Uint8Array = new Uint8Array(0)

  /** The request's method decides whether a body follows. */
  constructor(method: string) {
    this.#method = method
  }

  /** The head and the bytes behind it, or undefined until there are enough. Interim (1xx) answers are passed over. */
  push(bytes: Uint8Array): { readonly head: Head; readonly rest: Uint8Array } | undefined {
    this.#seen = this.#seen.byteLength === 0 ? Buffer.from(bytes) : Buffer.concat([this.#seen, bytes])
    for (;;) {
      const end = Buffer.from(this.#seen.buffer, this.#seen.byteOffset, this.#seen.byteLength).indexOf(
        '\r\n\r\n',
      )
      if (end > HEAD_LIMIT || (end < 0 && this.#seen.byteLength > HEAD_LIMIT))
        throw broken('its head is too long')
      if (end < 0) {
        checkStart(this.#seen)
        return undefined
      }
      const head = parseHead(Buffer.from(this.#seen.subarray(0, end)).toString('latin1'), this.#method)
      this.#seen = this.#seen.subarray(end + 4)
      if (head.status >= 200) return { head, rest: this.#seen }
      if (head.status === 101) throw broken('it switched protocols unasked')
    }
  }
}

/** Whether more may make it an answer: what speaks something else waits for us to go on, as we would for it. */
function checkStart(bytes: Uint8Array): void {
  const start = Buffer.from(bytes.subarray(0, START.length)).toString('latin1')
  if (!START.startsWith(start)) throw broken('it does not begin with HTTP/1')
  const end = bytes.indexOf(0x0a)
  if (end >= 0 && bytes[end - 1] !== 0x0d) throw broken('its status line is malformed')
}

function parseHead(text: string, method: string): Head {
  const [statusLine = '', ...lines] = text.split('\r\n')
  const [, minor, statusText] = STATUS_LINE.exec(statusLine) ?? []
  if (statusText === undefined) throw broken('its status line is malformed')
  const headers = new Map<string, string>()
  for (const line of lines) {
    const colon = line.indexOf(':')
    const name = line.slice(0, Math.max(0, colon))
    if (!NAME.test(name) || !VALUE.test(line)) throw broken('a header is malformed')
    const value = withoutBlanks(line, colon + 1)
    const key = name.toLowerCase()
    const before = headers.get(key)
    headers.set(key, before === undefined ? value : `${before}, ${value}`)
  }
  const status = Number(statusText)
  const framing = framingOf(status, headers, method)
  // Said twice, it is still one length for whoever asks.
  const [length] = headers.get('content-length')?.split(',', 1) ?? []
  if (length !== undefined) headers.set('content-length', length.trim())
  const connection = headers.get('connection')?.toLowerCase() ?? ''
  return {
    status,
    headers,
    framing,
    keepAlive:
      framing.kind !== 'close' &&
      (minor === '1' ? !/\bclose\b/.test(connection) : /\bkeep-alive\b/.test(connection)),
  }
}

/** What stands from there on, without the blanks around it. Not by a pattern: each that does this takes a time that grows with their square. */
function withoutBlanks(line: string, from: number): string {
  let [start, end] = [from, line.length]
  while (start < end && isBlank(line.charCodeAt(start))) start += 1
  while (end > start && isBlank(line.charCodeAt(end - 1))) end -= 1
  return line.slice(start, end)
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09
}

/** Two lengths, or a length and chunks, are how responses are smuggled: refused, not guessed at. */
function framingOf(status: number, headers: ReadonlyMap<string, string>, method: string): Framing {
  const encoding = headers.get('transfer-encoding')?.toLowerCase()
  const lengths = headers
    .get('content-length')
    ?.split(',')
    .map((text) => text.trim())
  if (encoding !== undefined && encoding !== 'chunked') throw broken('its transfer encoding is not supported')
  if (encoding !== undefined && lengths !== undefined) throw broken('it has both a length and chunks')
  const length = lengths?.[0]
  if (lengths !== undefined && !lengths.every((text) => text === length && /^[0-9]{1,15}$/.test(text))) {
    throw broken('its content length is malformed')
  }
  if (method === 'HEAD' || status < 200 || status === 204 || status === 304) return { kind: 'none' }
  if (encoding !== undefined) return { kind: 'chunked' }
  return length === undefined ? { kind: 'close' } : { kind: 'length', length: Number(length) }
}

/** Takes the chunks out of a chunked body. RFC 9112, "Chunked Transfer Coding". Trailers are dropped. */
export class ChunkedParser {
  #state: 'size' | 'data' | 'data-end' | 'trailer' | 'done' = 'size'
  #line = ''
  #left = 0
  #trailers = 0

  /** Whether the last chunk and the trailers have been read. */
  get done(): boolean {
    return this.#state === 'done'
  }

  /** The pieces of content in these bytes, as views of them, and how many bytes belong to the body. */
  push(bytes: Uint8Array): { readonly pieces: Uint8Array[]; readonly used: number } {
    const pieces: Uint8Array[] = []
    let at = 0
    while (at < bytes.byteLength && this.#state !== 'done') {
      if (this.#state === 'data') {
        const piece = bytes.subarray(at, at + this.#left)
        pieces.push(piece)
        this.#left -= piece.byteLength
        at += piece.byteLength
        if (this.#left === 0) this.#state = 'data-end'
        continue
      }
      const line = this.#readLine(bytes[at++] ?? 0)
      if (line !== undefined) this.#take(line)
    }
    return { pieces, used: at }
  }

  #readLine(byte: number): string | undefined {
    this.#line += String.fromCharCode(byte)
    if (this.#line.length > 4096) throw broken('a chunk header is too long')
    if (byte !== 0x0a) return undefined
    if (!this.#line.endsWith('\r\n')) throw broken('a chunk header is malformed')
    const line = this.#line.slice(0, -2)
    this.#line = ''
    return line
  }

  #take(line: string): void {
    switch (this.#state) {
      case 'size': {
        const [, hex] = /^([0-9A-Fa-f]{1,12})[\t ]*(?:;.*)?$/.exec(line) ?? []
        if (hex === undefined) throw broken('a chunk size is malformed')
        this.#left = Number.parseInt(hex, 16)
        this.#state = this.#left === 0 ? 'trailer' : 'data'
        return
      }
      case 'data-end':
        if (line !== '') throw broken('a chunk is longer than it says')
        this.#state = 'size'
        return
      default:
        this.#trailers += line.length + 2
        if (this.#trailers > HEAD_LIMIT) throw broken('its trailers are too long')
        if (line === '') this.#state = 'done'
    }
  }
}

function broken(why: string): RegistryError {
  return new RegistryError('PROTOCOL', `the answer is not valid HTTP: ${why}`)
}
