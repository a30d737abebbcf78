import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import {
  createSecureServer,
  type Http2Session,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, test } from 'node:test'
import { createAddressGuard, Network, type NetworkOptions, openRepository, parseReference } from '#oci'
import { certificate } from '#support/certificate'
import { randomBytesFrom } from '#support/registry'

const open: (() => unknown)[] = []
afterEach(async () => {
  for (const close of open.splice(0).toReversed()) await close()
})

type Answer = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => void

/** A server that speaks HTTP/2 and nothing else, and counts its connections. */
async function serve(answer: Answer): Promise<{ url: URL; sessions: () => number }> {
  const server = createSecureServer({ ...certificate, allowHTTP1: false, maxSessionMemory: 100 })
  const sessions = new Set<Http2Session>()
  server.on('session', (session) => sessions.add(session))
  server.on('stream', (stream: ServerHttp2Stream, headers) => {
    stream.on('error', () => {})
    answer(stream, headers)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  open.push(() => {
    for (const session of sessions) session.destroy()
    server.close()
  })
  return {
    url: new URL(`https://localhost:${(server.address() as AddressInfo).port}/`),
    sessions: () => sessions.size,
  }
}

function network(options: Partial<NetworkOptions> = {}): Network {
  const made = new Network({
    retries: 0,
    tls: { ca: certificate.cert },
    idleTimeoutMs: 2000,
    headersTimeoutMs: 2000,
    ...options,
  })
  open.push(() => made.close())
  return made
}

const bytes = randomBytesFrom('multiplexed', 5_000_000)
const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`
const blob = { mediaType: 'x/y', digest: digest as never, size: bytes.length }

describe('a server that speaks HTTP/2 alone', { timeout: 30_000 }, () => {
  test('gives blobs over one connection, many at once, for as little as headers say', async () => {
    const seen: IncomingHttpHeaders[] = []
    const { url, sessions } = await serve((stream, headers) => {
      seen.push(headers)
      stream.respond({ ':status': 200, 'content-length': bytes.length })
      stream.end(bytes)
    })
    const at = openRepository(network(), parseReference(`https://${url.host}/acme/app`))
    const read = async () => {
      const parts: Buffer[] = []
      for await (const chunk of (await at.blob(blob)).read()) {
        parts.push(Buffer.from(chunk.bytes))
        chunk.release()
      }
      return Buffer.concat(parts)
    }
    for (const one of await Promise.all([read(), read(), read()])) assert.ok(one.equals(bytes))
    assert.equal(sessions(), 1)
    assert.equal(seen[0]?.[':authority'], url.host)
    assert.equal(seen[0]?.['accept-encoding'], 'identity')
    assert.equal(seen[0]?.host, undefined)
  })

  test('takes what is sent, and may refuse it early', async () => {
    let taken = 0
    const { url } = await serve((stream, headers) => {
      if (headers[':path'] === '/no') {
        stream.respond({ ':status': 413 })
        stream.end('no')
        return
      }
      stream.on('data', (chunk) => {
        taken += chunk.length
      })
      stream.on('end', () => {
        stream.respond({ ':status': 201 })
        stream.end()
      })
    })
    const net = network()
    let released = 0
    const release = () => {
      released += 1
    }
    const body = () => ({
      length: bytes.length,
      chunks: (async function* () {
        for (let at = 0; at < bytes.length; at += 500_000)
          yield { bytes: bytes.subarray(at, at + 500_000), release }
      })(),
    })
    const put = async (path: string) =>
      (await net.exchange({ method: 'PUT', url: new URL(path, url), body: body() })).status
    assert.equal(await put('/yes'), 201)
    assert.deepEqual([taken, released], [bytes.length, 10])
    assert.equal(await put('/no'), 413)
    const small = await net.request({ method: 'POST', url: new URL('/yes', url), body: Buffer.from('small') })
    assert.equal(small.status, 201)
  })

  test('breaks off, stands still, or is called off like any other', async () => {
    const { url } = await serve((stream, headers) => {
      if (headers[':path'] === '/silent') return
      stream.respond({ ':status': 200, 'content-length': bytes.length })
      stream.write(bytes.subarray(0, 1000))
      if (headers[':path'] === '/reset') setImmediate(() => stream.close(2))
      if (headers[':path'] === '/gone') setImmediate(() => stream.session?.destroy())
    })
    const ask = (path: string, signal?: AbortSignal) =>
      network({ idleTimeoutMs: 100, headersTimeoutMs: 100 }).request(
        { method: 'GET', url: new URL(path, url) },
        signal && { signal },
      )
    for (const path of ['/reset', '/gone'])
      await assert.rejects(ask(path), { code: 'REGISTRY_UNAVAILABLE', retryable: true }, path)
    for (const path of ['/silent', '/half'])
      await assert.rejects(ask(path), { code: 'STALLED', retryable: true }, path)
    const stop = new AbortController()
    const asked = network().request({ method: 'GET', url: new URL('/silent', url) }, { signal: stop.signal })
    setTimeout(() => stop.abort(), 20)
    await assert.rejects(asked, { code: 'CANCELLED' })
  })

  test('is connected to again when it has hung up', async () => {
    const { url, sessions } = await serve((stream) => {
      stream.respond({ ':status': 200 })
      const { session } = stream
      stream.end('ok', () => setImmediate(() => session?.close()))
    })
    const net = network()
    for (let n = 0; n < 3; n++) {
      assert.equal((await net.request({ method: 'GET', url })).status, 200)
      await new Promise((resolve) => setTimeout(resolve, 30))
    }
    assert.equal(sessions(), 3)
  })

  test('is guarded like any other', async () => {
    const { url, sessions } = await serve((stream) => stream.respond({ ':status': 200 }, { endStream: true }))
    const guard = createAddressGuard({ allow: [] })
    await assert.rejects(network({ guard }).request({ method: 'GET', url }), { code: 'BLOCKED_ADDRESS' })
    assert.equal(sessions(), 0)
  })
})
