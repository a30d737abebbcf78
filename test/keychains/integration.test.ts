import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { chain, fixedKeychain, integrationKeychain } from '#keychains'
import { ANONYMOUS, type Keychain, Network, parseReference } from '#oci'

const network = new Network()
const scope = parseReference

describe('the keychain of an integration', () => {
  const hub = integrationKeychain({ kind: 'docker-hub', username: 'me', password: 'hub' }, network)
  const github = integrationKeychain({ kind: 'github', token: 'ghp_token' }, network)
  const anywhere = integrationKeychain({ kind: 'basic', username: 'me', password: 'here' }, network)

  test('of Docker Hub is for Docker Hub alone, however it is written', async () => {
    const expected = { kind: 'basic', username: 'me', password: 'hub' }
    for (const name of ['alpine', 'index.docker.io/me/app', 'registry-1.docker.io/me/app'])
      assert.deepEqual(await hub.credentials(scope(name)), expected)
    for (const name of ['docker.io.example.com/a', 'mydocker.io/a', 'ghcr.io/a/b', '127.0.0.1:5000/a'])
      assert.equal(await hub.credentials(scope(name)), undefined, name)
  })

  test('of GitHub is for its registries alone', async () => {
    const found = await github.credentials(scope('ghcr.io/acme/app'))
    assert.equal(found?.kind === 'basic' && found.password, 'ghp_token')
    assert.notEqual(found?.kind === 'basic' && found.username, '')
    assert.notEqual(await github.credentials(scope('containers.acme.ghe.com/acme/app')), undefined)
    for (const name of [
      'ghcr.io.example.com/a',
      'evilghcr.io/a',
      'containers.evil.x.ghe.com/a',
      'docker.io/a/b',
    ])
      assert.equal(await github.credentials(scope(name)), undefined, name)
  })

  test('of GitLab is for the registry of gitlab.com, or of the host that it is of', async () => {
    const gitlab = { kind: 'gitlab', token: 'glpat-x' } as const
    const own = { ...gitlab, hostUrl: 'https://gitlab.acme.example/', username: 'gitlab+deploy-token-1' }
    for (const [credential, name, username] of [
      [gitlab, 'registry.gitlab.com/acme/app', 'oauth2'],
      [own, 'registry.gitlab.acme.example/acme/app', 'gitlab+deploy-token-1'],
      [own, 'gitlab.acme.example:5050/acme/app', 'gitlab+deploy-token-1'],
    ] as const) {
      const found = await integrationKeychain(credential, network).credentials(scope(name))
      assert.deepEqual(found, { kind: 'basic', username, password: 'glpat-x' }, name)
    }
    for (const [credential, name] of [
      [gitlab, 'registry.gitlab.com.example/a'],
      [gitlab, 'registry.gitlab.com:5000/a'],
      [gitlab, 'gitlab.com/a/b'],
      [own, 'registry.gitlab.com/a/b'],
      [own, 'xgitlab.acme.example/a/b'],
      [own, 'http://gitlab.acme.example:5050/a/b'],
      [{ ...gitlab, hostUrl: 'no url' }, 'registry.gitlab.com/a/b'],
    ] as const)
      assert.equal(await integrationKeychain(credential, network).credentials(scope(name)), undefined, name)
  })

  test('of DigitalOcean shows its token twice, and to its registry alone', async () => {
    const ocean = integrationKeychain({ kind: 'digital-ocean', token: 'dop_v1' }, network)
    const expected = { kind: 'basic', username: 'dop_v1', password: 'dop_v1' }
    assert.deepEqual(await ocean.credentials(scope('registry.digitalocean.com/acme/app')), expected)
    for (const name of [
      'registry.digitalocean.com.example/a',
      'xregistry.digitalocean.com/a',
      'docker.io/a/b',
    ])
      assert.equal(await ocean.credentials(scope(name)), undefined, name)
  })

  test("of Azure is for Azure's registries, in each of its clouds", async () => {
    const azure = integrationKeychain({ kind: 'azure-cloud', appId: 'app', password: 'pw' }, network)
    const expected = { kind: 'basic', username: 'app', password: 'pw' }
    for (const name of ['acme.azurecr.io/app', 'acme-x1.azurecr.cn/app', 'acme.azurecr.us:443/app'])
      assert.deepEqual(await azure.credentials(scope(name)), expected, name)
    for (const name of ['acme.azurecr.io.example/a', 'azurecr.io/a', 'acmeazurecr.io/a', 'a.b.azurecr.io/a'])
      assert.equal(await azure.credentials(scope(name)), undefined, name)
  })

  test('of a username and a password is for whatever registry it is asked about', async () => {
    const expected = { kind: 'basic', username: 'me', password: 'here' }
    assert.deepEqual(await anywhere.credentials(scope('registry.internal:5000/a')), expected)
  })
})

describe('a username and a password', () => {
  test('are an identity token where docker login would have written it so', async () => {
    const found = await fixedKeychain({ username: '<token>', password: 'x' }).credentials(
      scope('r.example/x'),
    )
    assert.deepEqual(found, { kind: 'refresh', token: 'x' })
  })

  test('of which half is missing are none', async () => {
    for (const pair of [
      { username: '', password: 'x' },
      { username: 'x', password: '' },
    ])
      assert.equal(await fixedKeychain(pair).credentials(scope('r.example/x')), undefined)
  })
})

describe('a chain of keychains', () => {
  const refusing: Keychain = { credentials: () => Promise.reject(new Error('broken')) }

  test('takes the first that knows and does not ask the rest', async () => {
    const found = await chain(
      ANONYMOUS,
      fixedKeychain({ username: 'a', password: 'b' }),
      refusing,
    ).credentials(scope('r.example/x'))
    assert.deepEqual(found, { kind: 'basic', username: 'a', password: 'b' })
  })

  test('knows nothing where none does', async () => {
    assert.equal(await chain(ANONYMOUS, ANONYMOUS).credentials(scope('r.example/x')), undefined)
    assert.equal(await chain().credentials(scope('r.example/x')), undefined)
  })

  test('does not go on behind one that is broken', async () => {
    await assert.rejects(chain(refusing, ANONYMOUS).credentials(scope('r.example/x')), /broken/)
  })
})
