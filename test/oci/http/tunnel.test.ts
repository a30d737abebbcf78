import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer as createTlsServer } from 'node:https'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { afterEach, describe, test } from 'node:test'
import { createAddressGuard, createProxies, Network, type NetworkOptions } from '#oci'
import { certificate } from '#support/certificate'
import { type ForwardProxy, type ForwardProxyOptions, startForwardProxy } from '#support/forward-proxy'
import { generatedBlob, type Registry, type RegistryOptions, startRegistry } from '#support/registry'

const open: (() => unknown)[] = []
afterEach(async () => {
  for (const close of open.splice(0).toReversed()) await close()
})

const USER = { username: 'ada', password: 'p@ss word' }
const SIZE = 5_000_000

/** The URL of a server that listens until the test is over. */
async function listening(server: Server, scheme = 'http'): Promise<URL> {
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const sockets = new Set<Socket>()
  server.on('connection', (socket) => sockets.add(socket))
  open.push(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return new URL(`${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}/`)
}

interface Place {
  readonly registry: Registry
  readonly proxy: ForwardProxy
  readonly digest: string
  /** Reads the blob through the proxy, under this name. */
  read(origin: string, options?: Partial<NetworkOptions>): Promise<number>
}

/** A registry that is reached by the name of `registry.example`, and by that only through the proxy. */
async function place(options: RegistryOptions = {}, proxyOptions: ForwardProxyOptions = {}): Promise<Place> {
  const registry = await startRegistry(options)
  open.push(() => registry.close())
  const names = {
    'registry.example': registry.host,
    'registry.example:443': registry.host,
    'localhost:443': registry.host,
  }
  const proxy = await startForwardProxy({ names, ...proxyOptions })
  open.push(() => proxy[Symbol.asyncDispose]())
  const digest = registry.putContent('r', generatedBlob('tunnel', SIZE))
  return {
    ...{ registry, proxy, digest },
    async read(origin, more = {}) {
      const via = new URL(proxy.url)
      if (proxyOptions.user !== undefined)
        Object.assign(via, { username: USER.username, password: USER.password })
      const network = new Network({
        retries: 0,
        proxies: createProxies({ http: via, https: via, except: undefined }),
        tls: { ca: certificate.cert },
        ...more,
      })
      open.push(() => network.close())
      const url = new URL(`${origin}/v2/r/blobs/${digest}`)
      let size = 0
      for (let n = 0; n < 2; n++) {
        const { body, status } = await network.exchange({ method: 'GET', url }, { download: true })
        assert.equal(status, 200)
        for await (const chunk of body) {
          size += chunk.bytes.byteLength
          chunk.release()
        }
      }
      return size / 2
    },
  }
}

describe('through a proxy', { timeout: 30_000 }, () => {
  test('plain http goes by whole URLs, over one connection', async () => {
    const { registry, proxy, read, digest } = await place()
    assert.equal(await read('http://registry.example'), SIZE)
    assert.deepEqual(
      proxy.requests.map(({ method, target }) => `${method} ${target}`),
      Array.from({ length: 2 }, () => `GET http://registry.example/v2/r/blobs/${digest}`),
    )
    assert.equal(registry.requests[0]?.headers.host, 'registry.example')
  })

  test('TLS goes by a tunnel, in which the proxy sees nothing', async () => {
    const { proxy, read } = await place({ tls: certificate })
    assert.equal(await read('https://localhost'), SIZE)
    assert.deepEqual(
      proxy.requests.map(({ method, target }) => `${method} ${target}`),
      ['CONNECT localhost:443'],
    )
  })

  test('that speaks TLS itself, both go too', async () => {
    const secure = await place({ tls: certificate }, { tls: certificate })
    assert.equal(await secure.read('https://localhost'), SIZE)
    const plain = await place({}, { tls: certificate })
    assert.equal(await plain.read('http://registry.example'), SIZE)
  })

  test('that wants to know who asks, it is told, and the registry is not', async () => {
    for (const [options, origin] of [
      [{}, 'http://registry.example'],
      [{ tls: certificate }, 'https://localhost'],
    ] as const) {
      const { registry, proxy, read } = await place(options, { user: USER })
      assert.equal(await read(origin), SIZE)
      assert.ok(proxy.requests.every(({ headers }) => headers['proxy-authorization'] !== undefined))
      assert.ok(registry.requests.every(({ headers }) => headers['proxy-authorization'] === undefined))
    }
  })

  test('that does not let us through, it is said so, without the password', async () => {
    const { proxy, read } = await place({ tls: certificate }, { user: { ...USER, password: 'another' } })
    await assert.rejects(read('https://localhost'), (error: Error & { code?: string }) => {
      assert.equal(error.code, 'UNAUTHORIZED')
      return error.message.includes(proxy.host) && !/p@ss|p%40ss/.test(error.message)
    })
    await assert.rejects(read('https://127.0.0.1:1'), { code: 'UNAUTHORIZED' })
  })

  test('that does not get there, that can pass', async () => {
    const { read } = await place({ tls: certificate })
    await assert.rejects(read('https://127.0.0.1:1'), {
      code: 'REGISTRY_UNAVAILABLE',
      status: 502,
      retryable: true,
    })
  })

  test('that never answers, nobody waits for longer than for a connection', async () => {
    const { read } = await place({ tls: certificate })
    const via = await listening(createServer((socket) => socket.on('error', () => {})))
    const slow = read('https://localhost', { connectTimeoutMs: 100, proxies: () => via })
    await assert.rejects(slow, { code: 'STALLED', retryable: true })
  })

  test('that answers with more than was asked for, nothing is believed', async () => {
    for (const answer of ['nonsense\r\n\r\n', 'HTTP/1.1 200 OK\r\n\r\nmore', 'HTTP/1.1 403 No\r\n\r\n']) {
      const server = createServer((socket) =>
        socket.once('data', () => socket.write(answer)).on('error', () => {}),
      )
      const via = await listening(server)
      const network = new Network({ proxies: () => via, connectTimeoutMs: 1000 })
      open.push(() => network.close())
      await assert.rejects(network.request({ method: 'GET', url: new URL('https://localhost/') }), {
        name: 'RegistryError',
      })
    }
  })

  test('addresses are guarded as without one, names too, and the proxy is trusted', async () => {
    const { proxy, read } = await place({ tls: certificate })
    const guard = createAddressGuard({ allow: [] })
    for (const origin of [
      'https://127.0.0.1',
      'http://169.254.169.254',
      'https://localhost',
      'http://localhost',
      'http://[::1]',
      'http://2130706433',
    ])
      await assert.rejects(read(origin, { guard }), { code: 'BLOCKED_ADDRESS' }, origin)
    assert.deepEqual(proxy.requests, [])
    const allowed = createAddressGuard({ allow: ['localhost:443'] })
    assert.equal(await read('https://localhost', { guard: allowed }), SIZE)
  })
})

describe('over TLS', { timeout: 30_000 }, () => {
  test('an authority of the operator is believed beside the others, and nobody else', async () => {
    const { registry, read } = await place({ tls: certificate })
    assert.equal(await read(`https://${registry.host}`, { proxies: undefined }), SIZE)
    await assert.rejects(read(`https://${registry.host}`, { proxies: undefined, tls: undefined }), {
      code: 'REGISTRY_UNAVAILABLE',
      retryable: false,
      message: /SELF_SIGNED/,
    })
  })

  test('a certificate of ours is shown where it is asked for', async () => {
    const server = createTlsServer(
      { ...certificate, ca: certificate.cert, requestCert: true, rejectUnauthorized: true },
      (_, response) => response.end('in'),
    )
    const url = await listening(server, 'https')
    const ask = async (tls: NetworkOptions['tls']) => {
      const network = new Network({ tls, retries: 0 })
      open.push(() => network.close())
      return (await network.request({ method: 'GET', url })).status
    }
    assert.equal(await ask({ ca: certificate.cert, cert: certificate.cert, key: certificate.key }), 200)
    await assert.rejects(ask({ ca: certificate.cert }), { code: 'REGISTRY_UNAVAILABLE' })
  })
})
