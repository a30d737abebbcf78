/** A client for registries, in the words of the OCI specs. */
export * from './credentials.ts'
export * from './descriptor.ts'
export * from './digest.ts'
export * from './errors.ts'
export * from './manifest.ts'
export * from './reference.ts'
