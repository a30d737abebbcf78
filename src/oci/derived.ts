import { type Descriptor, MEDIA_TYPES } from './descriptor.ts'
import type { Digest } from './digest.ts'
import { type Manifest, parseManifest } from './manifest.ts'

// Indexes that are made here: the one place where a document is written rather than passed on.

/** A list of referrers with these in it: the one that is there, and behind it what it lacks. */
export function listed(before: Manifest | undefined, referrers: readonly Descriptor[]): Manifest {
  const known = new Set([...(before?.manifests ?? []), ...(before?.others ?? [])].map(({ digest }) => digest))
  const json = before === undefined ? EMPTY : documentOf(before)
  const manifests = [...json.manifests, ...referrers.filter(({ digest }) => !known.has(digest))]
  return written({ ...json, manifests }, MEDIA_TYPES.index)
}

/** The index with these of its children alone, everything else as it is. Its digest is another one. */
export function withChildren(index: Manifest, digests: ReadonlySet<Digest>): Manifest {
  const json = documentOf(index)
  const manifests = json.manifests.filter(({ digest }) => digests.has(digest))
  return written({ ...json, manifests }, index.descriptor.mediaType)
}

interface Document {
  readonly manifests: readonly { readonly digest: Digest }[]
}

const EMPTY = { schemaVersion: 2, mediaType: MEDIA_TYPES.index, manifests: [] }

function documentOf({ bytes }: Manifest): Document {
  return JSON.parse(new TextDecoder().decode(bytes))
}

function written(document: Document, mediaType: string): Manifest {
  return parseManifest(Buffer.from(JSON.stringify(document)), mediaType)
}
