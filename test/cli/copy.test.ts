import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { getBlobRaw, getManifestRaw, listTags } from '#support/client'
import { startDockerRegistry } from '#support/docker-registry'
import { artifact, dockerList, hello, type Image, index, layers, push } from '#support/images'
import { runProcess } from '#support/process'
import { faults, type Registry, startRegistry } from '#support/registry'
import { findTool, requireTool } from '#support/tools'
import { tagboat, program as tagboatProgram } from './tagboat.ts'

const writes = ['PUT', 'POST', 'PATCH', 'DELETE']

/** Everything that makes up the image is there, byte for byte, seen from outside. */
async function assertWhole(url: string, repository: string, tag: string, image: Image): Promise<void> {
  assert.equal((await getManifestRaw(url, repository, tag)).digest, image.top.digest)
  for (const { digest, mediaType } of image.manifests) {
    const found = await getManifestRaw(url, repository, digest)
    assert.deepEqual({ digest: found.digest, mediaType: found.mediaType }, { digest, mediaType })
  }
  for (const { digest, bytes } of image.blobs) {
    assert.deepEqual(await getBlobRaw(url, repository, digest), { status: 200, digest, size: bytes.length })
  }
}

async function pair(): Promise<AsyncDisposable & { source: Registry; target: Registry }> {
  const [source, target] = await Promise.all([startRegistry(), startRegistry()])
  return {
    source,
    target,
    async [Symbol.asyncDispose]() {
      await Promise.all([source.close(), target.close()])
    },
  }
}

const images: Readonly<Record<string, Image>> = {
  'an index with attestations': index({ platforms: ['linux/amd64', 'linux/arm64', 'linux/arm/v7'] }),
  'sixty layers': layers(60, 2048),
  'an artifact that no JSON writer would make again': artifact({ layers: 1 }),
  'a Docker manifest list': dockerList(),
}

describe('tagboat copy', { timeout: 60_000 }, () => {
  for (const [name, image] of Object.entries(images)) {
    test(`brings ${name} to another registry, and does nothing the second time`, async () => {
      await using sides = await pair()
      const { source, target } = sides
      await push(source.url, 'team/app', '1.0', image)
      const first = await tagboat(['copy', `${source.host}/team/app:1.0`, `${target.host}/prod/app`])
      assert.equal(first.code, 0, first.stderr)
      assert.match(first.stdout, new RegExp(`${target.host}/prod/app:1.0@${image.top.digest}: copied`))
      await assertWhole(target.url, 'prod/app', '1.0', image)
      source.clear()
      target.clear()
      const second = await tagboat(['copy', `${source.host}/team/app:1.0`, `${target.host}/prod/app`])
      assert.equal(second.code, 0, second.stderr)
      assert.match(second.stdout, /nothing to do · 2 requests/)
      assert.equal(source.count() + target.count(), 2)
      assert.equal(target.count({ method: writes }), 0)
      assert.deepEqual([...source.errors, ...target.errors], [])
    })
  }

  test(
    'brings images to the real docker-registry, as skopeo sees them',
    requireTool('docker-registry'),
    async (t) => {
      await using source = await startDockerRegistry()
      await using target = await startDockerRegistry()
      const image = index()
      await push(source.url, 'team/app', '1.0', image)
      const run = await tagboat(['copy', `${source.host}/team/app:1.0`, `${target.host}/prod/app:live`])
      assert.equal(run.code, 0, run.stderr)
      await assertWhole(target.url, 'prod/app', 'live', image)
      await target.clear()
      const again = await tagboat(['copy', `${source.host}/team/app:1.0`, `${target.host}/prod/app:live`])
      assert.equal(again.code, 0, again.stderr)
      assert.deepEqual(
        (await target.requests()).map(({ method }) => method),
        ['GET'],
      )
      await t.test('skopeo agrees', requireTool('skopeo'), async () => {
        const skopeo = findTool('skopeo') ?? ''
        const reference = `docker://${target.host}/prod/app:live`
        const raw = await runProcess(skopeo, ['inspect', '--raw', '--tls-verify=false', reference])
        assert.equal(raw.stdout, image.top.bytes.toString('utf8'), raw.stderr)
      })
    },
  )

  test('retags inside a repository with one write and without touching a blob', async () => {
    await using registry = await startRegistry()
    const image = index()
    await push(registry.url, 'team/app', '1.0', image)
    registry.clear()
    const run = await tagboat(['copy', `${registry.host}/team/app:1.0`, `${registry.host}/team/app:live`])
    assert.equal(run.code, 0, run.stderr)
    assert.ok(registry.count() <= 4, `${registry.count()} requests`)
    assert.equal(registry.count({ method: writes }), 1)
    assert.equal(registry.count({ path: /\/blobs\// }), 0)
    assert.equal((await getManifestRaw(registry.url, 'team/app', 'live')).digest, image.top.digest)
  })

  test('mounts inside a registry and moves no byte of a blob', async () => {
    await using registry = await startRegistry()
    const image = index()
    await push(registry.url, 'team/app', '1.0', image)
    registry.clear()
    const run = await tagboat([
      'copy',
      '--json',
      `${registry.host}/team/app:1.0`,
      `${registry.host}/prod/app`,
    ])
    assert.equal(run.code, 0, run.stderr)
    await assertWhole(registry.url, 'prod/app', '1.0', image)
    const { bytes } = JSON.parse(run.stdout)
    const size = image.blobs.reduce((sum, blob) => sum + blob.bytes.length, 0)
    assert.deepEqual(bytes, { sent: 0, mounted: size, present: 0 })
  })

  test('takes the tag of the source where the target has none, and none where the source has none', async () => {
    await using sides = await pair()
    const { source, target } = sides
    const image = hello()
    const { digest } = image.top
    await push(source.url, 'team/app', 'latest', image)
    const cases = [
      [`${source.host}/team/app`, `${target.host}/a`, ['latest']],
      [`${source.host}/team/app@${digest}`, `${target.host}/b`, []],
      [`${source.host}/team/app:1.0@${digest}`, `${target.host}/c`, ['1.0']],
      [`${source.host}/team/app@${digest}`, `${target.host}/d:live`, ['live']],
    ] as const
    for (const [from, to, tags] of cases) {
      const run = await tagboat(['copy', from, to])
      assert.equal(run.code, 0, run.stderr)
      const repository = to.slice(to.indexOf('/') + 1).replace(/:.*/, '')
      assert.deepEqual(await listTags(target.url, repository), tags)
      assert.equal((await getManifestRaw(target.url, repository, digest)).status, 200)
    }
  })

  test('with --dry-run, and plan, show each move and write nothing', async () => {
    await using sides = await pair()
    const { source, target } = sides
    const image = layers(2, 1500)
    await push(source.url, 'team/app', '1.0', image)
    const operands = [`${source.host}/team/app:1.0`, `${target.host}/prod/app`]
    for (const command of [['copy', '--dry-run'], ['plan']]) {
      const run = await tagboat([...command, ...operands])
      assert.equal(run.code, 0, run.stderr)
      assert.match(run.stdout, /: copy 3 \(3\.\d kB\) · tag 1\n$/)
      for (const { digest } of image.blobs) assert.match(run.stdout, new RegExp(`^copy +${digest}`, 'm'))
      const json = JSON.parse((await tagboat([...command, '--json', ...operands])).stdout)
      assert.equal(json.status, 'done')
      assert.equal(json.digest, image.top.digest)
      assert.deepEqual(
        json.plan.moves.map(({ kind }: { kind: string }) => kind),
        ['copy', 'copy', 'copy', 'tag'],
      )
    }
    assert.equal(target.count({ method: writes }), 0)
  })

  test('with --json prints one object and nothing else', async () => {
    await using sides = await pair()
    const { source, target } = sides
    const image = layers(3, 1000)
    await push(source.url, 'team/app', '1.0', image)
    const size = image.blobs.reduce((sum, blob) => sum + blob.bytes.length, 0)
    source.clear()
    const run = await tagboat(['copy', '--json', `${source.host}/team/app:1.0`, `${target.host}/prod/app`])
    assert.deepEqual(JSON.parse(run.stdout), {
      status: 'done',
      digest: image.top.digest,
      bytes: { sent: size, mounted: 0, present: 0 },
      requests: source.count() + target.count(),
    })
    assert.match(run.stdout, /^[^\n]+\n$/)
  })

  test('tells which side failed, why, and what to do, and exits with 1', async () => {
    await using sides = await pair()
    const { source, target } = sides
    const args = ['copy', '--json', `${source.host}/team/app:none`, `${target.host}/prod/app`]
    const run = await tagboat(args)
    assert.equal(run.code, 1)
    const { error, ...rest } = JSON.parse(run.stdout)
    assert.deepEqual(rest, { status: 'failed', bytes: { sent: 0, mounted: 0, present: 0 }, requests: 2 })
    assert.equal(error.code, 'MANIFEST_UNKNOWN')
    assert.equal(error.side, 'source')
    assert.equal(error.retryable, false)
    assert.match(run.stderr, /^tagboat: MANIFEST_UNKNOWN source: .*team\/app.*\n {2}Check the name/)
  })

  test('tags nothing when a blob cannot be written', async () => {
    await using sides = await pair()
    const { source, target } = sides
    await push(source.url, 'team/app', '1.0', layers(2, 1000))
    target.fault({ method: 'PUT', path: /\/blobs\// }, faults.respondError(403, 'DENIED', 'not here'))
    const run = await tagboat(['copy', `${source.host}/team/app:1.0`, `${target.host}/prod/app`])
    assert.equal(run.code, 1)
    assert.match(run.stderr, /^tagboat: DENIED target: /m)
    assert.deepEqual(target.tags('prod/app'), [])
  })

  test('finishes, and says so, though nobody reads what it prints', async () => {
    await using sides = await pair()
    const { source, target } = sides
    const image = hello()
    await push(source.url, 'team/app', '1.0', image)
    const script = '{ "$0" "$@"; echo "code $?" >&2; } | true'
    const operands = [`${source.host}/team/app:1.0`, `${target.host}/prod/app`]
    const run = await tagboat(['-c', script, tagboatProgram, 'copy', ...operands], { program: '/bin/sh' })
    assert.match(run.stderr, /^code 0$/m)
    await assertWhole(target.url, 'prod/app', '1.0', image)
  })

  test('obeys the settings of the environment', async () => {
    await using sides = await pair()
    const { source, target } = sides
    const image = hello()
    await push(source.url, 'acme/app', '1.0', image)
    const run = await tagboat(['copy', 'acme/app:1.0', 'registry.example.com/prod/app'], {
      env: { TAGBOAT_ENDPOINTS: `docker.io=${source.url},registry.example.com=${target.url}` },
    })
    assert.equal(run.code, 0, run.stderr)
    await assertWhole(target.url, 'prod/app', '1.0', image)
  })
})

describe('tagboat inspect', { timeout: 30_000 }, () => {
  test('shows digest, platforms with their sizes, blobs and annotations', async () => {
    await using registry = await startRegistry()
    const image = index()
    await push(registry.url, 'team/app', '1.0', image)
    const run = await tagboat(['inspect', `${registry.host}/team/app:1.0`])
    assert.equal(run.code, 0, run.stderr)
    assert.match(run.stdout, new RegExp(`^digest +${image.top.digest}$`, 'm'))
    for (const platform of ['linux/amd64', 'linux/arm64', 'unknown/unknown'])
      assert.match(run.stdout, new RegExp(`^${platform} +sha256:[0-9a-f]{64} +[0-9.]+ k?B$`, 'm'))
    assert.match(run.stdout, /annotation +vnd\.docker\.reference\.type = attestation-manifest/)
    for (const { digest } of image.blobs) assert.ok(run.stdout.includes(digest))
    const json = JSON.parse((await tagboat(['inspect', '--json', `${registry.host}/team/app:1.0`])).stdout)
    assert.equal(json.digest, image.top.digest)
    assert.equal(
      json.bytes,
      image.blobs.reduce((sum, blob) => sum + blob.bytes.length, 0),
    )
    const seen = json.manifests.map(({ platform }: { platform: string }) => platform)
    assert.deepEqual(seen, ['linux/amd64', 'linux/arm64', 'unknown/unknown', 'unknown/unknown'])
  })

  test('says which platform the registry does not have', async () => {
    await using registry = await startRegistry()
    const image = index({ attestations: false })
    await push(registry.url, 'team/app', '1.0', image)
    const [amd64] = image.manifests
    registry.deleteManifest('team/app', amd64?.digest ?? '')
    const run = await tagboat(['inspect', `${registry.host}/team/app:1.0`])
    assert.equal(run.code, 0, run.stderr)
    assert.match(run.stdout, new RegExp(`^linux/amd64 +${amd64?.digest} +missing$`, 'm'))
  })

  test('fails for a name that is not there', async () => {
    await using registry = await startRegistry()
    const run = await tagboat(['inspect', '--json', `${registry.host}/team/app:1.0`])
    assert.equal(run.code, 1)
    assert.equal(JSON.parse(run.stdout).error.code, 'MANIFEST_UNKNOWN')
  })
})
