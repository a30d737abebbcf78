import {
  type Abortable,
  type Descriptor,
  describeReferrer,
  isReferrersIndex,
  listed,
  type Manifest,
  type RetryPolicy,
  referrersTag,
  withRetries,
} from '#oci'
import { on, PromotionError } from './errors.ts'
import { nameOf } from './graph.ts'
import { inParallel } from './parallel.ts'
import type { List } from './referrers.ts'
import type { Target } from './request.ts'

const AGAIN: RetryPolicy = { retries: 4, retryBaseMs: 250, retryAfterMaxMs: 0 }

/**
 * Lists referrers under their subject's fallback tag: what is there stays, and what it lacks is added. There is no compare-and-swap, so the
 * tag is read again afterwards, and written again where somebody else wrote meanwhile; in one process one does it at a time. False: the tag
 * names what is no list of referrers, and stays. OCI distribution spec, "Referrers Tag Schema".
 * @throws PromotionError TAG_MOVED when others write it every time; TAG_IMMUTABLE; or a registry's error
 */
export function listUnderTag(list: List, target: Target, options: Abortable): Promise<boolean> {
  const tag = referrersTag(list.subject)
  const find = () => on('target', target.find(tag, options))
  const add = async (): Promise<boolean> => {
    const there = await find()
    if (there !== undefined && !isReferrersIndex(there, list.subject)) return false
    const missing = lacking(there, list.referrers)
    if (missing.length === 0) return true
    await put(list, there, missing, target, options)
    if (lacking(await find(), list.referrers).length === 0) return true
    const why = 'does not list what was added: others may write it at the same time'
    throw new PromotionError('TAG_MOVED', 'target', `${nameOf(target, tag)}: ${why}`, { retryable: true })
  }
  return on(
    'target',
    target.holdings.alone(tag, () => withRetries(AGAIN, add, options), options),
  )
}

async function put(
  { subject, referrers, like }: List,
  there: Manifest | undefined,
  missing: readonly Manifest[],
  target: Target,
  options: Abortable,
): Promise<void> {
  const tag = referrersTag(subject)
  const entries = missing.map(describeReferrer)
  const index = there === undefined && saysExactly(like, referrers) ? like : listed(there, entries)
  try {
    await on('target', target.putManifest(index, tag, options))
  } catch (error) {
    const lost = error instanceof PromotionError && error.code === 'MANIFEST_BLOB_UNKNOWN'
    if (!lost || there === undefined) throw error
    // Lists outlive what they name: what the registry collected is taken off.
    const found = await inParallel(entriesOf(there), 16, ({ digest }) =>
      on('target', target.find(digest, options)),
    )
    const alive = found.filter((manifest) => manifest !== undefined)
    const rest = listed(undefined, [...alive.map(describeReferrer), ...entries])
    await on('target', target.putManifest(rest, tag, options))
  }
}

function lacking(list: Manifest | undefined, referrers: readonly Manifest[]): readonly Manifest[] {
  const digests = new Set(list && entriesOf(list).map(({ digest }) => digest))
  return referrers.filter(({ descriptor }) => !digests.has(descriptor.digest))
}

function saysExactly(list: Manifest | undefined, referrers: readonly Manifest[]): list is Manifest {
  return (
    list !== undefined && entriesOf(list).length === referrers.length && lacking(list, referrers).length === 0
  )
}

function entriesOf({ manifests, others }: Manifest): readonly Descriptor[] {
  return [...manifests, ...others]
}
