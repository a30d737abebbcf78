import { parseToken, type TokenSource } from './google.ts'
import type { Machine } from './machine.ts'
import { readIfThere } from './read-file.ts'
import { askVendor, refused } from './vendor.ts'

const PATIENCE_MS = 3_000

/** Access tokens of the machine's own service account, on Google's machines; undefined anywhere else. Compute Engine, "Metadata server". */
export async function fromMetadata(
  machine: Machine,
  signal: AbortSignal | undefined,
): Promise<TokenSource | undefined> {
  if (!(await isOnGoogle(machine))) return undefined
  const { env, network } = machine
  const host = env.GCE_METADATA_HOST || 'metadata.google.internal'
  const url = new URL(`http://${host}/computeMetadata/v1/instance/service-accounts/default/token`)
  const ask: TokenSource = async (signal) => {
    const patience = AbortSignal.timeout(PATIENCE_MS)
    const soon = signal === undefined ? patience : AbortSignal.any([signal, patience])
    const make = () => ({ method: 'GET' as const, url, headers: { 'metadata-flavor': 'Google' } })
    const answer = await askVendor(network, make, soon)
    if (answer.headers.get('metadata-flavor') !== 'Google')
      throw refused(url.host, 'no credentials', answer, ['it is not the metadata server'])
    return parseToken(url.host, answer)
  }
  const first = await ask(signal).catch((error) => {
    if (signal?.aborted) throw error
    return undefined
  })
  return first && ask
}

/** Asking anywhere else would make everybody wait for nobody. */
async function isOnGoogle({ env }: Machine): Promise<boolean> {
  if (env.GCE_METADATA_HOST || env.K_SERVICE || env.CLOUD_RUN_JOB || env.FUNCTION_NAME) return true
  const vendor = await readIfThere('/sys/class/dmi/id/bios_vendor').catch(() => undefined)
  return vendor?.startsWith('Google') ?? false
}
