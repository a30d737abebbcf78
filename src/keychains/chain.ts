import type { Keychain } from '#oci'

/** Asks one keychain after the other; the first that knows has answered. An error of one is the answer too. */
export function chain(...keychains: readonly Keychain[]): Keychain {
  return {
    async credentials(scope, signal) {
      for (const keychain of keychains) {
        const found = await keychain.credentials(scope, signal)
        if (found !== undefined) return found
      }
      return undefined
    },
  }
}
