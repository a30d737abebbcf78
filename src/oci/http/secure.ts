import { isIP } from 'node:net'
import {
  type ConnectionOptions,
  connect,
  createSecureContext,
  getCACertificates,
  type SecureContext,
  type TLSSocket,
} from 'node:tls'
import type { Endpoint } from './dial.ts'

/** Whom to believe over TLS beside those that everybody believes, and who we are. Each is PEM. */
export interface TlsSettings {
  readonly ca?: string | undefined
  readonly cert?: string | undefined
  readonly key?: string | undefined
}

// Reading a hundred authorities takes as long as a connection does.
const contexts = new WeakMap<TlsSettings, SecureContext>()

/** A socket that has begun to speak TLS to the endpoint. */
export function secure(
  { host, protocol }: Endpoint,
  settings: TlsSettings | undefined,
  over: ConnectionOptions,
): TLSSocket {
  return connect({
    ...over,
    ALPNProtocols: [protocol ?? 'http/1.1'],
    ...(settings && { secureContext: contextOf(settings) }),
    ...(isIP(host) === 0 && { servername: host }),
  })
}

function contextOf(settings: TlsSettings): SecureContext {
  const known = contexts.get(settings)
  if (known !== undefined) return known
  const { ca, cert, key } = settings
  const context = createSecureContext({
    ...(ca !== undefined && { ca: [...getCACertificates('default'), ca] }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
  })
  contexts.set(settings, context)
  return context
}
