import { isManifestType, MEDIA_TYPES } from './descriptor.ts'
import { type Digest, digestOf, isDigest } from './digest.ts'
import { RegistryError } from './errors.ts'
import type { Abortable } from './http/network.ts'
import type { Session } from './http/session.ts'
import { type Manifest, mediaTypeOf, parseManifest } from './manifest.ts'
import type { Tag } from './reference.ts'

/** How a manifest is asked for. */
export interface FindOptions extends Abortable {
  /** A media type that is not known here and is taken too. */
  readonly expected?: string
  /** Not to be tried again. */
  readonly once?: boolean
}

// All of them, always: registries answer 404 for a manifest whose type is not accepted, or convert it to another one.
const ACCEPT = Object.values(MEDIA_TYPES).join(', ')

/**
 * What the registry says that the name stands for, in one HEAD, which quotas on pulls do not count; undefined when it stands for nothing. It is
 * believed: for showing, never for promoting. Where the answer names no digest, the manifest is read after all.
 */
export async function headManifest(
  session: Session,
  name: Tag | Digest,
  scopes: readonly string[],
  options: Abortable,
): Promise<Digest | undefined> {
  const answer = await session.ask(
    {
      method: 'HEAD',
      url: session.url(`manifests/${name}`),
      headers: { accept: ACCEPT },
      scopes,
      accepts: [200, 404],
      what: `manifest ${name}`,
      fallback: 'MANIFEST_UNKNOWN',
    },
    options,
  )
  answer.body.cancel()
  if (answer.status === 404) return undefined
  const named = answer.headers.get('docker-content-digest') ?? ''
  if (isDigest(named)) return named
  return (await getManifest(session, name, scopes, options))?.descriptor.digest
}

/** The manifest of that name, its bytes hashed; undefined when there is none. OCI distribution spec, "Pulling manifests". */
export async function getManifest(
  session: Session,
  name: Tag | Digest,
  scopes: readonly string[],
  options: FindOptions,
): Promise<Manifest | undefined> {
  const what = `manifest ${name}`
  const limit = session.network.options.manifestBytes
  const answer = await session.ask(
    {
      method: 'GET',
      url: session.url(`manifests/${name}`),
      headers: { accept: options.expected === undefined ? ACCEPT : `${ACCEPT}, ${options.expected}` },
      scopes,
      accepts: [200, 404],
      what,
      fallback: 'MANIFEST_UNKNOWN',
      ...(options.once && { once: true }),
    },
    options,
  )
  if (answer.status === 404) {
    answer.body.cancel()
    return undefined
  }
  const bytes = await answer.body.bytes(limit)
  if (bytes === undefined) {
    throw new RegistryError('MANIFEST_TOO_LARGE', `${session.where(what)}: larger than ${limit} bytes`)
  }
  const like = isDigest(name) ? name : undefined
  const digest = digestOf(bytes, like)
  if (like !== undefined && digest !== like)
    throw new RegistryError('DIGEST_MISMATCH', `${session.where(what)}: its bytes hash to ${digest}`)
  const named = answer.headers.get('docker-content-digest') ?? ''
  const claimed = isDigest(named) && digestOf(bytes, named) !== named ? named : undefined
  if (claimed !== undefined && like === undefined) {
    // One of header and bytes is wrong. What is there under the digest of the bytes is what the bytes say.
    const found = await getManifest(session, digest, scopes, options)
    if (found !== undefined) return { ...found, claimed }
    const why = `its bytes hash to ${digest}, and it should be ${claimed}`
    throw new RegistryError('DIGEST_MISMATCH', `${session.where(what)}: ${why}`)
  }
  const served = answer.headers.get('content-type') ?? ''
  const manifest = read(session, what, bytes, served, like, options.expected)
  return claimed === undefined ? manifest : { ...manifest, claimed }
}

function read(
  session: Session,
  what: string,
  bytes: Uint8Array,
  served: string,
  like: Digest | undefined,
  expected: string | undefined,
): Manifest {
  const type = served.split(';', 1)[0]?.trim() ?? ''
  // Where the answer's own type is none, the document's is.
  const known = isManifestType(type) || type === expected || /\.manifest\.v1\+/.test(type)
  try {
    return parseManifest(bytes, known ? type : (mediaTypeOf(bytes) ?? type), like, expected)
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error
    throw new RegistryError(error.code, `${session.where(what)}: ${error.message}`, { cause: error })
  }
}

/**
 * Puts the manifest's bytes, by digest or straight under a tag. What it names must be there before. Answers whether the registry lists it
 * among the referrers of its subject. OCI distribution spec, "Pushing manifests", "Pushing Manifests with Subject".
 * @throws RegistryError TAG_IMMUTABLE when the registry keeps the tag where it is; MANIFEST_BLOB_UNKNOWN when something is missing.
 */
export async function putManifest(
  session: Session,
  manifest: Manifest,
  tag: Tag | undefined,
  options: Abortable,
): Promise<{ readonly listed: boolean }> {
  const { mediaType, digest } = manifest.descriptor
  try {
    const answer = await session.ask(
      {
        method: 'PUT',
        url: session.url(`manifests/${tag ?? digest}`),
        headers: { 'content-type': mediaType },
        body: manifest.bytes,
        scopes: [session.scope('pull,push')],
        accepts: [200, 201, 202],
        what: `manifest ${tag ?? digest}`,
        fallback: 'MANIFEST_INVALID',
      },
      options,
    )
    await answer.body.bytes(64 * 1024)
    const subject = answer.headers.get('oci-subject')
    return { listed: subject !== undefined && subject === manifest.subject?.digest }
  } catch (error) {
    if (tag !== undefined && error instanceof RegistryError && saysImmutable(error)) {
      throw new RegistryError('TAG_IMMUTABLE', error.message, {
        cause: error,
        ...(error.status !== undefined && { status: error.status }),
      })
    }
    throw error
  }
}

/** There is no code for it in the spec: ECR says 400 TAG_INVALID, Harbor 412, others 403 or 409 with words. */
function saysImmutable({ status, code, message }: RegistryError): boolean {
  if (status === 412 || (status === 400 && code === 'TAG_INVALID')) return true
  return (
    (status === 400 || status === 403 || status === 409) && /immutab|overwrit|already exists/i.test(message)
  )
}
