/** A client for registries, in the words of the OCI specs. */
export * from './digest.ts'
export * from './errors.ts'
