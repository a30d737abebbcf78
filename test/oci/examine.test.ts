import assert from 'node:assert/strict'
import { afterEach, describe, test } from 'node:test'
import {
  ANONYMOUS,
  type Credentials,
  type Examined,
  examine,
  type Finding,
  type Keychain,
  Network,
  type NetworkOptions,
  parseReference,
  RegistryError,
} from '#oci'
import { certificate } from '#support/certificate'
import { hello } from '#support/images'
import { type Auth, faults, type Registry, type RegistryOptions, startRegistry } from '#support/registry'
import { startVendor } from '#support/vendor'

const USER = { username: 'ada', password: 'pass-canary' }
const image = hello()
const open: (() => unknown)[] = []
afterEach(async () => {
  for (const close of open.splice(0).toReversed()) await close()
})

const knowing = (credentials: Credentials | undefined): Keychain => ({ credentials: async () => credentials })
const ada = knowing({ kind: 'basic', ...USER })
const wrong = knowing({ kind: 'basic', ...USER, password: 'wrong-canary' })
const basic: Auth = { kind: 'basic', ...USER }
const bearer = (more: Partial<Auth & { kind: 'bearer' }> = {}): Auth =>
  ({ kind: 'bearer', ...USER, ...more }) as Auth

async function stand(options: RegistryOptions = {}): Promise<Registry> {
  const registry = await startRegistry(options)
  open.push(() => registry.close())
  for (const { bytes } of image.blobs) registry.putBlob('acme/app', bytes)
  registry.putManifest('acme/app', 'v1', image.top.bytes, image.top.mediaType)
  return registry
}

interface Look {
  readonly keychain?: Keychain
  readonly access?: 'pull' | 'push'
  readonly network?: Partial<NetworkOptions>
}

async function look(place: string | Examined, options: Look = {}): Promise<readonly Finding[]> {
  const network = new Network({ retries: 1, retryBaseMs: 1, ...options.network })
  open.push(() => network.close())
  const { keychain = ANONYMOUS, access = 'push' } = options
  const findings: Finding[] = []
  const examined = typeof place === 'string' ? parseReference(place) : place
  for await (const finding of examine(network, examined, keychain, { access })) findings.push(finding)
  assert.doesNotMatch(JSON.stringify(findings), /canary/)
  for (const { status, code, advice } of findings)
    assert.equal(
      status === 'failed',
      code !== undefined && advice !== undefined,
      'who fails is told what to do',
    )
  return findings
}

/** `step:status` or `step:CODE`, without what is fine. */
const told = (findings: readonly Finding[]): string =>
  findings
    .filter(({ status }) => status !== 'ok')
    .map(({ step, status, code }) => `${step}:${code ?? status}`)
    .join(' ')

const messageOf = (findings: readonly Finding[], step: Finding['step']): string =>
  findings.find((finding) => finding.step === step)?.message ?? ''

describe('an examination', { timeout: 30_000 }, () => {
  test('of a place where nothing is missing says so, and leaves nothing behind', async () => {
    for (const [auth, plain] of [
      [undefined, 'credentials:skipped '],
      [basic, ''],
      [bearer(), ''],
      [bearer({ base: 'open' }), ''],
    ] as const) {
      const registry = await stand(auth === undefined ? {} : { auth })
      const findings = await look(`${registry.host}/acme/app:v1`, { keychain: ada })
      assert.equal(told(findings), `name:skipped tls:skipped ${plain}quota:skipped`)
      assert.match(messageOf(findings, 'push'), /an upload that was begun and given up again/)
      assert.match(messageOf(findings, 'pull'), new RegExp(image.top.digest))
      assert.deepEqual(
        registry.requests
          .filter(({ method, path }) => path !== '/token' && !/^(?:GET|HEAD)$/.test(method))
          .filter(({ status }) => status !== 401)
          .map(({ method }) => method),
        ['POST', 'DELETE'],
      )
      assert.equal(registry.uploads().length, 0)
      assert.equal(registry.count({ method: 'GET', path: /manifests/ }), 0, 'a GET costs quota')
    }
  })

  test('that is to pull alone writes nothing', async () => {
    const registry = await stand()
    const findings = await look(`${registry.host}/acme/app:v1`, { access: 'pull' })
    assert.equal(told(findings), 'name:skipped tls:skipped credentials:skipped push:skipped quota:skipped')
    assert.ok(registry.requests.every(({ method }) => method === 'GET' || method === 'HEAD'))
  })

  test('says whether the repository, or only the image, is not there', async () => {
    const registry = await stand()
    const tag = await look(`${registry.host}/acme/app:v2`)
    assert.match(messageOf(tag, 'pull'), /there is no image v2 there/)
    assert.match(messageOf(tag, 'repository'), /it exists/)
    const made = await look(`${registry.host}/acme/new:v1`)
    assert.match(messageOf(made, 'repository'), /the first push makes it/)
    registry.fault({ method: 'POST' }, faults.respondError(404, 'NAME_UNKNOWN', 'no such repository'))
    const missing = await look(`${registry.host}/acme/new:v1`)
    assert.match(told(missing), /push:NAME_UNKNOWN repository:NAME_UNKNOWN/)
  })

  test('says that credentials are wrong, or missing, and looks no further', async () => {
    for (const auth of [basic, bearer()]) {
      for (const keychain of [wrong, ANONYMOUS]) {
        const registry = await stand({ auth })
        const findings = await look(`${registry.host}/acme/app:v1`, { keychain })
        const rest = 'pull:skipped push:skipped repository:skipped quota:skipped'
        assert.equal(told(findings), `name:skipped tls:skipped credentials:UNAUTHORIZED ${rest}`)
        assert.equal(registry.count({ method: 'POST' }), 0)
      }
    }
  })

  test('goes on as anybody where anybody may pull', async () => {
    const registry = await stand({ auth: bearer({ anonymous: 'pull' }) })
    const findings = await look(`${registry.host}/acme/app:v1`)
    assert.match(told(findings), /credentials:skipped push:UNAUTHORIZED/)
  })

  test('tells good credentials from a right that is missing', async () => {
    const reading = await stand({ auth: bearer({ grant: () => ['pull'] }) })
    assert.match(
      told(await look(`${reading.host}/acme/app:v1`, { keychain: ada })),
      /tls:skipped push:UNAUTHORIZED/,
    )
    const nothing = await stand({ auth: bearer({ grant: () => [] }) })
    const none = await look(`${nothing.host}/acme/app:v1`, { keychain: ada })
    assert.match(told(none), /pull:UNAUTHORIZED push:UNAUTHORIZED repository:skipped/)
    const denying = await stand({ auth: basic })
    denying.fault({ path: /acme/ }, faults.respondError(403, 'DENIED', 'not yours'), { after: 0 })
    const denied = await look(`${denying.host}/acme/app:v1`, { keychain: ada })
    assert.match(told(denied), /pull:DENIED push:DENIED/)
    assert.match(messageOf(denied, 'push'), /not yours/)
  })

  test('says what a keychain could not do', async () => {
    const registry = await stand({ auth: basic })
    const keychain: Keychain = {
      credentials: () =>
        Promise.reject(new RegistryError('REGISTRY_UNAVAILABLE', 'vendor: no credentials now')),
    }
    const findings = await look(`${registry.host}/acme/app:v1`, { keychain })
    assert.match(told(findings), /credentials:REGISTRY_UNAVAILABLE pull:skipped/)
    assert.equal(messageOf(findings, 'credentials'), 'vendor: no credentials now')
  })

  test('tells how much of a quota is left, and when nothing is', async () => {
    const registry = await stand()
    const quota = (left: number) =>
      faults.headers({ 'ratelimit-limit': '100;w=21600', 'ratelimit-remaining': `${left};w=21600` })
    const some = registry.fault({ method: 'HEAD' }, quota(76))
    assert.equal(
      messageOf(await look(`${registry.host}/acme/app:v1`), 'quota'),
      '76 of 100 pulls left in 6 h',
    )
    some.remove()
    registry.fault({ method: 'HEAD' }, quota(0))
    assert.match(told(await look(`${registry.host}/acme/app:v1`)), /quota:RATE_LIMITED/)
    const busy = await stand()
    busy.fault({ method: 'HEAD' }, faults.respond(429))
    assert.match(told(await look(`${busy.host}/acme/app:v1`)), /pull:RATE_LIMITED.* quota:RATE_LIMITED/)
  })

  test('says when the upload that it began could not be given up', async () => {
    const registry = await stand({
      auth: bearer({ grant: (_, actions) => actions.filter((one) => one !== 'delete') }),
    })
    const findings = await look(`${registry.host}/acme/app:v1`, { keychain: ada })
    assert.match(messageOf(findings, 'push'), /could not be given up, and ends by itself/)
    assert.equal(
      findings.find(({ status }) => status === 'failed'),
      undefined,
    )
  })

  test('says that a registry takes nothing now', async () => {
    const registry = await stand()
    registry.fault({ method: 'POST' }, faults.respond(405))
    assert.match(told(await look(`${registry.host}/acme/app:v1`)), /credentials:skipped push:UNSUPPORTED/)
  })

  test('says how far it came on the way to the registry', async () => {
    const secure = await stand({ tls: certificate })
    const registry = await stand()
    const ill = await stand()
    ill.fault({ path: '/v2/' }, faults.respond(503))
    await using pages = await startVendor(() => ({
      status: 200,
      text: '<html>',
      headers: { 'content-type': 'text/html' },
    }))
    const closed = new URL(registry.url)
    for (const [place, expected, why] of [
      ['nowhere.invalid/a/b', 'name:REGISTRY_UNAVAILABLE connection:skipped', /no such host/],
      ['127.0.0.1:1/a/b', 'name:skipped connection:REGISTRY_UNAVAILABLE tls:skipped', /connection refused/],
      [`${ill.host}/a/b`, 'name:skipped connection:REGISTRY_UNAVAILABLE tls:skipped', /status 503/],
      [`${pages.url.host}/a/b`, 'name:skipped connection:PROTOCOL tls:skipped', /a web page answers/],
      [`https://${secure.host}/a/b`, 'name:skipped tls:REGISTRY_UNAVAILABLE', /DEPTH_ZERO_SELF_SIGNED/],
      [`https://${closed.host}/a/b`, 'name:skipped tls:REGISTRY_UNAVAILABLE', /WRONG_VERSION/],
    ] as const) {
      const findings = await look(place)
      const rest = 'credentials:skipped pull:skipped push:skipped repository:skipped quota:skipped'
      assert.match(told(findings), new RegExp(`^${expected}.* ?${rest}$`), place)
      assert.match(JSON.stringify(findings), why)
    }
  })

  test('of a registry without a repository looks at what is true of all of it', async () => {
    const registry = await stand({ auth: bearer() })
    const place = { ...parseReference(`${registry.host}/x`), repository: undefined, tag: undefined }
    const rest = 'pull:skipped push:skipped repository:skipped quota:skipped'
    assert.equal(told(await look(place, { keychain: ada })), `name:skipped tls:skipped ${rest}`)
    const refused = await look(place, { keychain: wrong })
    assert.match(told(refused), /credentials:UNAUTHORIZED/)
    assert.doesNotMatch(JSON.stringify(refused), /\/-/)
  })

  test('of a registry under a prefix looks there, and not at the root', async () => {
    const paths: string[] = []
    await using front = await startVendor(({ path, method }) => {
      paths.push(path)
      if (!path.startsWith('/prefix/v2/')) return { status: 404, text: '' }
      const location = { location: '/prefix/v2/a/b/blobs/uploads/1' }
      return method === 'POST' ? { status: 202, text: '', headers: location } : { status: 200, text: '' }
    })
    const endpoints = new Map([['r.example', new URL('/prefix/', front.url)]])
    const findings = await look('r.example/a/b:1', { network: { endpoints } })
    assert.equal(
      findings.find(({ status }) => status === 'failed'),
      undefined,
    )
    assert.ok(
      paths.every((path) => path.startsWith('/prefix/v2/')),
      paths.join(),
    )
  })

  test('ends when it is called off', async () => {
    const registry = await stand()
    const held = registry.fault({ method: 'HEAD' }, faults.gate())
    const network = new Network()
    open.push(() => network.close())
    const stop = new AbortController()
    const options = { access: 'push', signal: stop.signal } as const
    const looked = Array.fromAsync(examine(network, parseReference(`${registry.host}/a`), ANONYMOUS, options))
    await held.reached
    stop.abort()
    await assert.rejects(looked, { code: 'CANCELLED' })
  })
})
