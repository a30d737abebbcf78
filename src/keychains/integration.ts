import type { CredentialScope, Keychain, Network } from '#oci'

/** What an integration, or a person, has to show: one shape for each kind. Every text is a secret. */
export type IntegrationCredential =
  | { readonly kind: 'docker-hub'; readonly username: string; readonly password: string }
  /** A personal access token with `read:packages`, and `write:packages` for a target. GHCR does not look at the username. */
  | { readonly kind: 'github'; readonly token: string; readonly username?: string }
  /** `apiKey`: a service account's key, the JSON document as text. */
  | { readonly kind: 'google-service-account'; readonly apiKey: string }
  /** The region of a token is the one in the registry's name; `region` is for people to read. */
  | {
      readonly kind: 'amazon'
      readonly accessKey: string
      readonly secretKey: string
      readonly region?: string
    }
  | { readonly kind: 'basic'; readonly username: string; readonly password: string }

/**
 * The keychain of one integration. It answers for its vendor's registries alone, by the registry's name as it stands in the reference and not
 * by where an endpoint puts it; for every other host it knows nothing. `basic` is for whatever registry it is asked about.
 *
 * Google and Amazon are asked through `network`, and so through its guard, only when credentials are asked for; what they give is kept until
 * shortly before its end. The keychain holds that token: keep it as long as the credential.
 *
 * `credentials` throws RegistryError UNAUTHORIZED when the vendor refuses or the key cannot be used, REGISTRY_UNAVAILABLE (retryable) when the
 * vendor cannot be asked now, and what {@link Network.request} throws.
 */
export function integrationKeychain(credential: IntegrationCredential, network: Network): Keychain {
  switch (credential.kind) {
    case 'docker-hub':
      return overTls(onlyFor(isDockerHub, fixedKeychain(credential)))
    case 'github':
      return overTls(
        onlyFor(
          isGithub,
          fixedKeychain({ username: credential.username || 'tagboat', password: credential.token }),
        ),
      )
    case 'google-service-account':
      return overTls(
        loaded(async () => (await import('./google.ts')).googleKeychain(credential.apiKey, network)),
      )
    case 'amazon':
      return overTls(
        loaded(async () => (await import('./amazon-ecr.ts')).amazonKeychain(credential, network)),
      )
    case 'basic':
      return fixedKeychain(credential)
  }
}

/** A username and a password for whatever registry is asked about: put it only before a side that they are meant for. */
export function fixedKeychain(pair: { readonly username: string; readonly password: string }): Keychain {
  const { username, password } = pair
  return { credentials: async () => ({ kind: 'basic', username, password }) }
}

/** Vendors' protocols take a moment to load, and most commands need none. */
function loaded(load: () => Promise<Keychain>): Keychain {
  let keychain: Promise<Keychain> | undefined
  return {
    async credentials(scope, signal) {
      keychain ??= load()
      return (await keychain).credentials(scope, signal)
    },
  }
}

/** Vendors' registries are never spoken to over http: a reference that says so would have the credentials sent in the clear. */
function overTls(keychain: Keychain): Keychain {
  return onlyFor(({ scheme }) => scheme === 'https', keychain)
}

function onlyFor(isTheirs: (scope: CredentialScope) => boolean, keychain: Keychain): Keychain {
  return {
    credentials: async (scope, signal) => (isTheirs(scope) ? keychain.credentials(scope, signal) : undefined),
  }
}

// Every spelling of Docker Hub is this one by the time a reference is parsed.
const isDockerHub = ({ registry }: CredentialScope): boolean => registry === 'docker.io'

const GITHUB = /^(?:ghcr\.io|docker\.pkg\.github\.com|containers\.[a-z0-9-]+\.ghe\.com)(?::443)?$/

const isGithub = ({ registry }: CredentialScope): boolean => GITHUB.test(registry)
