import type { Descriptor } from './descriptor.ts'
import { Digester } from './digest.ts'
import { RegistryError } from './errors.ts'
import type { Body } from './http/body.ts'
import type { Abortable } from './http/network.ts'
import type { Session } from './http/session.ts'
import type { Chunk } from './http/slabs.ts'

/**
 * A blob on its way. Its chunks are lent: release each when it has been used. The last one comes only after all bytes were found to be
 * what the descriptor says, so whoever waits for the end has the truth. Read it to the end, or cancel it.
 */
export interface BlobStream {
  /** In bytes, as the descriptor says. */
  readonly size: number
  readonly chunks: AsyncIterable<Chunk>
  /** Lets go of what is left. Harmless at the end, and twice. */
  cancel(): void
}

/** Whether the blob is there with its whole length. OCI distribution spec, "Checking if content exists in the registry". */
export async function headBlob(
  session: Session,
  blob: Descriptor,
  scopes: readonly string[],
  options: Abortable & { readonly once?: boolean },
): Promise<boolean> {
  const answer = await session.ask(
    {
      method: 'HEAD',
      url: session.url(`blobs/${blob.digest}`),
      scopes,
      accepts: [200, 404],
      what: `blob ${blob.digest}`,
      fallback: 'BLOB_UNKNOWN',
      ...(options.once && { once: true }),
    },
    options,
  )
  answer.body.cancel()
  // A blob that was cut short on the registry's disk is served with its short length and the right digest.
  const length = answer.headers.get('content-length')
  return answer.status === 200 && (length === undefined || Number(length) === blob.size)
}

/**
 * Opens the blob. Not tried again here: whoever copies it repeats the copy. OCI distribution spec, "Pulling blobs".
 * @throws RegistryError BLOB_UNKNOWN, SIZE_MISMATCH at once; DIGEST_MISMATCH or SIZE_MISMATCH from the chunks.
 */
export async function getBlob(session: Session, blob: Descriptor, options: Abortable): Promise<BlobStream> {
  const what = `blob ${blob.digest}`
  const answer = await session.ask(
    {
      method: 'GET',
      url: session.url(`blobs/${blob.digest}`),
      scopes: [session.scope('pull')],
      accepts: [200],
      what,
      fallback: 'BLOB_UNKNOWN',
      download: true,
      once: true,
    },
    options,
  )
  const length = answer.headers.get('content-length')
  if (length !== undefined && Number(length) !== blob.size) {
    answer.body.cancel()
    throw new RegistryError(
      'SIZE_MISMATCH',
      `${session.where(what)}: ${length} bytes instead of ${blob.size}`,
    )
  }
  return {
    size: blob.size,
    chunks: verified(answer.body, blob, session.where(what)),
    cancel: () => answer.body.cancel(),
  }
}

async function* verified(body: Body, blob: Descriptor, where: string): AsyncGenerator<Chunk> {
  const digester = new Digester(blob.digest)
  let held: Chunk | undefined
  try {
    for await (const chunk of body) {
      digester.update(chunk.bytes)
      const before = held
      held = chunk
      if (digester.size > blob.size)
        throw new RegistryError('SIZE_MISMATCH', `${where}: more than ${blob.size} bytes`)
      if (before !== undefined) yield before
    }
    if (digester.size !== blob.size)
      throw new RegistryError('SIZE_MISMATCH', `${where}: ${digester.size} bytes instead of ${blob.size}`)
    const digest = digester.digest()
    if (digest !== blob.digest)
      throw new RegistryError('DIGEST_MISMATCH', `${where}: its bytes hash to ${digest}`)
    const last = held
    held = undefined
    if (last !== undefined) yield last
  } finally {
    held?.release()
  }
}
