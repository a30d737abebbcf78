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

  test('of a username and a password is for whatever registry it is asked about', async () => {
    const expected = { kind: 'basic', username: 'me', password: 'here' }
    assert.deepEqual(await anywhere.credentials(scope('registry.internal:5000/a')), expected)
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
