import type { RegistryOptions } from './registry/options.ts'
import { Registry } from './registry/server.ts'

export type { Auth, BasicAuth, BearerAuth } from './registry/auth.ts'
export * as faults from './registry/behaviour.ts'
export { type Content, generatedBlob, randomBytesFrom, sha256, sha512 } from './registry/content.ts'
export type { Behaviour, Fault, FaultLimits } from './registry/faults.ts'
export type { RecordedRequest, RequestMatch } from './registry/ledger.ts'
export { acceptAll, mediaTypes } from './registry/media-type.ts'
export type { RegistryOptions } from './registry/options.ts'
export type { Registry } from './registry/server.ts'
export type { StoredManifest } from './registry/storage.ts'
export type { OpenUpload } from './registry/uploads.ts'

/** Starts an in-process registry on 127.0.0.1, empty, listening when the promise resolves. */
export function startRegistry(options: RegistryOptions = {}): Promise<Registry> {
  return Registry.start(options)
}
