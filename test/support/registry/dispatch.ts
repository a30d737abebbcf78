import { type Answer, bare, refuse, specError } from './answer.ts'
import { getBlob } from './blobs.ts'
import type { Exchange } from './exchange.ts'
import { catalog, listReferrers, listTags } from './listing.ts'
import { deleteManifest, getManifest, putManifest } from './manifests.ts'
import type { RegistryOptions } from './options.ts'
import type { Route } from './route.ts'
import type { Storage } from './storage.ts'
import { beginUpload, type UploadRules, upload } from './upload-routes.ts'
import type { Uploads } from './uploads.ts'

/** What the registry says to a request that may pass, for an endpoint and a method that it knows. */
export async function dispatch(
  exchange: Exchange,
  route: Route,
  storage: Storage,
  uploads: Uploads,
  options: RegistryOptions,
): Promise<Answer> {
  const { method, query } = exchange.record
  if (route.kind === 'base') {
    const headers = { 'content-type': 'application/json; charset=utf-8', 'content-length': '2' }
    return { status: 200, headers, body: Buffer.from('{}') }
  }
  if (route.kind === 'catalog') return catalog(storage, query)
  const repository = storage.find(route.name)
  const uploadRules: UploadRules = {
    mount: options.mount ?? 'mount',
    strictRanges: options.strictRanges ?? false,
    chunkMinLength: options.chunkMinLength,
  }
  // A registry behind another name answers with the name it was asked under.
  const scheme = options.tls === undefined ? 'http' : 'https'
  const origin = options.location === 'relative' ? '' : `${scheme}://${exchange.header('host')}`
  const locate = (path: string): string => `${origin}${path}`
  switch (route.kind) {
    case 'tags':
      return listTags(repository, route.name, query, options.tagPages)
    case 'referrers': {
      const rules = typeof options.referrers === 'object' ? options.referrers : undefined
      return listReferrers(repository, route.name, route.digest, query, rules)
    }
    case 'manifest': {
      if (method === 'DELETE') return deleteManifest(repository, route.reference)
      if (method !== 'PUT') return getManifest(storage, exchange, route.name, route.reference)
      const rules = {
        limit: options.manifestLimit ?? 4 * 1024 * 1024,
        referrers: Boolean(options.referrers),
        sparse: options.sparse ?? false,
      }
      return putManifest(storage, exchange, route.name, route.reference, rules, locate)
    }
    case 'blob':
      if (method !== 'DELETE') return getBlob(repository, exchange, route.digest)
      return repository?.blobs.delete(route.digest) ? bare(202) : refuse(404, [specError('BLOB_UNKNOWN')])
    case 'uploads':
      if (method !== 'POST') return refuse(404, [specError('BLOB_UPLOAD_UNKNOWN')])
      return beginUpload(storage, uploads, exchange, route.name, uploadRules, locate)
    case 'upload':
      return upload(storage, uploads, exchange, route.name, route.id, uploadRules, locate)
  }
}
