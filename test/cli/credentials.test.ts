import assert from 'node:assert/strict'
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { after, describe, test } from 'node:test'
import { AMAZON_KEYS, Amazon } from '#support/amazon'
import { dockerRegistryUser, startDockerRegistry } from '#support/docker-registry'
import { hello, push } from '#support/images'
import { type Auth, faults, startRegistry } from '#support/registry'
import { requireTool } from '#support/tools'
import { readPasswords } from '../../src/cli/passwords.ts'
import { tagboat } from './tagboat.ts'

const root = await mkdtemp(join(tmpdir(), 'tagboat-credentials-'))
after(() => rm(root, { recursive: true, force: true }))

const ann = { username: 'ann', password: 'a: secret, with # signs' }
const bob = { username: 'bob', password: 'another' }
const image = hello()
const base64 = (text: string): string => Buffer.from(text).toString('base64')

async function pair(sourceAuth: Auth | undefined, targetAuth: Auth | undefined) {
  const source = await startRegistry(sourceAuth && { auth: sourceAuth })
  const target = await startRegistry(targetAuth && { auth: targetAuth })
  source.putManifest('team/app', '1.0', image.top.bytes, image.top.mediaType)
  for (const blob of image.blobs) source.putBlob('team/app', blob.bytes)
  return {
    operands: [`${source.host}/team/app:1.0`, `${target.host}/prod/app`],
    source,
    target,
    digest: () => target.getManifest('prod/app', '1.0')?.digest,
    async [Symbol.asyncDispose]() {
      await Promise.all([source.close(), target.close()])
    },
  }
}

describe('credentials of a command', { timeout: 60_000 }, () => {
  test('are read from standard input, the source first', async () => {
    await using set = await pair({ kind: 'basic', ...ann }, { kind: 'bearer', ...bob })
    const run = await tagboat(
      ['copy', '--target-username', bob.username, '--source-username', ann.username, ...set.operands],
      { stdin: `${ann.password}\n${bob.password}\n` },
    )
    assert.equal(run.code, 0, run.stderr)
    assert.equal(set.digest(), image.top.digest)
  })

  test('are waited for no longer than one wants to, though nobody says that none come', async () => {
    const [input, stop] = [new PassThrough(), new AbortController()]
    const reading = readPasswords(() => input, ['ann'], stop.signal)
    input.write('half of a l')
    stop.abort()
    await assert.rejects(reading, { code: 'CANCELLED' })
    await assert.rejects(
      readPasswords(() => new PassThrough(), ['ann'], stop.signal),
      { code: 'CANCELLED' },
    )
  })

  test("may be a document of many lines where they are Google's key, and another one after it", async () => {
    const key = JSON.stringify({ type: 'service_account', private_key: '-----BEGIN\nEND-----\n' }, null, 2)
    await using set = await pair(
      { kind: 'basic', username: '_json_key', password: key },
      { kind: 'bearer', ...bob },
    )
    const run = await tagboat(
      ['copy', '--source-username', '_json_key', '--target-username', bob.username, ...set.operands],
      { stdin: `${key}\n${bob.password}\n` },
    )
    assert.equal(run.code, 0, run.stderr)
    assert.equal(set.digest(), image.top.digest)
  })

  test('are those of the machine where a vendor of its registry asks', async () => {
    await using amazon = await Amazon.start()
    await using registry = await startRegistry({
      auth: { kind: 'basic', username: 'AWS', password: 'password-1' },
    })
    registry.putManifest('team/app', '1.0', image.top.bytes, image.top.mediaType)
    const host = '123456789012.dkr.ecr.eu-west-1.amazonaws.com'
    const endpoints = new Map([...amazon.endpoints('eu-west-1'), [host, new URL(registry.url)]])
    const run = await tagboat(['inspect', `${host}/team/app:1.0`], {
      env: {
        AWS_ACCESS_KEY_ID: AMAZON_KEYS.accessKey,
        AWS_SECRET_ACCESS_KEY: AMAZON_KEYS.secretKey,
        TAGBOAT_ENDPOINTS: [...endpoints].map(([name, url]) => `${name}=${url.origin}`).join(','),
      },
    })
    assert.equal(run.code, 0, run.stderr)
    assert.match(run.stdout, new RegExp(image.top.digest))
  })

  test('of the machine make a missing repository at ECR where that is asked for, and only there', async () => {
    const password = 'twelve hours'
    await using amazon = await Amazon.start({ password })
    await using set = await pair(undefined, { kind: 'basic', username: 'AWS', password })
    set.target.fault(
      { method: 'POST', path: /uploads/, when: () => !amazon.repositories.has('prod/app') },
      faults.respondError(404, 'NAME_UNKNOWN', "The repository with name 'prod/app' does not exist"),
    )
    const host = '123456789012.dkr.ecr.eu-west-1.amazonaws.com'
    const endpoints = new Map([...amazon.endpoints('eu-west-1'), [host, new URL(set.target.url)]])
    const env = {
      AWS_ACCESS_KEY_ID: AMAZON_KEYS.accessKey,
      AWS_SECRET_ACCESS_KEY: AMAZON_KEYS.secretKey,
      TAGBOAT_ENDPOINTS: [...endpoints].map(([name, url]) => `${name}=${url.origin}`).join(','),
    }
    const places = [set.operands[0] ?? '', `${host}/prod/app`]
    const refused = await tagboat(['copy', ...places], { env })
    assert.equal(refused.code, 1)
    assert.match(refused.stderr, /NAME_UNKNOWN target/)
    const made = await tagboat(['copy', '--create-repository', ...places], { env })
    assert.equal(made.code, 0, made.stderr)
    assert.equal(set.digest(), image.top.digest)
    const elsewhere = await tagboat(['copy', '--create-repository', ...set.operands], { env })
    assert.equal(elsewhere.code, 2, elsewhere.stderr)
  })

  test('go to their side alone', async () => {
    await using set = await pair(undefined, { kind: 'basic', ...bob })
    const run = await tagboat(['copy', '--target-username', bob.username, ...set.operands], {
      stdin: bob.password,
    })
    assert.equal(run.code, 0, run.stderr)
    assert.equal(set.source.count({ when: ({ headers }) => headers.authorization !== undefined }), 0)
  })

  test('serve both sides of one registry with --username', async () => {
    await using registry = await startRegistry({ auth: { kind: 'bearer', ...ann } })
    registry.putManifest('team/app', '1.0', image.top.bytes, image.top.mediaType)
    for (const blob of image.blobs) registry.putBlob('team/app', blob.bytes)
    for (const target of ['team/app:live', 'prod/app']) {
      const run = await tagboat(
        [
          'copy',
          '--username',
          ann.username,
          '--password-stdin',
          `${registry.host}/team/app:1.0`,
          `${registry.host}/${target}`,
        ],
        { stdin: `${ann.password}\n` },
      )
      assert.equal(run.code, 0, run.stderr)
    }
  })

  test('that are wrong are not shown, and the way out is', async () => {
    await using set = await pair({ kind: 'basic', ...ann }, undefined)
    const run = await tagboat(['copy', '--source-username', 'ann', ...set.operands], { stdin: 'hunter2\n' })
    assert.equal(run.code, 1)
    assert.match(
      run.stderr,
      /^tagboat: UNAUTHORIZED source: .*\n {2}Log in with docker login .*--source-username/,
    )
    assert.doesNotMatch(run.stdout + run.stderr, new RegExp(`hunter2|${base64('ann:hunter2')}`))
  })

  test('that cannot be meant are bad usage', async () => {
    const two = ['127.0.0.1:1/a', '127.0.0.1:2/b']
    const one = ['127.0.0.1:1/a', '127.0.0.1:1/b']
    for (const [args, stdin] of [
      [['--source-username', 'a', ...two], ''],
      [['--source-username', 'a', '--target-username', 'b', ...two], 'only one\n'],
      [['--username', 'a', ...two], 'x\n'],
      [['--username', 'a', '--source-username', 'b', ...one], 'x\ny\n'],
      [['--password-stdin', ...one], 'x\n'],
      [['--password', 'x', ...one], ''],
    ] as const) {
      const run = await tagboat(['copy', ...args], { stdin })
      assert.equal(run.code, 2, `${args.join(' ')}: ${run.stderr}`)
    }
  })

  test(
    'come from what docker login left behind, colons included',
    requireTool('docker-registry'),
    async () => {
      await using registry = await startDockerRegistry({ auth: 'basic' })
      await push(registry.url, 'team/app', '1.0', image, dockerRegistryUser)
      const { username, password } = dockerRegistryUser
      const directory = await mkdtemp(join(root, 'docker-'))
      const config = { auths: { [registry.host]: { auth: base64(`${username}:${password}`) } } }
      await writeFile(join(directory, 'config.json'), JSON.stringify(config))
      const run = await tagboat(['copy', `${registry.host}/team/app:1.0`, `${registry.host}/prod/app`], {
        env: { DOCKER_CONFIG: directory },
      })
      assert.equal(run.code, 0, run.stderr)
    },
  )

  test('come from a credential helper', async () => {
    await using set = await pair({ kind: 'bearer', ...ann }, { kind: 'bearer', ...ann })
    const home = await mkdtemp(join(root, 'home-'))
    await mkdir(join(home, '.docker'))
    await writeFile(join(home, '.docker', 'config.json'), JSON.stringify({ credsStore: 'test' }))
    const answer = JSON.stringify({ ServerURL: 'x', Username: ann.username, Secret: ann.password })
    await writeFile(join(home, 'docker-credential-test'), `#!/bin/sh\necho '${answer}'\n`)
    await chmod(join(home, 'docker-credential-test'), 0o755)
    const run = await tagboat(['copy', ...set.operands], {
      env: { HOME: home, PATH: `${home}:${process.env.PATH}` },
    })
    assert.equal(run.code, 0, run.stderr)
    assert.equal(set.digest(), image.top.digest)
  })

  test('that are broken do not matter where nobody asks for any', async () => {
    await using set = await pair(undefined, undefined)
    const directory = await mkdtemp(join(root, 'broken-'))
    await writeFile(join(directory, 'config.json'), '{"auths": ')
    const run = await tagboat(['copy', ...set.operands], { env: { DOCKER_CONFIG: directory } })
    assert.equal(run.code, 0, run.stderr)
  })
})
