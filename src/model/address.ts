/** Addresses: those that are `value` wherever `mask` has ones. All are of IPv6, those of IPv4 mapped into it: the two spellings are one. */
export interface AddressRange {
  readonly value: bigint
  readonly mask: bigint
}

const ALL = (1n << 128n) - 1n
const MAPPED: AddressRange = { value: 0xffffn << 32n, mask: ALL ^ 0xffffffffn }

/** An address, a network (`10.0.0.0/8`, `fd00::/8`), or an address with wildcards (`10.0.*.*`, `10.*`); undefined for what is none. */
export function parseAddressRange(text: string): AddressRange | undefined {
  const [address = '', prefix, ...rest] = text.split('/')
  const range = address.includes(':') ? parseV6(address) : parseV4(address)
  if (range === undefined || prefix === undefined || rest.length > 0)
    return rest.length > 0 ? undefined : range
  const most = address.includes(':') ? 128 : 32
  if (range.mask !== ALL || !/^(?:0|[1-9][0-9]{0,2})$/.test(prefix) || Number(prefix) > most) return undefined
  const mask = (ALL << BigInt(most - Number(prefix))) & ALL
  return { value: range.value & mask, mask }
}

/** Whether one of the ranges has the address; what is no address is in none. An interface's name behind it (`%eth0`) does not count. */
export function admits(ranges: readonly AddressRange[], address: string): boolean {
  const one = parseAddressRange(address.replace(/%.*$/, ''))
  return one !== undefined && one.mask === ALL && ranges.some((range) => isWithin(one, range))
}

/** Whether all that is in `inner` is in `outer`. */
export function isWithin(inner: AddressRange, outer: AddressRange): boolean {
  return (inner.mask & outer.mask) === outer.mask && (inner.value & outer.mask) === outer.value
}

function parseV4(text: string): AddressRange | undefined {
  const parts = text.split('.')
  // No leading zero: some read it as octal.
  if (parts.some((part) => !/^(?:\*|0|[1-9][0-9]{0,2})$/.test(part) || Number(part) > 255)) return undefined
  const range = join(parts, 4, 8n, (part) => BigInt(part))
  return range && { value: range.value | MAPPED.value, mask: range.mask | MAPPED.mask }
}

function parseV6(text: string): AddressRange | undefined {
  const halves = text.split('::')
  if (halves.length > 2) return undefined
  const [head = [], tail] = halves.map((half) => (half === '' ? [] : unmap(half.split(':'))))
  const missing = tail === undefined ? 0 : 8 - head.length - tail.length
  if (tail !== undefined && (missing < 1 || text.includes('*'))) return undefined
  const parts = [...head, ...new Array<string>(missing).fill('0'), ...(tail ?? [])]
  if (parts.some((part) => !/^(?:\*|[0-9a-f]{1,4})$/i.test(part))) return undefined
  return join(parts, 8, 16n, (part) => BigInt(`0x${part}`))
}

/** An address of IPv4 at the end is its last two groups. */
function unmap(parts: readonly string[]): readonly string[] {
  const last = parts.at(-1) ?? ''
  const range = last.includes('.') ? parseV4(last) : undefined
  if (range === undefined || range.mask !== ALL) return parts
  const low = range.value & 0xffffffffn
  return [...parts.slice(0, -1), (low >> 16n).toString(16), (low & 0xffffn).toString(16)]
}

/** A wildcard at the end stands for all that is left. */
function join(
  parts: readonly string[],
  count: number,
  bits: bigint,
  read: (part: string) => bigint,
): AddressRange | undefined {
  const short = parts.length < count && parts.at(-1) === '*'
  if (parts.length !== count && !short) return undefined
  const ones = (1n << bits) - 1n
  let [value, mask] = [0n, 0n]
  for (const part of [...parts, ...new Array<string>(count - parts.length).fill('*')]) {
    const wild = part === '*'
    value = (value << bits) | (wild ? 0n : read(part))
    mask = (mask << bits) | (wild ? 0n : ones)
  }
  return { value, mask }
}
