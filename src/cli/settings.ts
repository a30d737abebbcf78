import type { NetworkOptions } from '#oci'
import type { Invocation } from './command.ts'

/**
 * How the network is used, as the environment says. Where it says nothing the network's own defaults are the same, and nothing is loaded.
 * @throws ConfigError for a value that cannot be used, or a name that does not exist.
 */
export async function readNetworkOptions(env: Invocation['env']): Promise<Partial<NetworkOptions>> {
  const names = Object.keys(env)
  if (!names.some((name) => name.startsWith('TAGBOAT_') || /^https?_proxy$/i.test(name))) return {}
  const { networkOptionsOf, readConfig } = await import('#serve')
  return networkOptionsOf(readConfig(env))
}
