import assert from 'node:assert/strict'
import { request as httpRequest } from 'node:http'
import { describe, it } from 'node:test'
import { faults, type Registry, randomBytesFrom, startRegistry } from '#support/registry'

const bytes = randomBytesFrom('faults', 300_000)

interface Received {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Buffer
  readonly complete: boolean
}

/** What of the blob a client gets; the error's code if it gets nothing. */
function read(
  registry: Registry,
  digest: string,
  headers: Record<string, string> = {},
): Promise<Received | string> {
  return new Promise((resolve) => {
    const made = httpRequest(`${registry.url}/v2/r/blobs/${digest}`, { headers, agent: false })
    made.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
    made.on('response', (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', () => {})
      response.on('close', () => {
        const { statusCode = 0, headers, complete } = response
        resolve({ status: statusCode, headers, body: Buffer.concat(chunks), complete })
      })
    })
    made.end()
  })
}

async function got(received: Promise<Received | string>): Promise<Received> {
  const one = await received
  assert.ok(typeof one !== 'string', `no answer: ${one}`)
  return one
}

async function withBlob(body: (registry: Registry, digest: string) => Promise<void>): Promise<void> {
  await using registry = await startRegistry()
  await body(registry, registry.putBlob('r', bytes))
  assert.deepEqual(registry.errors, [])
}

const blobs = { path: /\/blobs\/sha256:/ }

describe('Faults of the in-process registry', { timeout: 20_000 }, () => {
  it('answer for the registry as often as they were asked to, and leave the rest alone', () =>
    withBlob(async (registry, digest) => {
      const fault = registry.fault(blobs, faults.respondError(503, 'UNAVAILABLE', 'later'), {
        times: 2,
        after: 1,
      })
      const statuses: number[] = []
      for (let i = 0; i < 4; i += 1) statuses.push((await got(read(registry, digest))).status)
      assert.deepEqual(statuses, [200, 503, 503, 200])
      assert.equal(fault.hits, 2)
      assert.equal(registry.count({ status: 503 }), 2)
    }))

  it('cut the body after exactly so many bytes, none included', () =>
    withBlob(async (registry, digest) => {
      for (const after of [0, 1, 70_000, bytes.length - 1]) {
        registry.fault(blobs, faults.cut(after), { times: 1 })
        const answer = await got(read(registry, digest))
        assert.deepEqual([answer.status, answer.body.length, answer.complete], [200, after, false])
        assert.equal(registry.requests.at(-1)?.bytesOut, after)
        assert.equal(registry.requests.at(-1)?.aborted, true)
      }
      assert.deepEqual((await got(read(registry, digest))).body, bytes)
    }))

  it('stall after so many bytes until they are released', () =>
    withBlob(async (registry, digest) => {
      const stall = registry.fault(blobs, faults.stall(1000))
      const reading = got(read(registry, digest))
      await stall.reached
      assert.equal(registry.requests[0]?.bytesOut, 1000)
      assert.equal(registry.requests[0]?.endedAt, undefined)
      stall.release()
      assert.deepEqual((await reading).body, bytes)
    }))

  it('hold a request at the gate, before or after the registry acted', () =>
    withBlob(async (registry, digest) => {
      const target = { method: 'DELETE' }
      const remove = () => fetch(`${registry.url}/v2/r/blobs/${digest}`, { method: 'DELETE' })
      for (const at of ['request', 'answer'] as const) {
        registry.putBlob('r', bytes)
        const gate = registry.fault(target, faults.gate(at))
        const removing = remove()
        await gate.reached
        assert.equal(registry.hasBlob('r', digest), at === 'request')
        assert.equal(registry.requests.at(-1)?.status, 0)
        gate.remove()
        gate.release()
        assert.equal((await removing).status, 202)
        assert.equal(registry.hasBlob('r', digest), false)
      }
    }))

  it('break the connection, before or after the registry acted', () =>
    withBlob(async (registry, digest) => {
      for (const [at, how] of [
        ['request', 'reset'],
        ['request', 'end'],
        ['answer', 'reset'],
      ] as const) {
        registry.putBlob('r', bytes)
        registry.fault({ method: 'DELETE' }, faults.drop(at, how), { times: 1 })
        await assert.rejects(fetch(`${registry.url}/v2/r/blobs/${digest}`, { method: 'DELETE' }))
        assert.equal(registry.hasBlob('r', digest), at === 'request')
      }
    }))

  it('flip one bit at one place of the blob, in ranges too', () =>
    withBlob(async (registry, digest) => {
      registry.fault(blobs, faults.flip(70_000))
      const whole = (await got(read(registry, digest))).body
      const rest = (await got(read(registry, digest, { range: 'bytes=60000-' }))).body
      const wrong = Buffer.from(bytes)
      wrong.writeUInt8(wrong.readUInt8(70_000) ^ 1, 70_000)
      assert.ok(whole.equals(wrong))
      assert.ok(rest.equals(wrong.subarray(60_000)))
    }))

  it('change headers, framing and body of an answer', () =>
    withBlob(async (registry, digest) => {
      registry.fault(
        blobs,
        [faults.headers({ 'docker-content-digest': 'sha256:lie', etag: undefined }), faults.unsized('close')],
        { times: 1 },
      )
      const closed = await got(read(registry, digest))
      assert.equal(closed.headers['docker-content-digest'], 'sha256:lie')
      assert.deepEqual([closed.headers.etag, closed.headers['content-length']], [undefined, undefined])
      assert.deepEqual([closed.headers['transfer-encoding'], closed.body.length], [undefined, bytes.length])
      registry.fault(blobs, faults.unsized('chunked'), { times: 1 })
      assert.equal((await got(read(registry, digest))).headers['transfer-encoding'], 'chunked')
      registry.fault(
        blobs,
        faults.replaceBody(() => Buffer.from('other')),
        { times: 1 },
      )
      const other = await got(read(registry, digest))
      assert.deepEqual([other.body.toString(), other.headers['docker-content-digest']], ['other', digest])
    }))

  it('redirect, and rewrite the Location of an upload', () =>
    withBlob(async (registry, digest) => {
      registry.fault(
        blobs,
        faults.redirect(({ path }) => `/elsewhere${path}`),
        { times: 1 },
      )
      const sent = await got(read(registry, digest))
      assert.deepEqual([sent.status, sent.headers.location], [307, `/elsewhere/v2/r/blobs/${digest}`])
      registry.fault(
        { method: 'POST' },
        faults.location((location) => `${location}&x=a%2Fb`),
      )
      const begun = await fetch(`${registry.url}/v2/r/blobs/uploads/`, { method: 'POST' })
      assert.match(begun.headers.get('location') ?? '', /_state=.*&x=a%2Fb$/)
    }))

  it('break and stall uploads at a place of their choice', () =>
    withBlob(async (registry) => {
      const begin = async () => {
        const begun = await fetch(`${registry.url}/v2/r/blobs/uploads/`, { method: 'POST' })
        return begun.headers.get('location') ?? ''
      }
      const patch = (location: string) =>
        fetch(location, {
          method: 'PATCH',
          body: new Uint8Array(bytes),
          headers: { 'content-type': 'application/octet-stream' },
        })
      const first = await begin()
      registry.fault({ method: 'PATCH' }, faults.cutUpload(50_000), { times: 1 })
      await assert.rejects(patch(first))
      assert.equal(registry.uploads()[0]?.bytes, 50_000)
      assert.equal((await fetch(first)).status, 404)
      const second = await begin()
      const stall = registry.fault({ method: 'PATCH' }, faults.stallUpload(60_000))
      const patching = patch(second)
      await stall.reached
      assert.equal(registry.uploads()[1]?.bytes, 60_000)
      stall.release()
      assert.equal((await patching).headers.get('range'), '0-299999')
    }))

  it('slow an answer down', () =>
    withBlob(async (registry, digest) => {
      registry.fault(blobs, faults.throttle(1_000_000))
      const began = performance.now()
      assert.ok((await got(read(registry, digest))).body.equals(bytes))
      assert.ok(performance.now() - began > 250)
    }))

  it('answer at once while the request is still being sent, if they should not read it', () =>
    withBlob(async (registry) => {
      registry.fault({ method: 'PUT' }, faults.respond(413, { read: 'none' }))
      const status = await new Promise((resolve, reject) => {
        const made = httpRequest(`${registry.url}/v2/r/blobs/uploads/x`, {
          method: 'PUT',
          agent: false,
          headers: { 'content-length': 10_000_000 },
        })
        made.on('response', (response) => resolve(response.statusCode)).on('error', reject)
        made.write('the beginning')
      })
      assert.equal(status, 413)
    }))

  it('let go of a request whose client went away, and of all when the registry closes', () =>
    withBlob(async (registry, digest) => {
      const gate = registry.fault(blobs, faults.gate())
      const made = httpRequest(`${registry.url}/v2/r/blobs/${digest}`, { agent: false })
      made.on('error', () => {})
      made.end()
      await gate.reached
      made.destroy()
      gate.remove()
      const stall = registry.fault(blobs, faults.stall(10))
      const reading = read(registry, digest)
      await stall.reached
      await registry.close()
      assert.equal(registry.connections.open, 0)
      assert.equal(registry.requests[0]?.aborted, true)
      const answer = await reading
      assert.ok(typeof answer === 'string' || !answer.complete)
    }))
})
