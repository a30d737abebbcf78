import type { CredentialScope, Keychain, Network } from '#oci'
import { type AmazonCredential, openAmazon } from './amazon.ts'
import { isAzure, isDigitalOcean, isDockerHub, isEcr, isGithub, isGitlab, isGoogle } from './registries.ts'
import { shared } from './shared.ts'

/** What an integration, or a person, has to show: one shape for each kind. Every text is a secret. */
export type IntegrationCredential =
  | { readonly kind: 'docker-hub'; readonly username: string; readonly password: string }
  /** A personal access token with `read:packages`, and `write:packages` for a target. GHCR does not look at the username. */
  | { readonly kind: 'github'; readonly token: string; readonly username?: string }
  /** A personal, group or project access token, or with its username a deploy token. `hostUrl`: of a GitLab of one's own. */
  | {
      readonly kind: 'gitlab'
      readonly token: string
      readonly username?: string
      readonly hostUrl?: string
    }
  | { readonly kind: 'digital-ocean'; readonly token: string }
  /** A service principal with the role AcrPull, and AcrPush for a target. */
  | { readonly kind: 'azure-cloud'; readonly appId: string; readonly password: string }
  /** `apiKey`: a service account's key, the JSON document as text. */
  | { readonly kind: 'google-service-account'; readonly apiKey: string }
  | AmazonCredential
  | { readonly kind: 'basic'; readonly username: string; readonly password: string }

/**
 * The keychain of one integration. It answers for its vendor's registries alone, by the registry's name as it stands in the reference and not
 * by where an endpoint puts it; for every other host it knows nothing. `basic` is for whatever registry it is asked about.
 *
 * Google and Amazon are asked through `network`, and so through its guard, only when credentials are asked for; what they give is kept until
 * shortly before its end, and for all who open the same credential on the same network.
 *
 * `credentials` throws RegistryError UNAUTHORIZED when the vendor refuses or the key cannot be used, REGISTRY_UNAVAILABLE (retryable) when the
 * vendor cannot be asked now, and what {@link Network.request} throws.
 */
export function integrationKeychain(credential: IntegrationCredential, network: Network): Keychain {
  const serves = (scope: CredentialScope) => servesRegistry(credential, scope)
  switch (credential.kind) {
    case 'google-service-account':
      return onlyFor(serves, {
        credentials: async (...asked) => (await openGoogle(credential, network)).credentials(...asked),
      })
    case 'amazon':
      return onlyFor(serves, {
        credentials: async (...asked) => (await openAmazon(credential, network)).credentials(...asked),
      })
    default:
      return onlyFor(serves, fixedKeychain(pairOf(credential)))
  }
}

/**
 * Whether the credential is for this registry. Vendors' registries are never spoken to over http: a reference that says so would have the
 * credentials sent in the clear.
 */
export function servesRegistry(
  credential: IntegrationCredential,
  scope: Pick<CredentialScope, 'registry' | 'scheme'>,
): boolean {
  if (credential.kind === 'basic') return true
  if (scope.scheme !== 'https') return false
  switch (credential.kind) {
    case 'docker-hub':
      return isDockerHub(scope)
    case 'github':
      return isGithub(scope)
    case 'gitlab':
      return isGitlab(scope, credential.hostUrl)
    case 'digital-ocean':
      return isDigitalOcean(scope)
    case 'azure-cloud':
      return isAzure(scope)
    case 'google-service-account':
      return isGoogle(scope)
    case 'amazon':
      return isEcr(scope)
  }
}

/** A username and a password for whatever registry is asked about: put it only before a side that they are meant for. */
export function fixedKeychain({ username, password }: Pair): Keychain {
  // As docker login writes it: what follows is an identity token.
  if (username === '<token>') return { credentials: async () => ({ kind: 'refresh', token: password }) }
  // Half a pair is none: it would be refused after having been sent.
  if (username === '' || password === '') return { credentials: async () => undefined }
  return { credentials: async () => ({ kind: 'basic', username, password }) }
}

interface Pair {
  readonly username: string
  readonly password: string
}

function pairOf(
  credential: Exclude<IntegrationCredential, { kind: 'amazon' | 'google-service-account' }>,
): Pair {
  switch (credential.kind) {
    case 'github':
      return { username: credential.username || 'tagboat', password: credential.token }
    case 'gitlab':
      // What OAuth tokens need; other tokens do with any.
      return { username: credential.username || 'oauth2', password: credential.token }
    case 'digital-ocean':
      return { username: credential.token, password: credential.token }
    case 'azure-cloud':
      return { username: credential.appId, password: credential.password }
    default:
      return credential
  }
}

function openGoogle(
  credential: Extract<IntegrationCredential, { kind: 'google-service-account' }>,
  network: Network,
): Promise<Keychain> {
  return shared(network, credential, async () => {
    const [{ googleKeychain }, { serviceAccount }] = await Promise.all([
      import('./google.ts'),
      import('./google-service-account.ts'),
    ])
    return googleKeychain(serviceAccount(credential.apiKey, network))
  })
}

function onlyFor(isTheirs: (scope: CredentialScope) => boolean, keychain: Keychain): Keychain {
  return {
    credentials: async (scope, signal) => (isTheirs(scope) ? keychain.credentials(scope, signal) : undefined),
  }
}
