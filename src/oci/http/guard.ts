import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'

/** Where a connection is about to go: the name or literal it was asked for by, and the address that it would really reach. */
export interface DialTarget {
  /** Without brackets. */
  readonly host: string
  readonly port: number
  readonly address: string
}

/** Decides about every single connection, literals and names alike, on the address that the socket goes to. */
export interface AddressGuard {
  permits(target: DialTarget): boolean
}

/**
 * A guard for a process that others can steer: only public addresses may be dialled, and what is allowed by name.
 * `allow`: `host:port` pairs (a name or a literal, IPv6 in brackets) and CIDR networks.
 * @throws RangeError for an entry that is neither, naming it.
 */
export function createAddressGuard(options: { readonly allow: readonly string[] }): AddressGuard {
  const pairs = new Set<string>()
  const networks: [ipaddr.IPv4 | ipaddr.IPv6, number][] = []
  for (const entry of options.allow) {
    if (ipaddr.isValidCIDR(entry)) networks.push(ipaddr.parseCIDR(entry))
    else if (/^(?:\[[0-9a-fA-F:.]+\]|[^\s:/[\]]+):[0-9]{1,5}$/.test(entry)) pairs.add(entry.toLowerCase())
    else throw new RangeError(`neither host:port nor a network: ${JSON.stringify(entry)}`)
  }
  return {
    permits({ host, port, address }) {
      const parsed = ipaddr.process(address)
      return (
        pairs.has(`${bracket(host.toLowerCase())}:${port}`) ||
        pairs.has(`${bracket(address)}:${port}`) ||
        networks.some(([network, bits]) => parsed.kind() === network.kind() && parsed.match(network, bits)) ||
        isPublic(parsed)
      )
    },
  }
}

// Public by its number, yet it answers inside Azure alone: the virtual machine agent's endpoint.
const AZURE_WIRE_SERVER = '168.63.129.16'

// Everything that the IPv6 registries hand out is in here; the oldest way of writing IPv4 addresses, and more, is not.
const GLOBAL_UNICAST = [0x2000, 0, 0, 0, 0, 0, 0, 0]

/** ipaddr.js calls unicast what is in none of the special ranges: private, loopback, link-local, shared, mapped, NAT64, 6to4, Teredo, … */
function isPublic(address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  if (address.range() !== 'unicast' || address.toString() === AZURE_WIRE_SERVER) return false
  return address instanceof ipaddr.IPv4 || address.match(new ipaddr.IPv6(GLOBAL_UNICAST), 3)
}

function bracket(host: string): string {
  return isIP(host) === 6 ? `[${host}]` : host
}
