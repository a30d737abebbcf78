import { setTimeout as sleep } from 'node:timers/promises'
import { type Answer, bare } from './answer.ts'
import { collect } from './content.ts'
import type { Exchange } from './exchange.ts'
import type { Behaviour, Hold } from './faults.ts'
import type { RecordedRequest } from './ledger.ts'

export interface CannedAnswer {
  readonly headers?: Readonly<Record<string, string>>
  /** An object is sent as JSON. */
  readonly body?: string | Uint8Array | object
  /** `all` (default): the request's body is read first. `none`: the answer comes at once, as from a real server that refuses. */
  readonly read?: 'all' | 'none'
}

/** Answers instead of the registry. */
export function respond(status: number, canned: CannedAnswer = {}): Behaviour {
  return {
    async before(exchange, hold) {
      if (canned.read !== 'none') await exchange.discardBody()
      hold.reach()
      const { body = '' } = canned
      const raw = typeof body === 'string' || body instanceof Uint8Array
      const bytes = Buffer.from(raw ? body : JSON.stringify(body))
      const type = raw ? 'text/plain; charset=utf-8' : 'application/json'
      if (status === 204 || status === 304) return { status, headers: canned.headers ?? {} }
      const headers = { 'content-type': type, 'content-length': `${bytes.length}`, ...canned.headers }
      return { status, headers, body: bytes }
    },
  }
}

/** Answers with an error body of the distribution spec. */
export function respondError(status: number, code: string, message: string, detail?: unknown): Behaviour {
  const error = { code, message, ...(detail === undefined ? {} : { detail }) }
  return respond(status, { body: { errors: [error] } })
}

/** Sends the client elsewhere. A function sees the request. */
export function redirect(to: string | ((request: RecordedRequest) => string), status = 307): Behaviour {
  return {
    async before(exchange, hold) {
      hold.reach()
      return bare(status, { location: typeof to === 'string' ? to : to(exchange.record) })
    },
  }
}

/** Holds the request before the registry acts, or (`answer`) after it acted and before a byte is sent. */
export function gate(at: 'request' | 'answer' = 'request'): Behaviour {
  const pause = async (exchange: Exchange, hold: Hold): Promise<void> => {
    hold.reach()
    await hold.wait(exchange)
  }
  if (at === 'request')
    return { before: async (exchange, hold) => void (await pause(exchange, hold)) as undefined }
  return {
    async after(answer, exchange, hold) {
      await pause(exchange, hold)
      return answer
    },
  }
}

/** Waits before the registry acts. */
export function delay(ms: number): Behaviour {
  return {
    async before(_, hold) {
      hold.reach()
      await sleep(ms)
      return undefined
    },
  }
}

/** Breaks the connection before the registry acts, or (`answer`) after it acted and before a byte is sent. */
export function drop(at: 'request' | 'answer' = 'request', how: Ending = 'reset'): Behaviour {
  const broken = (exchange: Exchange, hold: Hold): Promise<never> => {
    hold.reach()
    return exchange.destroy(how)
  }
  return at === 'request' ? { before: broken } : { after: (_, exchange, hold) => broken(exchange, hold) }
}

/** Changes headers of the answer; `undefined` takes one away. Names in lower case. */
export function headers(changes: Readonly<Record<string, string | undefined>>): Behaviour {
  return {
    async after(answer, _, hold) {
      hold.reach()
      const kept = Object.entries({ ...answer.headers, ...changes }).filter(
        ([, value]) => value !== undefined,
      )
      return { ...answer, headers: Object.fromEntries(kept) as Record<string, string> }
    },
  }
}

/** Takes headers out of the request before the registry sees it, and out of what is written down of it. Names in lower case. */
export function unasked(...names: readonly string[]): Behaviour {
  return {
    async before({ record }, hold) {
      hold.reach()
      record.headers = Object.fromEntries(
        Object.entries(record.headers).filter(([name]) => !names.includes(name)),
      )
      return undefined
    },
  }
}

/** Takes parameters out of the request's query in the same way. */
export function unqueried(...names: readonly string[]): Behaviour {
  return {
    async before({ record }, hold) {
      hold.reach()
      const [path = '', query = ''] = record.url.split(/\?(.*)/s)
      const kept = query.split('&').filter((parameter) => !names.includes(parameter.split('=', 1)[0] ?? ''))
      record.url = kept.length === 0 ? path : `${path}?${kept.join('&')}`
      return undefined
    },
  }
}

/** Rewrites one header of the answer, if it has it. The name in lower case. */
export function rewrite(name: string, change: (value: string) => string): Behaviour {
  return {
    async after(answer, _, hold) {
      const value = answer.headers[name]
      if (value === undefined) return answer
      hold.reach()
      return { ...answer, headers: { ...answer.headers, [name]: change(value) } }
    },
  }
}

export const location = (change: (location: string) => string): Behaviour => rewrite('location', change)

/** Sends another body with the right length; every other header, the digest's too, stays as it was. */
export function replaceBody(replace: (body: Buffer) => Uint8Array): Behaviour {
  return {
    async after(answer, _, hold) {
      hold.reach()
      const body = replace(await whole(answer.body))
      return { ...answer, headers: { ...answer.headers, 'content-length': `${body.length}` }, body }
    },
  }
}

/** Leaves out Content-Length: the body is `chunked`, or ends where the connection is closed (`close`). */
export function unsized(framing: 'chunked' | 'close'): Behaviour {
  return {
    async after(answer, exchange, hold) {
      hold.reach()
      exchange.closeDelimited = framing === 'close'
      const { 'content-length': _, ...rest } = answer.headers
      return { ...answer, headers: rest }
    },
  }
}

/** Flips the lowest bit of the byte at this place of the blob, also when a range is asked for. */
export function flip(place: number): Behaviour {
  return {
    async *outgoing(bytes, _, hold, start) {
      let at = start
      for await (const chunk of bytes) {
        const within = place - at
        at += chunk.length
        if (within < 0 || within >= chunk.length) {
          yield chunk
          continue
        }
        const copy = Buffer.from(chunk)
        copy.writeUInt8(copy.readUInt8(within) ^ 1, within)
        hold.reach()
        yield copy
      }
    },
  }
}

type Ending = 'end' | 'reset'

type BodyFlow = (
  bytes: AsyncIterable<Uint8Array>,
  exchange: Exchange,
  hold: Hold,
) => AsyncIterable<Uint8Array>

/** Closes the connection after this many bytes of the answer's body; 0 leaves the head alone. */
export const cut = (after: number, how: Ending = 'end'): Behaviour => ({ outgoing: cutting(after, how) })
/** The same for the request's body: what came before is received, the rest never is. */
export const cutUpload = (after: number, how: Ending = 'end'): Behaviour => ({
  incoming: cutting(after, how),
})
/** Stops sending after this many bytes of the answer's body, until released. */
export const stall = (after: number): Behaviour => ({ outgoing: stalling(after) })
/** Stops reading the request's body after this many bytes, until released. */
export const stallUpload = (after: number): Behaviour => ({ incoming: stalling(after) })
/** Sends the bodies of all answers together at about this speed. */
export const throttle = (bytesPerSecond: number): Behaviour => ({ outgoing: throttling(bytesPerSecond) })
/** Takes in so many bytes of the request's body, and drops the rest as if it had never been sent. */
export function swallow(after: number): Behaviour {
  return {
    async before({ record }) {
      const { 'content-length': _, ...rest } = record.headers
      record.headers = { ...rest, 'transfer-encoding': 'chunked' }
      return undefined
    },
    async *incoming(bytes, _, hold) {
      let left = after
      for await (const chunk of bytes) {
        if (left > 0) yield chunk.subarray(0, left)
        left -= chunk.length
        if (left < 0) hold.reach()
      }
    },
  }
}

/** Reads the bodies of all requests together at about this speed. */
export const throttleUpload = (bytesPerSecond: number): Behaviour => ({
  incoming: throttling(bytesPerSecond),
})

function cutting(after: number, how: Ending): BodyFlow {
  return async function* (bytes, exchange, hold) {
    for await (const [chunk, atMark] of marked(bytes, after)) {
      yield chunk
      if (!atMark) continue
      hold.reach()
      await exchange.destroy(how)
    }
  }
}

function stalling(after: number): BodyFlow {
  return async function* (bytes, exchange, hold) {
    for await (const [chunk, atMark] of marked(bytes, after)) {
      yield chunk
      if (!atMark) continue
      hold.reach()
      await hold.wait(exchange)
    }
  }
}

function throttling(bytesPerSecond: number): BodyFlow {
  // Slices of a twentieth of a second, so that the speed is even and a large chunk is no burst.
  const step = Math.max(1, Math.ceil(bytesPerSecond / 20))
  let freeAt = 0
  return async function* (bytes, _, hold) {
    hold.reach()
    for await (const chunk of bytes) {
      for (let at = 0; at < chunk.length; at += step) {
        const slice = chunk.subarray(at, at + step)
        freeAt = Math.max(freeAt, performance.now()) + (slice.length / bytesPerSecond) * 1000
        await sleep(freeAt - performance.now())
        yield slice
      }
    }
  }
}

// Splits the stream at one place; the part that ends there comes with `true`, an empty one if need be.
async function* marked(bytes: AsyncIterable<Uint8Array>, mark: number): AsyncIterable<[Uint8Array, boolean]> {
  let at = 0
  if (mark === 0) yield [new Uint8Array(), true]
  for await (const chunk of bytes) {
    const within = mark - at
    at += chunk.length
    if (within > 0 && within <= chunk.length) {
      yield [chunk.subarray(0, within), true]
      if (within < chunk.length) yield [chunk.subarray(within), false]
    } else {
      yield [chunk, false]
    }
  }
}

async function whole(body: Answer['body']): Promise<Buffer> {
  if (body === undefined) return Buffer.alloc(0)
  return body instanceof Uint8Array ? Buffer.from(body) : collect(body)
}
