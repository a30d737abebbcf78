import { BlobReader } from './blob-reader.ts'
import type { Descriptor } from './descriptor.ts'
import type { Abortable } from './http/network.ts'
import type { Session } from './http/session.ts'
import type { Chunk } from './http/slabs.ts'

/**
 * A blob on its way. Its chunks are lent: release each when it has been used. The last one comes only after all bytes were found to be
 * what the descriptor says, so whoever waits for the end has the truth. Where reading breaks off it goes on by itself, within the network's
 * retries. Read it to the end, or cancel it.
 */
export interface BlobStream {
  /** In bytes, as the descriptor says. */
  readonly size: number
  /**
   * The bytes from a place on: 0, or one that has been read up to before. Reading again asks the source again, and ends what was being read.
   */
  read(from?: number): AsyncIterable<Chunk>
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
 * Opens the blob. OCI distribution spec, "Pulling blobs".
 * @throws RegistryError BLOB_UNKNOWN, SIZE_MISMATCH at once; DIGEST_MISMATCH or SIZE_MISMATCH from the chunks.
 */
export function getBlob(session: Session, blob: Descriptor, options: Abortable): Promise<BlobStream> {
  return new BlobReader(session, blob, options).open()
}
