import type { Keychain } from './credentials.ts'
import type { RegistryErrorCode } from './errors.ts'
import type { Abortable, Network } from './http/network.ts'
import type { Reference, RepositoryName } from './reference.ts'

/** What is looked at, in this order. */
export const STEPS = [
  'name',
  'connection',
  'tls',
  'credentials',
  'pull',
  'push',
  'repository',
  'quota',
] as const

/** What came of one of them. */
export interface Finding {
  readonly step: (typeof STEPS)[number]
  /** `skipped`: nothing to look at, or not looked at because of what was found before. */
  readonly status: 'ok' | 'failed' | 'skipped'
  readonly code?: RegistryErrorCode
  /** One sentence, without secrets. */
  readonly message: string
  /** What to do now, where something is to be done. */
  readonly advice?: string
}

/** What to look at. Without a repository only what is true of the whole registry is. */
export interface Examined extends Omit<Reference, 'repository'> {
  readonly repository: RepositoryName | undefined
}

/**
 * Finds out what is missing to pull from a place or to push to it, before anything is copied: one finding for each step, as it is made.
 * Nothing is written, but for `push`: an upload is begun there and given up again. Manifests are asked for by HEAD, which costs no quota.
 * @throws RegistryError CANCELLED
 */
export async function* examine(
  network: Network,
  place: Examined,
  keychain: Keychain,
  { access, signal }: Abortable & { readonly access: 'pull' | 'push' },
): AsyncGenerator<Finding, void> {
  const [{ Examination }, { adviceFor }] = await Promise.all([
    import('./examination.ts'),
    import('./advice.ts'),
  ])
  const examination = new Examination(network, place, keychain, { access, ...(signal && { signal }) })
  for (const step of STEPS) {
    const verdict = await examination[step]()
    const { status, code } = verdict
    const advice = status === 'failed' && code !== undefined ? adviceFor(step, code) : undefined
    yield { step, ...verdict, ...(advice !== undefined && { advice }) }
  }
}
