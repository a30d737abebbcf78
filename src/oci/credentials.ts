import type { RegistryName, RepositoryName } from './reference.ts'

/** What a person has to show at a registry. */
export type Credentials =
  | { readonly kind: 'basic'; readonly username: string; readonly password: string }
  /** A token for the registry itself, used as it is. */
  | { readonly kind: 'bearer'; readonly token: string }
  /** An OAuth2 refresh token (an "identity token"), exchanged at the realm; the username is for realms without OAuth2. */
  | { readonly kind: 'refresh'; readonly token: string; readonly username?: string }

/** What a keychain is asked about. */
export interface CredentialScope {
  readonly registry: RegistryName
  /** How the registry is spoken to, as far as the reference says. */
  readonly scheme: 'http' | 'https'
  readonly repository: RepositoryName
  /** What was given before and not accepted: something newer is wanted, if there is any. */
  readonly rejected?: Credentials
}

/** Something that may know credentials. Asked only after a challenge asked for them; undefined means: go on without. */
export interface Keychain {
  credentials(scope: CredentialScope, signal?: AbortSignal): Promise<Credentials | undefined>
}

/** Knows nobody. */
export const ANONYMOUS: Keychain = { credentials: async () => undefined }
