import { readFileSync } from 'node:fs'
import { isAbsolute, join } from 'node:path'
import { parseAddressRange, Secret } from '#model'
import { type BandwidthLimits, createAddressGuard, parseRegistry, RegistryError } from '#oci'

// What the values of settings are read from: each throws a RangeError that says what the text should have been.

/** Where the service listens; port 0: any free one. */
export interface Listen {
  readonly host: string
  readonly port: number
}

export function readListen(text: string): Listen {
  const [, bracketed, plain, port = ''] =
    /^(?:\[([0-9a-fA-F:.]+)\]|([^:/\s[\]]+)):([0-9]{1,5})$/.exec(text) ?? []
  const host = bracketed ?? plain
  if (host === undefined || Number(port) > 65535) throw new RangeError('host:port')
  return { host, port: Number(port) }
}

export function readUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const web = url?.protocol === 'http:' || url?.protocol === 'https:'
  if (url === undefined || !web || url.search !== '' || url.hash !== '')
    throw new RangeError('an http or https URL without query')
  if (url.username !== '' || url.password !== '') throw new RangeError('a URL without username and password')
  return url
}

export function readProxy(text: string): Secret {
  const url = URL.parse(/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`)
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new RangeError('the URL of an http or https proxy')
  return new Secret(url.href)
}

export function readPublicUrl(text: string): URL {
  const url = readUrl(text)
  if (/\/api\/?$/.test(url.pathname)) throw new RangeError('the base of the service, without /api')
  return url
}

export function readDatabaseUrl(text: string): Secret {
  if (URL.canParse(text) && /^postgres(?:ql)?:$/.test(new URL(text).protocol)) return new Secret(text)
  throw new RangeError('a postgres:// URL')
}

export function readAdminToken(text: string): Secret {
  if (/^[\x21-\x7e]{32,512}$/.test(text)) return new Secret(text)
  throw new RangeError('32 to 512 printable characters without blanks')
}

export function readEndpoints(text: string): ReadonlyMap<string, URL> {
  const endpoints = new Map<string, URL>()
  for (const entry of splitList(text)) {
    const [, name, url = ''] =
      /^((?:\[[0-9a-fA-F:.]+\]|[a-zA-Z0-9.-]+)(?::[0-9]{1,5})?)=(.*)$/.exec(entry) ?? []
    if (name === undefined) throw new RangeError('name=url,…')
    if (endpoints.has(name.toLowerCase())) throw new RangeError(`one URL for ${name}`)
    endpoints.set(name.toLowerCase(), readUrl(url))
  }
  return endpoints
}

export function readBandwidth(text: string): BandwidthLimits {
  const registries = new Map<string, number>()
  let all: number | undefined
  for (const entry of splitList(text)) {
    const [, name, rate = ''] = /^(?:(.+)=)?([0-9]{1,15})$/.exec(entry) ?? []
    if (Number(rate) < 1) throw new RangeError('bytes a second, registry=bytes,…')
    if (name === undefined ? all !== undefined : registries.has(name))
      throw new RangeError('one limit for each')
    if (name === undefined) all = Number(rate)
    else registries.set(readRegistry(name), Number(rate))
  }
  return { all, registries }
}

function readRegistry(text: string): string {
  try {
    return parseRegistry(text)
  } catch (error) {
    throw error instanceof RegistryError ? new RangeError(error.message) : error
  }
}

export function readAddresses(text: string): readonly string[] {
  const allow = splitList(text)
  createAddressGuard({ allow })
  return allow
}

export function readTrustedProxies(text: string): readonly string[] {
  const proxies = splitList(text)
  if (proxies.some((entry) => parseAddressRange(entry) === undefined))
    throw new RangeError('addresses and networks, like 127.0.0.1,10.0.0.0/8')
  return proxies
}

function splitList(text: string): string[] {
  return text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
}

export function defaultDataDir(texts: (name: string) => string | undefined): string {
  const xdg = texts('XDG_DATA_HOME')
  // The XDG base directory specification has relative paths ignored.
  if (xdg !== undefined && isAbsolute(xdg)) return join(xdg, 'tagboat')
  return join(texts('HOME') ?? '/', '.local/share/tagboat')
}

/** Reads the file of this name; what is in it is the value. */
export function readPem(kind: RegExp): (path: string) => string {
  return (path) => {
    let text: string
    try {
      text = readFileSync(path, 'utf8')
    } catch (error) {
      throw new RangeError(`a file that can be read: ${(error as NodeJS.ErrnoException).code}`)
    }
    if (new RegExp(`-----BEGIN [A-Z ]*${kind.source}-----`).test(text)) return text
    throw new RangeError(`a file in PEM format with a ${kind.source.toLowerCase()}`)
  }
}
