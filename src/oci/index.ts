/** A client for registries, in the words of the OCI specs, and the guarded connection under it. */
export type { BlobStream } from './blobs.ts'
export type { Referrers, Tagged } from './companions.ts'
export * from './credentials.ts'
export * from './derived.ts'
export * from './descriptor.ts'
export * from './digest.ts'
export * from './errors.ts'
export { type Examined, examine, type Finding, STEPS } from './examine.ts'
export { Holdings } from './holdings.ts'
export type { BandwidthLimits } from './http/bandwidth.ts'
export { type AddressGuard, createAddressGuard, type DialTarget } from './http/guard.ts'
export {
  type Abortable,
  DEFAULT_NETWORK,
  type HttpRequest,
  Network,
  type NetworkOptions,
} from './http/network.ts'
export { createProxies, type Proxies } from './http/proxies.ts'
export { type RetryPolicy, withRetries } from './http/retry.ts'
export type { TlsSettings } from './http/secure.ts'
export type { Chunk } from './http/slabs.ts'
export * from './manifest.ts'
export type { FindOptions } from './manifests.ts'
export type { Offer } from './offer.ts'
export type { Peers } from './peers.ts'
export * from './platform.ts'
export * from './reference.ts'
export { describeReferrer, isDigestTag, isReferrersIndex, referrersTag } from './referrers.ts'
export { openRepository, Repository } from './repository.ts'
export type { UploadSession } from './uploads.ts'
