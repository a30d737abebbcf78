import { type LookupAddress, lookup } from 'node:dns'
import { connect, isIP, type LookupFunction, type OnReadOpts, type Socket } from 'node:net'
import { RegistryError } from '../errors.ts'
import type { AddressGuard } from './guard.ts'
import type { TlsSettings } from './secure.ts'

/** Where to connect to. `host` without brackets. */
export interface Endpoint {
  readonly tls: boolean
  readonly host: string
  readonly port: number
  /** What is spoken over TLS. HTTP/1.1 unless it is said. */
  readonly protocol?: 'h2'
  /** The proxy that leads there. */
  readonly via?: URL | undefined
}

export interface DialOptions {
  readonly guard: AddressGuard | undefined
  readonly connectTimeoutMs: number
  readonly tls: TlsSettings | undefined
}

/** The endpoint of a URL, its default port spelled out. */
export function endpointOf(url: URL): Endpoint {
  const tls = url.protocol === 'https:'
  return {
    tls,
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? (tls ? 443 : 80) : Number(url.port),
  }
}

export function formatEndpoint({ host, port, tls }: Endpoint): string {
  const shown = host.includes(':') ? `[${host}]` : host
  return port === (tls ? 443 : 80) ? shown : `${shown}:${port}`
}

/**
 * A connected socket, with TLS done where there is any. No byte is sent to an address that the guard does not permit.
 * @throws RegistryError BLOCKED_ADDRESS, STALLED (connect timeout), REGISTRY_UNAVAILABLE, CANCELLED.
 */
export async function dial(
  endpoint: Endpoint,
  options: DialOptions,
  onread: OnReadOpts | undefined,
  signal?: AbortSignal,
): Promise<Socket> {
  const { host, port, tls, via } = endpoint
  const where = formatEndpoint(endpoint)
  const { guard } = options
  if (isIP(host) !== 0 && guard?.permits({ host, port, address: host }) === false) throw blocked(where)
  if (via !== undefined) {
    if (isIP(host) === 0 && guard !== undefined) await resolveGuarded(endpoint, guard)
    return (await import('./tunnel.ts')).dialThrough(via, endpoint, options, onread, signal)
  }
  const lookup = guardedLookup(guard, port, where)
  const target = { host, port, lookup, autoSelectFamily: true, noDelay: true, ...(onread && { onread }) }
  // Loaded when it is needed: it takes as long as the rest of a short command over plain http.
  const socket: Socket = tls
    ? (await import('./secure.ts')).secure(endpoint, options.tls, target)
    : connect(target)
  const { promise, resolve } = Promise.withResolvers<void>()
  socket.once(tls ? 'secureConnect' : 'connect', resolve)
  await inTime(socket, where, options.connectTimeoutMs, promise, signal)
  // A last look at the address really reached: nothing has been asked yet.
  const address = socket.remoteAddress
  if (guard === undefined || (address !== undefined && guard.permits({ host, port, address }))) return socket
  socket.destroy()
  throw blocked(where)
}

/**
 * Waits for what a new socket is to come to, as long as a connection may take, and ends it when it does not.
 * @throws RegistryError STALLED, REGISTRY_UNAVAILABLE, CANCELLED, and what `done` rejects with.
 */
export async function inTime(
  socket: Socket,
  where: string,
  limitMs: number,
  done: Promise<unknown>,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { promise, reject } = Promise.withResolvers<never>()
  const late = new RegistryError('STALLED', `${where}: no connection after ${limitMs} ms`, {
    retryable: true,
  })
  const timer = setTimeout(() => reject(late), limitMs)
  const abort = () => reject(new RegistryError('CANCELLED', `${where}: cancelled`, { cause: signal?.reason }))
  const fail = (cause: Error) => reject(connectError(where, cause))
  const end = () => reject(connectError(where, Object.assign(new Error('closed'), { code: 'ECONNRESET' })))
  socket.once('error', fail)
  socket.once('close', end)
  signal?.addEventListener('abort', abort, { once: true })
  if (signal?.aborted) abort()
  try {
    await Promise.race([done, promise])
  } catch (error) {
    socket.destroy()
    throw error
  } finally {
    clearTimeout(timer)
    socket.off('close', end)
    signal?.removeEventListener('abort', abort)
  }
}

/** Whoever connects in our place may take any of the name's addresses, so all of them are to be permitted. */
async function resolveGuarded(endpoint: Endpoint, guard: AddressGuard): Promise<void> {
  const { host, port } = endpoint
  const where = formatEndpoint(endpoint)
  const found = await new Promise<LookupAddress[]>((resolve, reject) => {
    lookup(host, { all: true }, (error, all) => (error ? reject(connectError(where, error)) : resolve(all)))
  })
  if (!found.every(({ address }) => guard.permits({ host, port, address }))) throw blocked(where)
}

/** Resolves a name to the permitted ones of its addresses, so that what was checked is what is dialled. Never asked about literals. */
function guardedLookup(guard: AddressGuard | undefined, port: number, where: string): LookupFunction {
  return (host, options, callback) => {
    lookup(host, { ...options, all: true }, (error, found) => {
      if (error) return callback(error, [])
      const allowed = found.filter(({ address }) => guard?.permits({ host, port, address }) ?? true)
      const first: LookupAddress | undefined = allowed[0]
      if (first === undefined) return callback(blocked(where), [])
      return options.all ? callback(null, allowed) : callback(null, first.address, first.family)
    })
  }
}

function blocked(where: string): RegistryError {
  return new RegistryError(
    'BLOCKED_ADDRESS',
    `${where}: this address may not be dialled (it is not public and not allowed)`,
  )
}

function connectError(where: string, cause: NodeJS.ErrnoException): RegistryError {
  if (cause instanceof RegistryError) return cause
  const code = cause.code ?? 'unknown'
  // A certificate that does not fit today does not fit in a second either.
  const retryable = /^(?:ECONN|EPIPE|ETIMEDOUT|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL)/.test(code)
  const why = code === 'ENOTFOUND' ? 'no such host' : code === 'ECONNREFUSED' ? 'connection refused' : code
  return new RegistryError('REGISTRY_UNAVAILABLE', `${where}: not reached (${why})`, { retryable, cause })
}
