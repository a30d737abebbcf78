import assert from 'node:assert/strict'
import { chmod, mkdir, mkdtemp, readFile, rm, watch, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, describe, test } from 'node:test'
import { dockerConfigKeychain } from '#keychains'
import { type CredentialScope, parseReference, RegistryError } from '#oci'
import { askHelper } from '../../src/keychains/credential-helper.ts'

const root = await mkdtemp(join(tmpdir(), 'tagboat-keychains-'))
after(() => rm(root, { recursive: true, force: true }))

const scope = (reference: string): CredentialScope => parseReference(reference)
const base64 = (text: string): string => Buffer.from(text).toString('base64')
const basic = (username: string, password: string) => ({ kind: 'basic', username, password })

/** A home of its own with these files. */
async function homeWith(files: Readonly<Record<string, unknown>>): Promise<string> {
  const home = await mkdtemp(join(root, 'home-'))
  for (const [path, content] of Object.entries(files)) {
    await mkdir(join(home, dirname(path)), { recursive: true })
    await writeFile(join(home, path), typeof content === 'string' ? content : JSON.stringify(content))
  }
  return home
}

const docker = '.docker/config.json'
const podman = '.config/containers/auth.json'

async function ask(
  files: Readonly<Record<string, unknown>>,
  reference: string,
  env: (home: string) => Readonly<Record<string, string>> = () => ({}),
) {
  const home = await homeWith(files)
  return dockerConfigKeychain({ env: env(home), home }).credentials(scope(reference))
}

describe('the keychain of docker login', () => {
  test('knows nothing where nobody ever logged in', async () => {
    assert.equal(await ask({}, 'ghcr.io/a/b'), undefined)
    assert.equal(await ask({ [docker]: {} }, 'ghcr.io/a/b'), undefined)
    assert.equal(await ask({ [docker]: '' }, 'ghcr.io/a/b'), undefined)
    assert.equal(await ask({ [docker]: { auths: { 'ghcr.io': {} } } }, 'ghcr.io/a/b'), undefined)
  })

  test('splits user and password at the first colon', async () => {
    const file = { auths: { 'ghcr.io': { auth: base64('robot:pa:ss:wörd') } } }
    assert.deepEqual(await ask({ [docker]: file }, 'ghcr.io/a/b'), basic('robot', 'pa:ss:wörd'))
  })

  test('does not show half a pair', async () => {
    for (const auth of ['robot:', ':secret']) {
      assert.equal(
        await ask({ [docker]: { auths: { 'ghcr.io': { auth: base64(auth) } } } }, 'ghcr.io/a/b'),
        undefined,
      )
    }
  })

  test('gives identity tokens as refresh tokens and registry tokens as bearer tokens', async () => {
    const auths = {
      'a.example': { auth: base64('<token>:'), identitytoken: 'refresh me' },
      'b.example': { registrytoken: 'bear me' },
      'c.azurecr.io': { auth: base64('00000000-1:'), identitytoken: 'refresh me' },
    }
    assert.deepEqual(await ask({ [docker]: { auths } }, 'a.example/x'), {
      kind: 'refresh',
      token: 'refresh me',
    })
    assert.deepEqual(await ask({ [docker]: { auths } }, 'b.example/x'), { kind: 'bearer', token: 'bear me' })
    assert.deepEqual(await ask({ [docker]: { auths } }, 'c.azurecr.io/x'), {
      kind: 'refresh',
      token: 'refresh me',
      username: '00000000-1',
    })
  })

  for (const key of [
    'https://index.docker.io/v1/',
    'index.docker.io',
    'docker.io',
    'registry-1.docker.io',
    'https://registry-1.docker.io/v2/',
    'https://docker.io',
  ]) {
    test(`takes ${key} for Docker Hub`, async () => {
      const file = { auths: { [key]: { auth: base64('me:hub') } } }
      for (const reference of ['alpine', 'docker.io/library/alpine', 'registry-1.docker.io/me/app']) {
        assert.deepEqual(await ask({ [docker]: file }, reference), basic('me', 'hub'))
      }
      assert.equal(await ask({ [docker]: file }, 'docker.io.example/alpine'), undefined)
    })
  }

  test('takes keys with a scheme, a path of the API or capitals', async () => {
    for (const key of ['https://R.example:5000', 'http://r.example:5000/v2/', 'r.example:5000/']) {
      const file = { auths: { [key]: { auth: base64('me:it') } } }
      assert.deepEqual(await ask({ [docker]: file }, 'r.example:5000/x'), basic('me', 'it'))
      assert.equal(await ask({ [docker]: file }, 'r.example:5001/x'), undefined)
      assert.equal(await ask({ [docker]: file }, 'r.example/x'), undefined)
    }
  })

  test('prefers the longest key that the repository lies below', async () => {
    const auths = {
      'r.example': { auth: base64('host:1') },
      'r.example/team': { auth: base64('team:2') },
      'r.example/team/app': { auth: base64('app:3') },
      'docker.io/me': { auth: base64('me:4') },
    }
    const expected = {
      'r.example/other/app': basic('host', '1'),
      'r.example/teams/app': basic('host', '1'),
      'r.example/team/other': basic('team', '2'),
      'r.example/team/app': basic('app', '3'),
      'r.example/team/app/deep': basic('app', '3'),
      'docker.io/me/app': basic('me', '4'),
      alpine: undefined,
    }
    for (const [reference, credentials] of Object.entries(expected)) {
      assert.deepEqual(await ask({ [podman]: { auths } }, reference), credentials, reference)
    }
  })

  test('takes a whole file from the environment first, and goes on to the others', async () => {
    const whole = { auths: { 'a.example': { auth: base64('env:1') } } }
    const file = {
      auths: { 'a.example': { auth: base64('file:2') }, 'b.example': { auth: base64('file:3') } },
    }
    const env = () => ({ DOCKER_AUTH_CONFIG: JSON.stringify(whole) })
    assert.deepEqual(await ask({ [docker]: file }, 'a.example/x', env), basic('env', '1'))
    assert.deepEqual(await ask({ [docker]: file }, 'b.example/x', env), basic('file', '3'))
    const broken = () => ({ DOCKER_AUTH_CONFIG: '{"auths": "hunter2' })
    await assert.rejects(ask({}, 'a.example/x', broken), (error: Error) => {
      assert.match(error.message, /^DOCKER_AUTH_CONFIG: .*not JSON/)
      return !error.message.includes('hunter2')
    })
  })

  test('looks where the environment points before it looks where things usually are', async () => {
    const of = (name: string) => ({ auths: { 'r.example': { auth: base64(`${name}:x`) } } })
    const files = {
      'named/config.json': of('docker-named'),
      'named.json': of('podman-named'),
      [docker]: of('docker-usual'),
      'run/containers/auth.json': of('podman-runtime'),
      [podman]: of('podman-usual'),
      'xdg/containers/auth.json': of('podman-xdg'),
    }
    const cases: [Record<string, string>, string][] = [
      [{}, 'docker-usual'],
      [{ DOCKER_CONFIG: 'named' }, 'docker-named'],
      [{ REGISTRY_AUTH_FILE: 'named.json' }, 'podman-named'],
      [{ XDG_RUNTIME_DIR: 'run' }, 'docker-usual'],
      [{ DOCKER_CONFIG: 'nowhere', XDG_RUNTIME_DIR: 'run' }, 'podman-runtime'],
      [{ DOCKER_CONFIG: 'nowhere' }, 'podman-usual'],
      [{ DOCKER_CONFIG: 'nowhere', XDG_CONFIG_HOME: 'xdg' }, 'podman-xdg'],
      [{ REGISTRY_AUTH_FILE: 'nowhere', XDG_RUNTIME_DIR: 'run' }, 'docker-usual'],
    ]
    for (const [paths, username] of cases) {
      const env = (home: string) =>
        Object.fromEntries(Object.entries(paths).map(([name, path]) => [name, join(home, path)]))
      assert.deepEqual(await ask(files, 'r.example/x', env), basic(username, 'x'), JSON.stringify(paths))
    }
  })

  test('reads a file when it is asked and not before', async () => {
    const home = await homeWith({})
    const keychain = dockerConfigKeychain({ env: {}, home })
    await mkdir(join(home, '.docker'))
    await writeFile(
      join(home, docker),
      JSON.stringify({ auths: { 'r.example': { auth: base64('late:x') } } }),
    )
    assert.deepEqual(await keychain.credentials(scope('r.example/x')), basic('late', 'x'))
  })

  for (const [name, content] of Object.entries({
    'that is not JSON': '{"auths": {"r.example": {"auth": "hunter2"',
    'that is a list': '["hunter2"]',
    'whose auths are a text': '{"auths": "hunter2"}',
    'whose entry is a text': '{"auths": {"r.example": "hunter2"}}',
    'whose auth is not base64': '{"auths": {"r.example": {"auth": "hunter2!"}}}',
    'whose auth has no colon': `{"auths": {"r.example": {"auth": "${base64('hunter2')}"}}}`,
    'whose helper is a path': '{"credHelpers": {"r.example": "../hunter2"}}',
  })) {
    test(`says which file is broken and not what is in it: one ${name}`, async () => {
      const home = await homeWith({ [docker]: content })
      const asked = dockerConfigKeychain({ env: {}, home }).credentials(scope('r.example/x'))
      await assert.rejects(asked, (error) => {
        assert.ok(error instanceof RegistryError)
        assert.equal(error.code, 'UNAUTHORIZED')
        assert.ok(error.message.includes(join(home, docker)), error.message)
        assert.doesNotMatch(`${error.message} ${error.cause}`, /hunter2|aHVudGVyMg/)
        return true
      })
    })
  }
})

describe('a credential helper', () => {
  /** A helper that notes what it is asked and then does this. */
  async function helperHome(
    file: unknown,
    script: string,
  ): Promise<{ home: string; env: Record<string, string> }> {
    const home = await homeWith({ [docker]: file })
    const path = join(home, 'docker-credential-test')
    await writeFile(path, `#!/bin/sh\nread asked\necho "$1 $asked" >> "${home}/asked"\n${script}\n`)
    await chmod(path, 0o755)
    return { home, env: { PATH: `${home}:/usr/bin:/bin` } }
  }
  const answer = (username: string, secret: string): string =>
    `echo '${JSON.stringify({ ServerURL: 'x', Username: username, Secret: secret })}'`
  const forHost = { credHelpers: { 'r.example': 'test' } }

  test('is asked for the registry it is meant for', async () => {
    const options = await helperHome(forHost, answer('robot', 'from helper'))
    const keychain = dockerConfigKeychain(options)
    assert.deepEqual(await keychain.credentials(scope('r.example/x')), basic('robot', 'from helper'))
    assert.equal(await keychain.credentials(scope('other.example/x')), undefined)
    assert.equal(await readFile(join(options.home, 'asked'), 'utf8'), 'get r.example\n')
  })

  test('is asked for Docker Hub by the name that docker login stores it under', async () => {
    const options = await helperHome({ credsStore: 'test' }, answer('me', 'hub'))
    assert.deepEqual(await dockerConfigKeychain(options).credentials(scope('alpine')), basic('me', 'hub'))
    assert.equal(await readFile(join(options.home, 'asked'), 'utf8'), 'get https://index.docker.io/v1/\n')
  })

  test('may give an identity token', async () => {
    const options = await helperHome(forHost, answer('<token>', 'refresh me'))
    const found = await dockerConfigKeychain(options).credentials(scope('r.example/x'))
    assert.deepEqual(found, { kind: 'refresh', token: 'refresh me' })
  })

  test('that knows nothing leaves the question to the rest of the file', async () => {
    const file = { credsStore: 'test', auths: { 'r.example': { auth: base64('plain:x') } } }
    const options = await helperHome(file, "echo 'credentials not found in native keychain'; exit 1")
    assert.deepEqual(
      await dockerConfigKeychain(options).credentials(scope('r.example/x')),
      basic('plain', 'x'),
    )
    assert.equal(await dockerConfigKeychain(options).credentials(scope('other.example/x')), undefined)
  })

  for (const [name, script, why] of [
    ['fails', 'echo hunter2; echo hunter2 >&2; exit 3', /status 3/],
    ['says something else', 'echo hunter2', /not understood/],
    ['is killed', 'kill -9 $$', /SIGKILL/],
  ] as const) {
    test(`that ${name} is named, and nothing it printed is told`, async () => {
      const options = await helperHome(forHost, script)
      await assert.rejects(dockerConfigKeychain(options).credentials(scope('r.example/x')), (error) => {
        assert.ok(error instanceof RegistryError)
        assert.match(error.message, /docker-credential-test/)
        assert.match(error.message, why)
        assert.doesNotMatch(error.message, /hunter2/)
        return true
      })
    })
  }

  test('that is not installed is named', async () => {
    const home = await homeWith({ [docker]: { credsStore: 'absent' } })
    await assert.rejects(
      dockerConfigKeychain({ env: { PATH: home }, home }).credentials(scope('r.example/x')),
      /docker-credential-absent: .*not on the PATH/,
    )
  })

  test('that hangs ends when the question is called off, and so does what it started', {
    timeout: 10_000,
  }, async () => {
    // The pipe to standard output is closed only when the helper's own child is gone too.
    const options = await helperHome(forHost, 'sleep 60; echo late')
    const stop = new AbortController()
    const started = watch(options.home, { signal: stop.signal })[Symbol.asyncIterator]().next()
    const asked = dockerConfigKeychain(options).credentials(scope('r.example/x'), stop.signal)
    await started
    stop.abort()
    await assert.rejects(asked, (error) => error instanceof RegistryError && error.code === 'CANCELLED')
  })

  test('is not started for a question that was called off before', async () => {
    const options = await helperHome(forHost, answer('robot', 'from helper'))
    const asked = dockerConfigKeychain(options).credentials(scope('r.example/x'), AbortSignal.abort())
    await assert.rejects(asked, (error) => error instanceof RegistryError && error.code === 'CANCELLED')
    await assert.rejects(readFile(join(options.home, 'asked')), /ENOENT/)
  })

  test('that hangs ends when its time is over', { timeout: 10_000 }, async () => {
    const { env } = await helperHome(forHost, 'sleep 60')
    await assert.rejects(askHelper('test', 'r.example', env, undefined, 200), /no answer within 0.2 s/)
  })
})
