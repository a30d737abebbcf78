import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, beforeEach, describe, test } from 'node:test'
import { getManifestRaw } from '#support/client'
import { type DockerRegistry, startDockerRegistry } from '#support/docker-registry'
import { type FaultProxy, faults, startFaultProxy } from '#support/fault-proxy'
import { hello, index, push } from '#support/images'
import { requireTool } from '#support/tools'
import { setStage } from './stage.ts'

let a: DockerRegistry
let b: DockerRegistry
let pa: FaultProxy
let pb: FaultProxy
const image = index()
const old = hello('old')

describe('the tag of a real registry', { timeout: 60_000, ...requireTool('docker-registry') }, () => {
  before(async () => {
    ;[a, b] = await Promise.all([startDockerRegistry(), startDockerRegistry()])
    ;[pa, pb] = await Promise.all([startFaultProxy(a.url), startFaultProxy(b.url)])
    await push(a.url, 'team/app', 'v1', image)
  })
  beforeEach(async () => {
    pa.clearFaults()
    pb.clearFaults()
    await push(b.url, 'live/app', 'prod', old)
    pa.clear()
    pb.clear()
  })
  after(() => Promise.all([pa, pb, a, b].map((each) => each?.close())))

  const set = (name = ':v1') => setStage(`${pa.host}/team/app${name}`, `${pb.host}/live/app:prod`)
  const tagged = async () => (await getManifestRaw(b.url, 'live/app', 'prod')).digest
  const writes = () => pb.count({ method: ['POST', 'PUT', 'PATCH'] })

  test('of a source whose stored bytes were changed is not promoted, and no upload is begun', async () => {
    const victim = hello('victim')
    await push(a.url, 'team/app', 'victim', victim)
    const hex = victim.top.digest.slice('sha256:'.length)
    const data = join(a.root, 'data/docker/registry/v2/blobs/sha256', hex.slice(0, 2), hex, 'data')
    await writeFile(data, hello('other').top.bytes)
    for (const name of [':victim', `@${victim.top.digest}`]) {
      await using stage = set(name)
      await assert.rejects(stage.promote(), { code: 'DIGEST_MISMATCH', side: 'source' })
      assert.equal(writes(), 0)
      assert.equal(await tagged(), old.top.digest)
    }
  })

  test('is set though the header names another digest than the bytes have, and that is told', async () => {
    for (const name of [':v1', `@${image.top.digest}`]) {
      await push(b.url, 'live/app', 'prod', old)
      const wrong = { 'docker-content-digest': `sha256:${'0'.repeat(64)}` }
      const fault = pa.fault({ method: 'GET', path: /manifests/ }, faults.headers(wrong))
      await using stage = set(name)
      const { notes } = await stage.plan()
      assert.match(notes.join(), /the registry calls it sha256:0000/)
      await stage.promote()
      assert.equal(await tagged(), image.top.digest)
      fault.remove()
    }
  })

  test('that is there already is not written again, and whoever looks meanwhile sees it', async () => {
    await using first = set()
    await first.promote()
    pb.clear()
    const looked: number[] = []
    let looking = true
    const watching = (async () => {
      while (looking) looked.push((await getManifestRaw(b.url, 'live/app', 'prod')).status)
    })()
    for (let time = 0; time < 5; time++) {
      await using again = set()
      const { receipt } = await again.promote()
      assert.equal(receipt.previous, image.top.digest)
    }
    looking = false
    await watching
    assert.equal(writes(), 0)
    assert.deepEqual([...new Set(looked)], [200])
  })

  const refusals: readonly [string, Parameters<typeof faults.respondError>][] = [
    [
      'ECR',
      [
        400,
        'TAG_INVALID',
        "The image tag 'prod' already exists in the 'live/app' repository and cannot be overwritten because the repository is immutable.",
      ],
    ],
    ['Harbor', [412, 'PRECONDITION', 'Failed to process request due to prod configured as immutable.']],
    ['Docker Hub', [403, 'DENIED', 'requested access to the resource is denied']],
  ]
  for (const [whose, refusal] of refusals) {
    test(`that ${whose} keeps where it is: TAG_IMMUTABLE after one PUT, and nothing for the same image`, async () => {
      const put = { method: 'PUT', path: '/v2/live/app/manifests/prod' }
      pb.fault(put, faults.respondError(...refusal))
      await using stage = set()
      const [, , words] = refusal
      await assert.rejects(stage.promote(), (error: Error & { code?: string; side?: string }) => {
        assert.deepEqual([error.code, error.side], ['TAG_IMMUTABLE', 'target'])
        assert.ok(error.message.includes(words), error.message)
        return true
      })
      assert.equal(pb.count(put), 1)
      assert.equal(await tagged(), old.top.digest)
      await push(b.url, 'live/app', 'prod', image)
      pb.clear()
      await using same = set()
      await same.promote()
      assert.equal(writes(), 0)
    })
  }
})
