import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { after, before, describe, test } from 'node:test'
import { certificate } from '#support/certificate'
import { getBlobRaw, getManifestRaw } from '#support/client'
import { type DockerRegistry, startDockerRegistry } from '#support/docker-registry'
import { type FaultProxy, faults, startFaultProxy } from '#support/fault-proxy'
import { index, layers, push } from '#support/images'
import { type Registry, randomBytesFrom, startRegistry } from '#support/registry'
import { requireTool } from '#support/tools'

const image = layers(1, 400_000)
const layer = image.blobs.find(({ bytes }) => bytes.length === 400_000)
const digest = layer?.digest ?? ''
const BLOB = { method: 'GET', path: `/v2/r/blobs/${digest}` }

interface Received {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
  readonly whole: boolean
}

/** What one request gets, as far as it gets anything. */
async function ask(
  proxy: FaultProxy,
  method: string,
  path: string,
  body: Uint8Array = Buffer.alloc(0),
  headers: Record<string, string> = {},
): Promise<Received> {
  const asked = request(`${proxy.url}${path}`, { method, agent: false, headers })
  asked.on('error', () => {})
  asked.end(body)
  const [response] = (await once(asked, 'response')) as [IncomingMessage]
  const chunks: Buffer[] = []
  response.on('data', (chunk) => chunks.push(chunk)).on('error', () => {})
  await new Promise((resolve) => response.once('close', resolve))
  const { statusCode: status = 0, headers: given, complete: whole } = response
  return { status, headers: given, body: Buffer.concat(chunks), whole }
}

const KINDS: [string, { skip: string | false }, () => Promise<Registry | DockerRegistry>][] = [
  ['the in-process registry', { skip: false }, () => startRegistry()],
  ['docker-registry', requireTool('docker-registry'), () => startDockerRegistry()],
]

for (const [kind, options, start] of KINDS) {
  describe(`a fault proxy before ${kind}`, { timeout: 30_000, ...options }, () => {
    let registry: Registry | DockerRegistry
    let proxy: FaultProxy
    before(async () => {
      registry = await start()
      proxy = await startFaultProxy(registry.url)
      await push(proxy.url, 'r', 'v1', image)
    })
    after(async () => {
      assert.deepEqual(proxy.errors, [])
      await proxy.close()
      await registry.close()
    })
    /** Nothing that a test set stays for the next. */
    const fresh = (): FaultProxy => {
      proxy.clear()
      proxy.clearFaults()
      return proxy
    }

    test('passes on what comes, both ways, and names itself in locations', async () => {
      const proxied = fresh()
      await push(proxied.url, 'many', 'v1', index())
      assert.equal((await getManifestRaw(proxied.url, 'many', 'v1')).digest, index().top.digest)
      assert.deepEqual(await getBlobRaw(proxied.url, 'r', digest), { status: 200, digest, size: 400_000 })
      const begun = await ask(proxied, 'POST', '/v2/r/blobs/uploads/')
      assert.equal(begun.status, 202)
      assert.ok(begun.headers.location?.startsWith(proxied.url))
      const missing = await ask(proxied, 'HEAD', '/v2/r/manifests/none')
      assert.deepEqual([missing.status, missing.body.length], [404, 0])
      const part = await ask(proxied, 'GET', BLOB.path, undefined, { range: 'bytes=10-19' })
      assert.deepEqual([part.status, part.body], [206, layer?.bytes.subarray(10, 20)])
    })

    test('writes down what was asked, how much, and a hash of the credentials', async () => {
      const proxied = fresh()
      await ask(proxied, 'GET', BLOB.path, undefined, { authorization: 'Basic c2VjcmV0' })
      const [seen] = proxied.requests
      assert.deepEqual([seen?.method, seen?.path, seen?.status], ['GET', BLOB.path, 200])
      assert.deepEqual([seen?.bytesIn, seen?.bytesOut], [0, 400_000])
      assert.equal(seen?.authorizationHash, createHash('sha256').update('Basic c2VjcmV0').digest('hex'))
    })

    test('cuts, flips and rewrites what the registry says', async () => {
      const proxied = fresh()
      proxied.fault(BLOB, faults.cut(100_000), { nth: 1 })
      proxied.fault(BLOB, faults.flip(7), { nth: 2 })
      proxied.fault(
        BLOB,
        faults.rewrite('content-length', (length) => `${Number(length) + 1}`),
        { nth: 3 },
      )
      const cut = await ask(proxied, 'GET', BLOB.path)
      assert.deepEqual([cut.status, cut.body.length, cut.whole], [200, 100_000, false])
      const flipped = await ask(proxied, 'GET', BLOB.path)
      assert.equal(flipped.body[7], (layer?.bytes[7] ?? 0) ^ 1)
      assert.equal((await ask(proxied, 'GET', BLOB.path)).whole, false)
      assert.equal((await ask(proxied, 'GET', BLOB.path)).body.equals(layer?.bytes ?? Buffer.alloc(0)), true)
    })

    test('answers for the registry, which is then not asked, each thing apart', async () => {
      const proxied = fresh()
      const each = { times: 1, each: ({ path }: { readonly path: string }) => path }
      const busy = proxied.fault({ method: 'GET' }, faults.respond(503), each)
      const statuses = []
      for (const path of [BLOB.path, '/v2/r/tags/list', BLOB.path, '/v2/r/tags/list'])
        statuses.push((await ask(proxied, 'GET', path)).status)
      assert.deepEqual(statuses, [503, 503, 200, 200])
      assert.equal(busy.hits, 2)
    })

    test('keeps the answer back though the registry has acted', async () => {
      const proxied = fresh()
      const path = '/v2/r/manifests/dropped'
      const headers = { 'content-type': image.top.mediaType }
      proxied.fault({ method: 'PUT', path }, faults.drop('answer'), { nth: 1 })
      await assert.rejects(ask(proxied, 'PUT', path, image.top.bytes, headers))
      assert.equal((await getManifestRaw(registry.url, 'r', 'dropped')).digest, image.top.digest)
    })

    test('holds a request until it is released, and says when it came', async () => {
      const proxied = fresh()
      const barrier = proxied.fault(BLOB, faults.gate())
      let answered = false
      const asked = ask(proxied, 'GET', BLOB.path).finally(() => {
        answered = true
      })
      await barrier.reached
      assert.equal(answered, false)
      barrier.release()
      assert.equal((await asked).status, 200)
    })

    test('stops in mid body until it is released', async () => {
      const proxied = fresh()
      const stall = proxied.fault(BLOB, faults.stall(1000))
      const asked = ask(proxied, 'GET', BLOB.path)
      await stall.reached
      assert.equal(proxied.requests[0]?.bytesOut, 1000)
      stall.release()
      assert.equal((await asked).body.length, 400_000)
    })

    test('cuts what is sent to the registry, with a reset', async () => {
      const proxied = fresh()
      const { headers } = await ask(proxied, 'POST', '/v2/r/blobs/uploads/')
      const { pathname, search } = new URL(headers.location ?? '')
      proxied.fault({ method: 'PATCH' }, faults.cutUpload(50_000, 'reset'))
      await assert.rejects(ask(proxied, 'PATCH', pathname + search, randomBytesFrom('up', 200_000)))
      assert.ok((proxied.requests.at(-1)?.bytesIn ?? 0) >= 50_000)
    })
  })
}

describe('a fault proxy', { timeout: 20_000 }, () => {
  test('is as gone as its registry', async () => {
    const registry = await startRegistry()
    await using proxy = await startFaultProxy(registry.url)
    await registry.close()
    await assert.rejects(ask(proxy, 'GET', '/v2/'), { code: 'ECONNRESET' })
    assert.deepEqual(proxy.errors, [])
  })

  test('speaks TLS to both sides', async () => {
    await using registry = await startRegistry({ tls: certificate })
    await using proxy = await startFaultProxy(registry.url, { ca: certificate.cert })
    assert.equal((await ask(proxy, 'GET', '/v2/')).status, 200)
    await using secure = await startFaultProxy(registry.url, { ca: certificate.cert, tls: certificate })
    assert.match(secure.url, /^https:/)
  })

  test('hands on an answer that comes before the request is all sent', async () => {
    await using registry = await startRegistry()
    await using proxy = await startFaultProxy(registry.url)
    registry.fault({ method: 'PUT' }, faults.respond(413, { read: 'none' }))
    const asked = request(`${proxy.url}/v2/r/blobs/uploads/x`, {
      method: 'PUT',
      agent: false,
      headers: { 'content-length': 50_000_000 },
    })
    asked.on('error', () => {})
    asked.write(Buffer.alloc(100_000))
    const [response] = (await once(asked, 'response')) as [IncomingMessage]
    assert.equal(response.statusCode, 413)
    asked.destroy()
  })

  test('keeps to a speed, for all together', async () => {
    await using registry = await startRegistry()
    await using proxy = await startFaultProxy(registry.url)
    await push(registry.url, 'r', 'v1', image)
    proxy.fault(BLOB, faults.throttle(2_000_000))
    const began = performance.now()
    await Promise.all([ask(proxy, 'GET', BLOB.path), ask(proxy, 'GET', BLOB.path)])
    assert.ok(performance.now() - began >= 395)
  })
})
