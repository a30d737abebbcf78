import type { RegistryName, RepositoryName } from './reference.ts'

/** What a person has to show at a registry. */
export type Credentials =
  | { readonly kind: 'basic'; readonly username: string; readonly password: string }
  /** A token for the registry itself, used as it is. */
  | { readonly kind: 'bearer'; readonly token: string }
  /** An OAuth2 refresh token (an "identity token"), exchanged at the realm. */
  | { readonly kind: 'refresh'; readonly token: string }

/** What a keychain is asked about. */
export interface CredentialScope {
  readonly registry: RegistryName
  /** How the registry is spoken to, as far as the reference says. */
  readonly scheme: 'http' | 'https'
  readonly repository: RepositoryName
}

/** Something that may know credentials. Asked only after a challenge asked for them; undefined means: go on without. */
export interface Keychain {
  credentials(scope: CredentialScope, signal?: AbortSignal): Promise<Credentials | undefined>
}

/** Knows nobody. */
export const ANONYMOUS: Keychain = { credentials: async () => undefined }
