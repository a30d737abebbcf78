import { headBlob } from './blobs.ts'
import type { Descriptor } from './descriptor.ts'
import { RegistryError } from './errors.ts'
import type { Abortable, Network } from './http/network.ts'
import type { Session } from './http/session.ts'
import type { RepositoryName } from './reference.ts'
import { beginUpload, cancelUpload, mountBlob, type UploadSession } from './uploads.ts'

/** What a repository says to a blob that it is offered: it has it, it took it over from its neighbour, or it wants it sent. */
export type Offer = 'present' | 'mounted' | UploadSession

/**
 * Whether a registry looks for a blob that it is to mount from the very repository it is to be mounted into. Where it does, one request is
 * existence check and upload start; where it does not, a HEAD goes before. Found out per registry, remembered per network.
 */
type Habit = 'looks' | 'does not look'
const habits = new WeakMap<Network, Map<string, Habit>>()

/**
 * Offers the blob, from a neighbour that has it where there is one. An upload that comes of it is to be used or cancelled. A refused
 * mount is not tried again. OCI distribution spec, "Mounting a blob from another repository".
 */
export async function offerBlob(
  session: Session,
  blob: Descriptor,
  from: RepositoryName | undefined,
  scopes: readonly string[],
  options: Abortable,
): Promise<Offer> {
  const begun = () => beginUpload(session, options)
  if (from !== undefined) return (await mountBlob(session, blob, from, options).catch(unlessFinal)) ?? begun()
  const there = () => headBlob(session, blob, scopes, { ...options, once: true })
  const asked = async () => ((await there()) ? 'present' : begun())
  const known = habits.get(session.network) ?? new Map<string, Habit>()
  habits.set(session.network, known)
  const { origin } = session.base
  if (known.get(origin) === 'does not look') return asked()
  const answer = await mountBlob(session, blob, session.place.repository, options).catch((error) => {
    unlessFinal(error)
    // What can pass says nothing of habits.
    if (!error.retryable) known.set(origin, 'does not look')
  })
  if (answer === undefined) return asked()
  if (answer === 'mounted') {
    known.set(origin, 'looks')
    return 'present'
  }
  if (known.get(origin) === 'looks' || isDistributions(answer)) return answer
  const found = await there().catch(async (error) => {
    await cancelUpload(session, answer)
    throw error
  })
  if (!found) return answer
  known.set(origin, 'does not look')
  await cancelUpload(session, answer)
  return 'present'
}

/** A mount that is refused, in whatever way, is made up for; what ends everything is not. */
function unlessFinal(error: unknown): undefined {
  const refused = error instanceof RegistryError && !['CANCELLED', 'BLOCKED_ADDRESS'].includes(error.code)
  if (!refused) throw error
}

/** Distribution and what is built of it show their upload's state in the query, and they look. */
function isDistributions({ location }: UploadSession): boolean {
  return location.url.searchParams.has('_state')
}
