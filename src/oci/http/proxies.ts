import { BlockList, isIP } from 'node:net'

/** Which proxy, if any, leads to a URL. */
export type Proxies = (url: URL) => URL | undefined

/**
 * The proxies of an operator: one for http and one for https, and the hosts that are reached without, as NO_PROXY has them: names with all that
 * is below them, addresses, networks, each with or without a port, or `*`. Undefined: none.
 */
export function createProxies(options: {
  readonly http: URL | undefined
  readonly https: URL | undefined
  readonly except: string | undefined
}): Proxies | undefined {
  const { http, https, except = '' } = options
  if (http === undefined && https === undefined) return undefined
  const exceptions = except
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .map(parseException)
  return (url) => {
    const host = url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '')
    const port = url.port || (url.protocol === 'https:' ? '443' : '80')
    if (exceptions.some((covers) => covers(host, port))) return undefined
    return url.protocol === 'https:' ? https : http
  }
}

function parseException(entry: string): (host: string, port: string) => boolean {
  if (entry === '*') return () => true
  const [, bracketed, plain = '', port] =
    /^(?:\[([^\]]+)\]|([^:]*|.*:.*:.*?))(?::([0-9]+))?$/.exec(entry) ?? []
  const name = (bracketed ?? plain)
    .toLowerCase()
    .replace(/^\*?\./, '')
    .replace(/\.$/, '')
  const network = networkOf(name)
  return (host, hostPort) => {
    if (port !== undefined && port !== hostPort) return false
    if (network !== undefined)
      return isIP(host) !== 0 && network.check(host, isIP(host) === 6 ? 'ipv6' : 'ipv4')
    return name !== '' && (host === name || (isIP(host) === 0 && host.endsWith(`.${name}`)))
  }
}

function networkOf(text: string): BlockList | undefined {
  const [address = '', bits] = text.split('/')
  const family = isIP(address)
  if (family === 0) return undefined
  const list = new BlockList()
  const most = family === 6 ? 128 : 32
  const prefix = bits === undefined ? most : Number(bits)
  if (!(prefix >= 0 && prefix <= most)) return undefined
  list.addSubnet(address, prefix, family === 6 ? 'ipv6' : 'ipv4')
  return list
}
