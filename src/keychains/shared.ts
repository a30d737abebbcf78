import type { Network } from '#oci'

const SHARED_LIMIT = 200
const opened = new WeakMap<Network, Map<string, Promise<unknown>>>()

/** What was opened for this credential on this network, so that a vendor's token serves all who come with the same one. */
export function shared<T>(network: Network, credential: object, open: () => Promise<T>): Promise<T> {
  const known = opened.get(network) ?? new Map<string, Promise<unknown>>()
  opened.set(network, known)
  const key = JSON.stringify(credential)
  const found = (known.get(key) as Promise<T> | undefined) ?? open()
  // The one that was not asked for the longest goes first.
  known.delete(key)
  known.set(key, found)
  const [oldest] = known.keys()
  if (known.size > SHARED_LIMIT && oldest !== undefined) known.delete(oldest)
  return found
}
