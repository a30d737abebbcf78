import { isIP } from 'node:net'
import { RegistryError } from './errors.ts'
import type { Abortable, Network } from './http/network.ts'
import { failed, NOT_LOOKED_AT, ok, rejection, skipped, type Verdict } from './verdict.ts'

/** How far one gets towards a registry, nobody having said who is asking. */
export interface FirstContact {
  readonly name: Verdict
  readonly connection: Verdict
  readonly tls: Verdict
}

const BODY_BYTES = 64 * 1024
const NAME_CODE = /^(?:ENOTFOUND|EAI_)/
const TLS_CODE = /^(?:CERT_|ERR_TLS_|ERR_SSL_|DEPTH_|SELF_SIGNED|UNABLE_TO_|HOSTNAME_|INVALID_CA|EPROTO)/

/** One request to what is to be the base of the registry's API. @throws RegistryError CANCELLED */
export async function meet(network: Network, url: URL, options: Abortable): Promise<FirstContact> {
  const literal = isIP(url.hostname.replace(/^\[|\]$/g, '')) !== 0
  const name = literal ? skipped('it is an address') : ok('it leads to an address')
  const answers = ok('it answers')
  const clear = url.protocol === 'http:'
  const tls = clear
    ? skipped('it is spoken to over plain http')
    : ok('its certificate is trusted, and for this name')
  const refused = (code: 'PROTOCOL' | 'REGISTRY_UNAVAILABLE', why: string): FirstContact => {
    const error = new RegistryError(code, `${url.host}: no registry (${why})`)
    return { name, connection: failed(error), tls: NOT_LOOKED_AT }
  }
  try {
    const { status, headers } = await network.request(
      { method: 'GET', url },
      { ...options, maxBytes: BODY_BYTES },
    )
    if (status >= 500) return refused('REGISTRY_UNAVAILABLE', `status ${status}`)
    if (status < 300 && /^text\/html/.test(headers.get('content-type') ?? ''))
      return refused('PROTOCOL', 'a web page answers')
    return { name, connection: answers, tls }
  } catch (thrown) {
    const error = rejection(thrown)
    const system = (error.cause as NodeJS.ErrnoException | undefined)?.code ?? ''
    if (error.code === 'BLOCKED_ADDRESS' || NAME_CODE.test(system))
      return { name: failed(error), connection: NOT_LOOKED_AT, tls: NOT_LOOKED_AT }
    return TLS_CODE.test(system)
      ? { name, connection: answers, tls: failed(error) }
      : { name, connection: failed(error), tls: NOT_LOOKED_AT }
  }
}
