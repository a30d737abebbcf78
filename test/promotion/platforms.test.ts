import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import { parsePlatform } from '#oci'
import { getManifestRaw } from '#support/client'
import { startDockerRegistry } from '#support/docker-registry'
import {
  artifact,
  descriptor,
  digestTag,
  dockerList,
  type Image,
  index,
  layers,
  push,
  pushReferrer,
  signature,
} from '#support/images'
import { type Registry, startRegistry } from '#support/registry'
import { requireTool } from '#support/tools'
import { setStage } from './stage.ts'

const platforms = ['linux/amd64', 'linux/arm64', 'linux/arm/v6', 'linux/arm/v7']
const image = index({ platforms })
const only = (...names: readonly string[]) => ({ platforms: names.map(parsePlatform) })
const [amd64, arm64, armV6, armV7] = image.manifests.map(({ digest }) => digest) as [
  string,
  string,
  string,
  string,
]
const attestation = (at: number): string => image.manifests[platforms.length + at]?.digest ?? ''

async function place(t: TestContext, options: Parameters<typeof startRegistry>[0] = {}): Promise<Registry> {
  const registry = await startRegistry(options)
  t.after(() => registry.close())
  return registry
}

async function setUp(t: TestContext, options: Parameters<typeof startRegistry>[0] = {}, what: Image = image) {
  const [a, b] = [await place(t), await place(t, options)]
  await push(a.url, 'team/app', 'v1', what)
  a.clear()
  return { a, b, from: `${a.host}/team/app:v1`, to: `${b.host}/live/app:prod` }
}

const childrenOf = (bytes: Buffer | undefined): string[] =>
  JSON.parse(bytes?.toString() ?? '{}').manifests.map(({ digest }: { digest: string }) => digest)

describe('some platforms of an index', { timeout: 60_000 }, () => {
  test('are promoted under the index as it is, where the target takes it so', async (t) => {
    const { a, b, from, to } = await setUp(t, { sparse: true })
    const sbom = artifact({ seed: 'sbom', layers: 1, subject: descriptor(image.top) })
    await pushReferrer(a.url, 'team/app', image.top, sbom)
    await push(a.url, 'team/app', digestTag(image.top, '.sig'), signature(image.top))
    await using stage = setStage(from, to, only('linux/arm64', 'linux/arm/v7'))
    const planned = await stage.plan()
    assert.match(planned.notes.join(), /4 of 8 children: the index stays as it is where/)
    const { receipt } = await stage.promote()
    assert.equal(receipt.digest, image.top.digest)
    assert.deepEqual(b.getManifest('live/app', 'prod')?.bytes, image.top.bytes)
    assert.equal(receipt.companions, 2, 'what is about the index holds')
    const expected = [arm64, armV7, attestation(1), attestation(3), image.top.digest, sbom.top.digest]
    const there = b.manifests('live/app')
    for (const digest of expected) assert.ok(there.includes(digest))
    for (const digest of [amd64, armV6, attestation(0)]) assert.ok(!there.includes(digest))
    b.clear()
    await stage.promote()
    assert.equal(b.count({ method: ['POST', 'PUT'] }), 0)
    await using more = setStage(from, to, only('linux/amd64', 'linux/arm64'))
    assert.equal((await more.promote()).receipt.digest, image.top.digest)
    assert.ok(b.getManifest('live/app', amd64), 'the same digest says nothing of what is below it')
    await using all = setStage(from, `${b.host}/live/app:all`)
    await all.promote()
    for (const { digest } of image.manifests) assert.ok(b.getManifest('live/app', digest))
  })

  test('are promoted under an index made of them where it does not, and what is about the whole stays behind', async (t) => {
    const { a, b, from, to } = await setUp(t)
    await pushReferrer(
      a.url,
      'team/app',
      image.top,
      artifact({ seed: 'sbom', subject: descriptor(image.top) }),
    )
    const [, second = image.top] = image.manifests
    const scan = artifact({ seed: 'scan', layers: 1, subject: descriptor(second) })
    await pushReferrer(a.url, 'team/app', second, scan)
    await using stage = setStage(from, to, only('linux/arm64'))
    const { receipt, progress } = await stage.promote()
    assert.notEqual(receipt.digest, image.top.digest)
    assert.equal(b.getManifest('live/app', 'prod')?.digest, receipt.digest)
    assert.deepEqual(childrenOf(b.getManifest('live/app', 'prod')?.bytes), [arm64, attestation(1)])
    assert.match(JSON.stringify(progress), new RegExp(`${receipt.digest} instead of ${image.top.digest}`))
    assert.equal(receipt.companions, 1)
    assert.ok(b.getManifest('live/app', scan.top.digest))
    assert.equal(b.getManifest('live/app', digestTag(image.top)), undefined)
    b.clear()
    const again = await stage.promote()
    assert.equal(again.receipt.digest, receipt.digest)
    assert.equal(b.requests.length, 1)
  })

  test('are all of it where all of it was chosen', async (t) => {
    const { b, from, to } = await setUp(t)
    await using stage = setStage(from, to, only('linux/amd64', 'linux/arm64', 'linux/arm'))
    assert.equal((await stage.promote()).receipt.digest, image.top.digest)
    for (const { digest } of image.manifests) assert.ok(b.getManifest('live/app', digest))
  })

  test('are only looked for: what is not for them may be missing at the source', async (t) => {
    const { a, from, to } = await setUp(t)
    a.deleteManifest('team/app', amd64)
    await using stage = setStage(from, to, only('linux/arm64'))
    await stage.promote()
    await using whole = setStage(from, to)
    await assert.rejects(whole.promote(), {
      code: 'MANIFEST_UNKNOWN',
      side: 'source',
      message: /linux\/amd64/,
    })
  })

  test('that it does not have are named, with those that it has', async (t) => {
    const { b, from, to } = await setUp(t)
    await using stage = setStage(from, to, only('linux/arm64', 'linux/riscv64'))
    await assert.rejects(stage.promote(), {
      code: 'PLATFORM_UNKNOWN',
      side: 'source',
      message:
        /not for linux\/riscv64; it is for linux\/amd64, linux\/arm64, linux\/arm\/v6, linux\/arm\/v7$/,
    })
    assert.equal(b.count({ method: ['POST', 'PUT'] }), 0)
  })

  test('are what an image of one platform is for, or not', async (t) => {
    const { from, to } = await setUp(t, {}, layers(1, 100))
    await using fits = setStage(from, to, only('linux/amd64'))
    await fits.promote()
    await using fails = setStage(from, to, only('linux/arm64'))
    await assert.rejects(fails.promote(), { code: 'PLATFORM_UNKNOWN', message: /it is for linux\/amd64$/ })
  })

  test('of a Docker list make a Docker list', async (t) => {
    const { b, from, to } = await setUp(t, {}, dockerList())
    await using stage = setStage(from, to, only('linux/arm64'))
    await stage.promote()
    const there = b.getManifest('live/app', 'prod')
    assert.equal(there?.mediaType, dockerList().top.mediaType)
    assert.equal(childrenOf(there?.bytes).length, 1)
  })

  test('in one repository are there with the rest: the tag names the index', async (t) => {
    const { a, from } = await setUp(t)
    await using stage = setStage(from, from.replace('v1', 'arm'), only('linux/arm64'))
    await stage.promote()
    assert.equal(a.getManifest('team/app', 'arm')?.digest, image.top.digest)
  })
})

describe('some platforms at docker-registry', { timeout: 60_000, ...requireTool('docker-registry') }, () => {
  test('become an index of their own', async (t) => {
    const a = await place(t)
    await push(a.url, 'team/app', 'v1', image)
    await using b = await startDockerRegistry()
    await using stage = setStage(`${a.host}/team/app:v1`, `${b.host}/live/app:prod`, only('linux/arm64'))
    const { receipt } = await stage.promote()
    const there = await getManifestRaw(b.url, 'live/app', 'prod')
    assert.equal(there.digest, receipt.digest)
    assert.deepEqual(childrenOf(there.bytes), [arm64, attestation(1)])
    assert.deepEqual((await stage.plan()).moves, [])
  })
})
