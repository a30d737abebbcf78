import type { OnReadOpts, Socket } from 'node:net'
import { RegistryError } from '../errors.ts'
import { type DialOptions, dial, type Endpoint, endpointOf, formatEndpoint, inTime } from './dial.ts'
import { HeadParser } from './parser.ts'

/** Who the proxy is told that we are, if its URL says so. */
export function proxyAuthorization({ username, password }: URL): Record<string, string> {
  if (username === '' && password === '') return {}
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  return { 'proxy-authorization': `Basic ${Buffer.from(pair).toString('base64')}` }
}

/**
 * A socket that leads to the endpoint through its proxy: TLS in a tunnel that the proxy opens, and for plain http the proxy itself, which is
 * then asked by whole URLs. The proxy is the operator's: its address is not guarded.
 * @throws RegistryError as `dial` does; UNAUTHORIZED when the proxy wants to know who asks.
 */
export async function dialThrough(
  via: URL,
  endpoint: Endpoint,
  options: DialOptions,
  onread: OnReadOpts | undefined,
  signal?: AbortSignal,
): Promise<Socket> {
  const toProxy = { ...options, guard: undefined }
  if (!endpoint.tls) return dial(endpointOf(via), toProxy, onread, signal)
  const { connectTimeoutMs, tls } = options
  const socket = await dial(endpointOf(via), toProxy, undefined, signal)
  await inTime(socket, `proxy ${via.host}`, connectTimeoutMs, openTunnel(socket, via, endpoint), signal)
  const inner = (await import('./secure.ts')).secure(endpoint, tls, { socket })
  const { promise, resolve } = Promise.withResolvers<void>()
  inner.once('secureConnect', resolve)
  await inTime(inner, formatEndpoint(endpoint), connectTimeoutMs, promise, signal)
  if (onread !== undefined) readInto(inner, onread)
  return inner
}

/** RFC 9110, "CONNECT". */
function openTunnel(socket: Socket, via: URL, { host, port }: Endpoint): Promise<void> {
  const target = `${host.includes(':') ? `[${host}]` : host}:${port}`
  const headers = { host: target, ...proxyAuthorization(via) }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  const parser = new HeadParser('CONNECT')
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const onData = (bytes: Buffer): void => {
    try {
      const parsed = parser.push(bytes)
      if (parsed === undefined) return
      socket.off('data', onData)
      socket.pause()
      const { status } = parsed.head
      if (status >= 200 && status < 300 && parsed.rest.byteLength === 0) resolve()
      else reject(refused(`proxy ${via.host}: no way to ${target} (status ${status})`, status))
    } catch (error) {
      reject(error)
    }
  }
  socket.on('data', onData)
  socket.write(`CONNECT ${target} HTTP/1.1\r\n${lines.join('')}\r\n`)
  return promise
}

function refused(message: string, status: number): RegistryError {
  const code = status === 407 ? 'UNAUTHORIZED' : 'REGISTRY_UNAVAILABLE'
  return new RegistryError(code, message, { status, retryable: status >= 500 })
}

/** A socket within another one does not read into buffers that it is given: what comes is copied into them. */
function readInto(socket: Socket, { buffer, callback }: OnReadOpts): void {
  socket.on('data', (bytes: Buffer) => {
    let goesOn = true
    for (let at = 0; at < bytes.byteLength && !socket.destroyed; ) {
      const into = typeof buffer === 'function' ? buffer() : buffer
      const count = bytes.copy(into, 0, at)
      at += count
      goesOn = callback(count, into)
    }
    if (!goesOn) socket.pause()
  })
}
