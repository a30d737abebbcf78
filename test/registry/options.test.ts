import assert from 'node:assert/strict'
import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { describe, it } from 'node:test'
import { certificate } from '#support/certificate'
import { getManifestRaw, listTags } from '#support/client'
import { startDockerRegistry } from '#support/docker-registry'
import { artifact, descriptor, hello, index, layers, push } from '#support/images'
import { generatedBlob, mediaTypes, startRegistry } from '#support/registry'
import { requireTool } from '#support/tools'

const octets = { 'content-type': 'application/octet-stream' }

describe('A registry for tests', { timeout: 60_000 }, () => {
  it('serves and takes a blob that no memory holds', async () => {
    const blob = generatedBlob('large', 192 * 1024 * 1024 + 5)
    await using source = await startRegistry()
    await using target = await startRegistry({ discardBlobs: true })
    source.putContent('r', blob)
    const begun = await fetch(`${target.url}/v2/r/blobs/uploads/`, { method: 'POST' })
    const location = `${begun.headers.get('location')}&digest=${blob.digest}`
    const before = process.memoryUsage().arrayBuffers
    let peak = before
    const sampler = setInterval(() => {
      peak = Math.max(peak, process.memoryUsage().arrayBuffers)
    }, 5)
    const status = await new Promise((resolve, reject) => {
      const headers = { ...octets, 'content-length': blob.size }
      const put = httpRequest(location, { method: 'PUT', headers, agent: false })
      put.on('error', reject).on('response', (response) => resolve(response.resume().statusCode))
      httpRequest(`${source.url}/v2/r/blobs/${blob.digest}`, { agent: false }, (response) =>
        response.pipe(put),
      )
        .on('error', reject)
        .end()
    })
    clearInterval(sampler)
    assert.equal(status, 201)
    assert.ok(target.hasBlob('r', blob.digest))
    assert.equal(target.find({ method: 'PUT' })[0]?.bytesIn, blob.size)
    assert.equal(source.requests[0]?.bytesOut, blob.size)
    assert.ok(peak - before < 128 * 1024 * 1024, `${peak - before} bytes were held`)
  })

  it('serves any part of a generated blob as a part of the whole', async () => {
    const blob = generatedBlob('parts', 3 * 1024 * 1024 + 100)
    await using registry = await startRegistry()
    registry.putContent('r', blob)
    const url = `${registry.url}/v2/r/blobs/${blob.digest}`
    const whole = Buffer.from(await (await fetch(url)).arrayBuffer())
    for (const [start, end] of [
      [0, 1],
      [5, 12],
      [1024 * 1024 - 3, 1024 * 1024 + 4],
      [2_000_000, 3_000_000],
    ] as const) {
      const response = await fetch(url, { headers: { range: `bytes=${start}-${end - 1}` } })
      assert.ok(
        Buffer.from(await response.arrayBuffer()).equals(whole.subarray(start, end)),
        `${start} to ${end}`,
      )
    }
  })

  it('lists tags in pages when asked to be such a registry', async () => {
    await using registry = await startRegistry({ tagPages: { pageSize: 2 } })
    for (const tag of ['c', 'a', 'b'])
      registry.putManifest('r', tag, Buffer.from('{}'), mediaTypes.ociManifest)
    const first = await fetch(`${registry.url}/v2/r/tags/list`)
    assert.deepEqual(await first.json(), { name: 'r', tags: ['a', 'b'] })
    const next = /^<(.*)>; rel="next"$/.exec(first.headers.get('link') ?? '')?.[1] ?? ''
    const second = await fetch(new URL(next, registry.url))
    assert.deepEqual([await second.json(), second.headers.get('link')], [{ name: 'r', tags: ['c'] }, null])
    const one = await fetch(`${registry.url}/v2/r/tags/list?n=1&last=a`)
    assert.deepEqual(await one.json(), { name: 'r', tags: ['b'] })
  })

  it('has a referrers API when asked to, in pages too', async () => {
    await using registry = await startRegistry({ referrers: { pageSize: 1 } })
    const image = hello()
    await push(registry.url, 'r', 'tag', image)
    const subject = descriptor(image.top)
    const one = artifact({ seed: 'one', subject, artifactType: 'application/one' })
    const two = artifact({ seed: 'two', subject, artifactType: 'application/two' })
    for (const each of [one, two]) await push(registry.url, 'r', each.top.digest, each)
    const url = `${registry.url}/v2/r/referrers/${image.top.digest}`
    const first = await fetch(url)
    assert.equal(first.headers.get('content-type'), mediaTypes.ociIndex)
    assert.match(first.headers.get('link') ?? '', /rel="next"/)
    const filtered = await fetch(`${url}?artifactType=application/two`)
    assert.equal(filtered.headers.get('oci-filters-applied'), 'artifactType')
    const { manifests } = (await filtered.json()) as { manifests: { digest: string; artifactType: string }[] }
    assert.deepEqual(
      manifests.map(({ digest, artifactType }) => [digest, artifactType]),
      [[two.top.digest, 'application/two']],
    )
    const nobody = await fetch(`${registry.url}/v2/r/referrers/${one.top.digest}`)
    assert.deepEqual([nobody.status, ((await nobody.json()) as { manifests: [] }).manifests], [200, []])
  })

  it('writes relative locations, refuses mounts and wants chunks in order when asked to', async () => {
    await using registry = await startRegistry({
      location: 'relative',
      mount: 'session',
      strictRanges: true,
      chunkMinLength: 4096,
    })
    const digest = registry.putBlob('a', Buffer.from('content'))
    const begun = await fetch(`${registry.url}/v2/b/blobs/uploads/?mount=${digest}&from=a`, {
      method: 'POST',
    })
    assert.equal(begun.status, 202)
    assert.equal(begun.headers.get('oci-chunk-min-length'), '4096')
    const location = begun.headers.get('location') ?? ''
    assert.match(location, /^\/v2\/b\/blobs\/uploads\//)
    const headers = { ...octets, 'content-range': '5-6' }
    const chunk = await fetch(new URL(location, registry.url), { method: 'PATCH', headers, body: 'xy' })
    assert.deepEqual([chunk.status, registry.uploads().length], [416, 1])
  })

  it('lets a test change what lies behind a digest', async () => {
    await using registry = await startRegistry()
    const image = index()
    await push(registry.url, 'r', 'tag', image)
    registry.putManifest('r', image.top.digest, Buffer.from('{"other":1}'), mediaTypes.ociIndex)
    const answer = await getManifestRaw(registry.url, 'r', 'tag')
    assert.deepEqual([answer.status, answer.bytes.toString()], [200, '{"other":1}'])
    const blob = image.blobs[0]?.digest ?? ''
    registry.tamperBlob('r', blob, Buffer.from('short'))
    const shown = await fetch(`${registry.url}/v2/r/blobs/${blob}`)
    assert.deepEqual([shown.headers.get('docker-content-digest'), await shown.text()], [blob, 'short'])
    assert.ok(registry.deleteTag('r', 'tag'))
    assert.deepEqual([registry.tags('r'), await listTags(registry.url, 'r')], [[], []])
  })

  it('speaks TLS with the certificate it is given', async () => {
    await using registry = await startRegistry({ tls: certificate })
    const get = (): Promise<number | undefined> =>
      new Promise((resolve, reject) => {
        const options = { ca: certificate.cert, agent: false } as const
        httpsRequest(`${registry.url}/v2/`, options, (response) => resolve(response.resume().statusCode))
          .on('error', reject)
          .end()
      })
    assert.equal(await get(), 200)
    await assert.rejects(fetch(`${registry.url}/v2/`))
  })
})

describe('The real registry', { timeout: 60_000, ...requireTool('docker-registry') }, () => {
  it('keeps what it stores, and its port, when it is killed and started again', async () => {
    await using registry = await startDockerRegistry()
    const image = layers(2, 1000)
    await push(registry.url, 'r', 'tag', image)
    const { pid, url } = registry
    await registry.restart('SIGKILL')
    assert.deepEqual([registry.url, registry.pid === pid], [url, false])
    assert.equal((await getManifestRaw(url, 'r', 'tag')).digest, image.top.digest)
  })

  it('tells which requests it answered', async () => {
    await using registry = await startDockerRegistry()
    await fetch(`${registry.url}/v2/r/tags/list?n=5`)
    await registry.clear()
    await fetch(`${registry.url}/v2/r/manifests/tag`, { method: 'DELETE' })
    const url = '/v2/r/manifests/tag'
    assert.deepEqual(await registry.requests(), [
      { method: 'DELETE', url, path: url, status: 400, bytesOut: 98 },
    ])
  })

  it('speaks TLS and refuses writes when asked to', async () => {
    await using secure = await startDockerRegistry({ tls: certificate })
    assert.match(secure.url, /^https:/)
    await using frozen = await startDockerRegistry({ readonly: true })
    assert.equal((await fetch(`${frozen.url}/v2/r/blobs/uploads/`, { method: 'POST' })).status, 405)
  })
})
