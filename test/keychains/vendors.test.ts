import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { fixedKeychain, type IntegrationCredential, integrationKeychain } from '#keychains'
import { createAddressGuard, type Keychain, Network, openRepository, parseReference, type Tag } from '#oci'
import { hello } from '#support/images'
import { type Answer, type Asked, startVendor } from '#support/vendor'

const image = hello()
const V1 = '1' as Tag

/** A registry as its vendor runs it: where tokens come from, for whom, and how they are asked for. */
interface Vendor {
  /** As people write it. */
  readonly image: string
  /** The host that is really asked, and the repository there. */
  readonly host: string
  readonly repository: string
  /** Where the tokens come from; without, the registry asks for the credentials themselves. */
  readonly realm?: string
  readonly service?: string
  /** What the challenge names, where that is not the repository. */
  readonly scope?: string
  readonly field: 'token' | 'access_token' | 'both'
  readonly username: string
  readonly password: string
  readonly shown: IntegrationCredential | Keychain
}

const TOKEN = 'opaque.registry-token'

/** The vendor's two hosts in one server: the challenge, the token for the right credentials, service and scope, and one manifest. */
function house(vendor: Vendor): (asked: Asked) => Answer {
  const realm = vendor.realm === undefined ? undefined : new URL(vendor.realm)
  const basic = `Basic ${Buffer.from(`${vendor.username}:${vendor.password}`).toString('base64')}`
  const scope = `repository:${vendor.repository}:pull`
  const challenge =
    realm === undefined
      ? `Basic realm="https://${vendor.host}/",service="ecr.amazonaws.com"`
      : `Bearer realm="${vendor.realm}",service="${vendor.service}",scope="${vendor.scope ?? scope}"`
  return ({ path, headers, method, body }) => {
    const url = new URL(path, 'http://x')
    if (realm !== undefined && url.pathname === realm.pathname) {
      const form = new URLSearchParams(body)
      const refreshing = method === 'POST' && form.get('grant_type') === 'refresh_token'
      if (method === 'POST' && !refreshing) return { status: 404, json: {} }
      const given = refreshing ? form : url.searchParams
      const known = refreshing
        ? form.get('refresh_token') === vendor.password
        : headers.authorization === basic
      if (!known)
        return { status: 401, json: { errors: [{ code: 'UNAUTHORIZED', message: 'bad credentials' }] } }
      if (given.get('service') !== vendor.service) return { status: 400, json: {} }
      if (given.getAll('scope').join(' ') !== scope) return { status: 403, json: {} }
      const { field } = vendor
      const named = {
        ...(field !== 'access_token' && { token: TOKEN }),
        ...(field !== 'token' && { access_token: TOKEN }),
      }
      return { status: 200, json: { ...named, expires_in: 300, issued_at: new Date().toISOString() } }
    }
    const wanted = realm === undefined ? basic : `Bearer ${TOKEN}`
    if (headers.authorization !== wanted)
      return { status: 401, json: {}, headers: { 'www-authenticate': challenge } }
    if (url.pathname !== `/v2/${vendor.repository}/manifests/1`) return { status: 404, json: {} }
    return { status: 200, text: image.top.bytes.toString(), headers: { 'content-type': image.top.mediaType } }
  }
}

const login = (username: string, password: string): Keychain => fixedKeychain({ username, password })
const key = JSON.stringify({ type: 'service_account', private_key: '-----BEGIN\nEND-----\n' }, null, 2)
const pkg = 'europe-west1-docker.pkg.dev'
const google = {
  image: `${pkg}/acme/images/app`,
  host: pkg,
  repository: 'acme/images/app',
  realm: `https://${pkg}/v2/token`,
  service: pkg,
  field: 'token',
} as const
const hub = {
  host: 'registry-1.docker.io',
  realm: 'https://auth.docker.io/token',
  service: 'registry.docker.io',
  field: 'both',
  username: 'acme',
  password: 'dckr_pat_x',
  shown: { kind: 'docker-hub', username: 'acme', password: 'dckr_pat_x' },
} as const
const azure = {
  image: 'acme.azurecr.io/app',
  host: 'acme.azurecr.io',
  repository: 'app',
  realm: 'https://acme.azurecr.io/oauth2/token',
  service: 'acme.azurecr.io',
  field: 'access_token',
} as const
const gitlab = {
  image: 'registry.gitlab.com/acme/app',
  host: 'registry.gitlab.com',
  repository: 'acme/app',
  realm: 'https://gitlab.com/jwt/auth',
  service: 'container_registry',
  field: 'token',
} as const

const VENDORS: Readonly<Record<string, Vendor>> = {
  'Docker Hub, an official image': { ...hub, image: 'redis', repository: 'library/redis' },
  'Docker Hub by the name of its API': {
    ...hub,
    image: 'registry-1.docker.io/acme/app',
    repository: 'acme/app',
  },
  'Docker Hub by the name of its index': {
    ...hub,
    image: 'index.docker.io/redis',
    repository: 'library/redis',
  },
  GitHub: {
    image: 'ghcr.io/acme/app',
    host: 'ghcr.io',
    repository: 'acme/app',
    realm: 'https://ghcr.io/token',
    service: 'ghcr.io',
    // What it says before it knows which repository is meant.
    scope: 'repository:user/image:pull',
    field: 'token',
    username: 'ada',
    password: 'ghp_x',
    shown: { kind: 'github', token: 'ghp_x', username: 'ada' },
  },
  'Artifact Registry with a key': {
    ...google,
    username: '_json_key',
    password: key,
    shown: login('_json_key', key),
  },
  'Artifact Registry with a key in base64': {
    ...google,
    username: '_json_key_base64',
    password: Buffer.from(key).toString('base64'),
    shown: login('_json_key_base64', Buffer.from(key).toString('base64')),
  },
  'Artifact Registry with an access token': {
    ...google,
    username: 'oauth2accesstoken',
    password: 'ya29.x',
    shown: login('oauth2accesstoken', 'ya29.x'),
  },
  'Azure with a service principal': {
    ...azure,
    username: 'app-id',
    password: 'secret',
    shown: { kind: 'azure-cloud', appId: 'app-id', password: 'secret' },
  },
  'Azure with a refresh token': {
    ...azure,
    username: '-',
    password: 'eyJ.refresh',
    shown: login('<token>', 'eyJ.refresh'),
  },
  'GitLab with an access token': {
    ...gitlab,
    username: 'oauth2',
    password: 'glpat-x',
    shown: { kind: 'gitlab', token: 'glpat-x' },
  },
  'GitLab with a deploy token': {
    ...gitlab,
    username: 'gitlab+deploy-token-1',
    password: 'gldt-x',
    shown: { kind: 'gitlab', token: 'gldt-x', username: 'gitlab+deploy-token-1' },
  },
  DigitalOcean: {
    image: 'registry.digitalocean.com/acme/app',
    host: 'registry.digitalocean.com',
    repository: 'acme/app',
    realm: 'https://api.digitalocean.com/v2/registry/auth',
    service: 'registry.digitalocean.com',
    field: 'token',
    username: 'dop_v1_x',
    password: 'dop_v1_x',
    shown: { kind: 'digital-ocean', token: 'dop_v1_x' },
  },
  'Quay with a robot': {
    image: 'quay.io/acme/app',
    host: 'quay.io',
    repository: 'acme/app',
    realm: 'https://quay.io/v2/auth',
    service: 'quay.io',
    field: 'token',
    username: 'acme+robot',
    password: 'ROBOT',
    shown: login('acme+robot', 'ROBOT'),
  },
  'Harbor with a robot': {
    image: 'harbor.acme.example:8443/team/app',
    host: 'harbor.acme.example:8443',
    repository: 'team/app',
    realm: 'https://harbor.acme.example:8443/service/token',
    service: 'harbor-registry',
    field: 'both',
    username: 'robot$team+ci',
    password: 'secret: with colons',
    shown: login('robot$team+ci', 'secret: with colons'),
  },
  'ECR, in its own words': {
    image: '123456789012.dkr.ecr.eu-west-1.amazonaws.com/app',
    host: '123456789012.dkr.ecr.eu-west-1.amazonaws.com',
    repository: 'app',
    field: 'token',
    username: 'AWS',
    password: 'twelve-hours',
    shown: login('AWS', 'twelve-hours'),
  },
}

async function meet(vendor: Vendor, shown: Vendor['shown'] = vendor.shown) {
  const server = await startVendor(house(vendor))
  const hosts = [vendor.host, ...(vendor.realm === undefined ? [] : [new URL(vendor.realm).host])]
  const network = new Network({
    guard: createAddressGuard({ allow: [] }),
    endpoints: new Map(hosts.map((host) => [host, server.url])),
    retries: 0,
  })
  const keychain = 'credentials' in shown ? shown : integrationKeychain(shown, network)
  return {
    server,
    at: openRepository(network, parseReference(`${vendor.image}:1`), keychain),
    async [Symbol.asyncDispose](): Promise<void> {
      await network.close()
      await server[Symbol.asyncDispose]()
    },
  }
}

describe('the registry of', { timeout: 30_000 }, () => {
  for (const [name, vendor] of Object.entries(VENDORS)) {
    test(`${name} lets in who is known there, with one token, and sees credentials where it asks for them alone`, async () => {
      await using set = await meet(vendor)
      for (let n = 0; n < 2; n++) assert.equal((await set.at.find(V1))?.descriptor.digest, image.top.digest)
      const realm = vendor.realm === undefined ? '/v2/' : new URL(vendor.realm).pathname
      const tokens = set.server.asked.filter(({ path }) => path.split('?', 1)[0] === realm)
      if (vendor.realm !== undefined) assert.equal(tokens.length, 1)
      for (const { path, headers } of set.server.asked)
        if (headers.authorization?.startsWith('Basic')) assert.ok(path.startsWith(realm), path)
    })
  }

  test('nobody lets in who is not, and says so without what was shown', async () => {
    for (const vendor of Object.values(VENDORS)) {
      await using set = await meet(vendor, login(vendor.username, 'wrong-canary'))
      await assert.rejects(set.at.find(V1), (error: Error & { code?: string }) => {
        assert.equal(error.code, 'UNAUTHORIZED')
        assert.doesNotMatch(error.message, /canary/)
        return true
      })
    }
  })
})
