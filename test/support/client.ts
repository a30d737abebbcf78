import { acceptAll, sha256 } from './registry.ts'

export interface BasicCredentials {
  readonly username: string
  readonly password: string
}

export function authorization(auth: BasicCredentials | undefined): Record<string, string> {
  if (auth === undefined) return {}
  return { authorization: `Basic ${Buffer.from(`${auth.username}:${auth.password}`).toString('base64')}` }
}

export interface RawManifest {
  readonly status: number
  /** Of the body that came, whatever the headers say. */
  readonly digest: string
  readonly mediaType: string
  readonly bytes: Buffer
}

/** What stands behind a tag or a digest, seen from outside. Plain http and Basic only. */
export async function getManifestRaw(
  url: string,
  repository: string,
  reference: string,
  auth?: BasicCredentials,
): Promise<RawManifest> {
  const headers = { accept: acceptAll, 'accept-encoding': 'identity', ...authorization(auth) }
  const response = await fetch(`${url}/v2/${repository}/manifests/${reference}`, { headers })
  const bytes = Buffer.from(await response.arrayBuffer())
  const mediaType = response.headers.get('content-type') ?? ''
  return { status: response.status, digest: sha256(bytes), mediaType, bytes }
}

/** Sorted; none where the repository is unknown. */
export async function listTags(url: string, repository: string, auth?: BasicCredentials): Promise<string[]> {
  const response = await fetch(`${url}/v2/${repository}/tags/list`, { headers: authorization(auth) })
  const body = (await response.json()) as { readonly tags?: readonly string[] | null }
  if (response.status === 404) return []
  if (response.status !== 200) throw new Error(`tags of ${repository}: status ${response.status}`)
  return [...(body.tags ?? [])].sort()
}

export interface RawBlob {
  readonly status: number
  readonly digest: string
  readonly size: number
}

/** Reads a blob to its end and hashes what came. */
export async function getBlobRaw(
  url: string,
  repository: string,
  digest: string,
  auth?: BasicCredentials,
): Promise<RawBlob> {
  const headers = { 'accept-encoding': 'identity', ...authorization(auth) }
  const response = await fetch(`${url}/v2/${repository}/blobs/${digest}`, { headers })
  const bytes = Buffer.from(await response.arrayBuffer())
  return { status: response.status, digest: sha256(bytes), size: bytes.length }
}
