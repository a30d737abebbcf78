import { type LookupAddress, lookup } from 'node:dns'
import { connect, isIP, type LookupFunction, type OnReadOpts, type Socket } from 'node:net'
import { RegistryError } from '../errors.ts'
import type { AddressGuard } from './guard.ts'

/** Where to connect to. `host` without brackets. */
export interface Endpoint {
  readonly tls: boolean
  readonly host: string
  readonly port: number
}

export interface DialOptions {
  readonly guard: AddressGuard | undefined
  readonly connectTimeoutMs: number
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
  onread: OnReadOpts,
  signal?: AbortSignal,
): Promise<Socket> {
  const { host, port } = endpoint
  const where = formatEndpoint(endpoint)
  const { guard } = options
  if (isIP(host) !== 0 && guard?.permits({ host, port, address: host }) === false) throw blocked(where)
  const target = {
    host,
    port,
    lookup: guardedLookup(guard, port, where),
    autoSelectFamily: true,
    noDelay: true,
    onread,
  }
  // Loaded when it is needed: it takes as long as the rest of a short command over plain http.
  const socket: Socket = endpoint.tls
    ? (await import('node:tls')).connect({
        ...target,
        ALPNProtocols: ['http/1.1'],
        ...(isIP(host) === 0 && { servername: host }),
      })
    : connect(target)
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const abort = () => reject(new RegistryError('CANCELLED', `${where}: cancelled`, { cause: signal?.reason }))
  const timer = setTimeout(
    () =>
      reject(
        new RegistryError('STALLED', `${where}: no connection after ${options.connectTimeoutMs} ms`, {
          retryable: true,
        }),
      ),
    options.connectTimeoutMs,
  )
  socket.once(endpoint.tls ? 'secureConnect' : 'connect', resolve)
  socket.once('error', (cause) => reject(connectError(where, cause)))
  signal?.addEventListener('abort', abort, { once: true })
  if (signal?.aborted) abort()
  try {
    await promise
    // A last look at the address really reached: nothing has been asked yet.
    const address = socket.remoteAddress
    if (guard !== undefined && (address === undefined || !guard.permits({ host, port, address })))
      throw blocked(where)
    return socket
  } catch (error) {
    socket.destroy()
    throw error
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', abort)
  }
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
