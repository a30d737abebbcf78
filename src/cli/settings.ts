import type { NetworkOptions } from '#oci'
import type { Invocation } from './command.ts'

/** How the network is used, as the environment says. */
export async function readNetworkOptions(_env: Invocation['env']): Promise<Partial<NetworkOptions>> {
  return {}
}
