import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, test } from 'node:test'
import { createServer as createTlsServer } from 'node:tls'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { Network, type NetworkOptions, type RegistryError } from '#oci'
import { certificate } from '#support/certificate'
import { runProcess } from '#support/process'
import type { Body } from '../../../src/oci/http/body.ts'

const open: (() => unknown)[] = []
afterEach(async () => {
  for (const close of open.splice(0).toReversed()) await close()
})

/** A server that does with each connection what the test says, byte by byte. */
async function serve(
  talk: (socket: Socket, connection: number) => void,
): Promise<{ url: URL; connections: () => number }> {
  let count = 0
  const sockets = new Set<Socket>()
  const server: Server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    count += 1
    talk(socket, count)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  open.push(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return {
    url: new URL(`http://127.0.0.1:${(server.address() as { port: number }).port}/`),
    connections: () => count,
  }
}

function network(options: Partial<NetworkOptions> = {}): Network {
  const made = new Network({
    retries: 0,
    idleTimeoutMs: 2_000,
    headersTimeoutMs: 2_000,
    connectTimeoutMs: 2_000,
    ...options,
  })
  open.push(() => made.close())
  return made
}

/** Answers each request with the next of the texts; the last one is for all that follow. */
const answering =
  (...texts: string[]) =>
  (socket: Socket) => {
    let n = 0
    socket.on('data', () => socket.write(texts[Math.min(n++, texts.length - 1)] ?? ''))
  }
const OK = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'
const get = (net: Network, url: URL) => net.request({ method: 'GET', url })
const text = ({ body }: { body: Uint8Array }) => Buffer.from(body).toString()

async function digestOf(body: Body): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of body) {
    hash.update(chunk.bytes)
    chunk.release()
  }
  return hash.digest('hex')
}

describe('a connection', { timeout: 30_000 }, () => {
  test('is kept and used again', async () => {
    const { url, connections } = await serve(answering(OK))
    const net = network()
    for (let n = 0; n < 5; n++) assert.equal(text(await get(net, url)), 'ok')
    assert.equal(connections(), 1)
  })

  test('that was kept and has died is replaced, once, for what can be sent again', async () => {
    const { url, connections } = await serve((socket, n) => {
      let asked = 0
      socket.on('data', () => {
        asked += 1
        if (n === 1 && asked === 2) socket.destroy()
        else socket.write(OK)
      })
    })
    const net = network()
    await get(net, url)
    assert.equal(text(await net.request({ method: 'PUT', url, body: Buffer.from('again') })), 'ok')
    assert.equal(connections(), 2)
  })

  test('that dies while it is new is an error, not tried again here', async () => {
    const { url, connections } = await serve((socket) => socket.on('data', () => socket.destroy()))
    await assert.rejects(get(network(), url), { code: 'REGISTRY_UNAVAILABLE', retryable: true })
    assert.equal(connections(), 1)
  })

  test('is not used again after more came than was asked for', async () => {
    const { url, connections } = await serve((socket) =>
      socket.on('data', () => socket.write(`${OK}HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nevil`)),
    )
    const net = network()
    for (let n = 0; n < 3; n++)
      await get(net, url).then(
        (answer) => assert.equal(text(answer), 'ok'),
        (error: RegistryError) => assert.equal(error.code, 'PROTOCOL'),
      )
    assert.equal(connections(), 3)
  })

  test('reads a body that ends with the connection, and one in chunks', async () => {
    const { url } = await serve((socket) =>
      socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\n\r\nto the end')),
    )
    assert.equal(text(await get(network(), url)), 'to the end')
    const chunked = await serve(
      answering(
        'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\na: b\r\n\r\n',
      ),
    )
    const net = network()
    for (let n = 0; n < 3; n++) assert.equal(text(await get(net, chunked.url)), 'abcde')
    assert.equal(chunked.connections(), 1)
  })

  test('does not take a body that is cut for a whole one', async () => {
    for (const cut of ['content-length: 10\r\n\r\nfour', 'transfer-encoding: chunked\r\n\r\na\r\nfour']) {
      const { url } = await serve((socket) =>
        socket.once('data', () => socket.end(`HTTP/1.1 200 OK\r\n${cut}`)),
      )
      await assert.rejects(get(network(), url), { code: 'REGISTRY_UNAVAILABLE' })
    }
  })

  test('ends at each of its time limits, and names it STALLED', async () => {
    const silent = await serve(() => {})
    await assert.rejects(get(network({ headersTimeoutMs: 50 }), silent.url), {
      code: 'STALLED',
      retryable: true,
    })
    const half = await serve(answering('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf'))
    await assert.rejects(get(network({ idleTimeoutMs: 50 }), half.url), { code: 'STALLED' })
  })

  test('tells who cannot be reached', async () => {
    const { url } = await serve(() => {})
    for (const close of open.splice(0)) await close()
    await assert.rejects(get(network(), url), { code: 'REGISTRY_UNAVAILABLE', message: /connection refused/ })
    await assert.rejects(get(network(), new URL('http://no-such-host.invalid/')), {
      code: 'REGISTRY_UNAVAILABLE',
      message: /no such host|EAI_AGAIN/,
    })
  })

  test('sends nothing that could be another request', async () => {
    const { url, connections } = await serve(answering(OK))
    const net = network()
    await assert.rejects(net.request({ method: 'GET', url, headers: { 'x-a': 'b\r\nx-evil: 1' } }), {
      code: 'PROTOCOL',
    })
    await assert.rejects(net.request({ method: 'GET /evil HTTP/1.1\r\n', url }), { code: 'PROTOCOL' })
    assert.ok(connections() <= 2)
  })

  test('can be called off in every phase, at once', async () => {
    const silent = await serve(() => {})
    const half = await serve(answering('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf'))
    const net = network()
    for (const { url } of [silent, half]) {
      const stop = new AbortController()
      const asked = net.request({ method: 'GET', url }, { signal: stop.signal })
      setTimeout(() => stop.abort(), 20)
      await assert.rejects(asked, { code: 'CANCELLED' })
      await assert.rejects(net.request({ method: 'GET', url }, { signal: stop.signal }), {
        code: 'CANCELLED',
      })
    }
  })

  test('makes room for the next when it fails: no place in the lane is lost', async () => {
    const silent = await serve(() => {})
    const net = network({ concurrency: 2, headersTimeoutMs: 20 })
    for (let n = 0; n < 6; n++) await assert.rejects(get(net, silent.url), { code: 'STALLED' })
    const body = await serve(answering('HTTP/1.1 200 OK\r\ncontent-length: 3000000\r\n\r\npart'))
    for (let n = 0; n < 6; n++)
      (await net.exchange({ method: 'GET', url: body.url }, { download: true })).body.cancel()
  })
})

describe('an upload', { timeout: 30_000 }, () => {
  const MIB = 1024 * 1024
  const chunks = async function* (count: number, released: () => void) {
    for (let n = 0; n < count; n++) yield { bytes: Buffer.alloc(MIB, n), release: released }
  }

  test('that is answered before it is all sent stops, and the answer is heard', async () => {
    const { url } = await serve((socket) => {
      socket.once('data', () => {
        socket.pause()
        socket.write('HTTP/1.1 413 Too Large\r\ncontent-length: 3\r\n\r\nbig')
      })
    })
    let released = 0
    const body = { length: 64 * MIB, chunks: chunks(64, () => released++) }
    const answer = await network().exchange({ method: 'PUT', url, body })
    assert.equal(answer.status, 413)
    assert.equal(Buffer.from((await answer.body.bytes(10)) ?? []).toString(), 'big')
    assert.ok(released < 64)
  })

  test('that is answered before it is all sent is the last on its connection, also when the answer takes its time', async () => {
    let more = (_text: string): void => {}
    const { url, connections } = await serve((socket, connection) => {
      if (connection > 1) return answering(OK)(socket)
      more = (text) => socket.write(text)
      socket.once('data', () =>
        socket.pause().write('HTTP/1.1 413 Too Large\r\ncontent-length: 6\r\n\r\nbig'),
      )
    })
    const net = network()
    const body = { length: 64 * MIB, chunks: chunks(64, () => {}) }
    const answer = await net.exchange({ method: 'PUT', url, body })
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve))
    more('ger')
    assert.equal(Buffer.from((await answer.body.bytes(10)) ?? []).toString(), 'bigger')
    assert.equal(text(await get(net, url)), 'ok')
    assert.equal(connections(), 2)
  })

  test('that is refused by who hangs up at once is heard out, but for a matter of microseconds', async () => {
    // On an event loop of its own, as servers have.
    const server = new Worker(
      `const { parentPort } = require('node:worker_threads')
      const refusal = 'HTTP/1.1 401 Unauthorized\\r\\ncontent-length: 2\\r\\nconnection: close\\r\\n\\r\\nno'
      const server = require('node:net').createServer((socket) => {
        socket.on('error', () => {})
        socket.once('data', () => socket.pause().write(refusal, () => socket.resetAndDestroy()))
      })
      server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port))`,
      { eval: true },
    )
    open.push(() => server.terminate())
    const [port] = await once(server, 'message')
    const url = new URL(`http://127.0.0.1:${port}/`)
    let heard = 0
    for (let n = 0; n < 20; n++) {
      const body = { length: 16 * MIB, chunks: chunks(16, () => {}) }
      const answer = await network()
        .exchange({ method: 'PUT', url, body })
        .catch(() => undefined)
      if (answer?.status === 401) heard += 1
      answer?.body.cancel()
    }
    assert.ok(heard > 12, `${heard} of 20`)
  })

  test('whose source fails is broken off, and the failure is what comes out', async () => {
    let seen = 0
    const { url } = await serve((socket) =>
      socket.on('data', (bytes) => {
        seen += bytes.length
      }),
    )
    const failing = async function* () {
      yield* chunks(2, () => {})
      throw new Error('the source failed')
    }
    await assert.rejects(
      network().exchange({ method: 'PUT', url, body: { length: 3 * MIB, chunks: failing() } }),
      /the source failed/,
    )
    assert.ok(seen < 3 * MIB)
  })

  test('that was called off while it was written leaves nothing that keeps the process', async () => {
    const { url } = await serve((socket) => void socket.pause())
    const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length
    const before = timers()
    const stop = new AbortController()
    const stalling = async function* () {
      for await (const chunk of chunks(64, () => {})) {
        yield chunk
        setImmediate(() => stop.abort())
      }
    }
    const body = { length: 64 * MIB, chunks: stalling() }
    const sending = network().exchange({ method: 'PUT', url, body }, { signal: stop.signal })
    await assert.rejects(sending, { code: 'CANCELLED' })
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve))
    assert.equal(timers(), before)
  })

  test('that is shorter than it said is broken off', async () => {
    const { url } = await serve(() => {})
    const body = { length: 3 * MIB, chunks: chunks(2, () => {}) }
    await assert.rejects(network().exchange({ method: 'PUT', url, body }), { code: 'REGISTRY_UNAVAILABLE' })
  })

  test('to a slow reader waits, and is not taken for a stall of the other side', async () => {
    const { url } = await serve((socket) => {
      let left = 4 * MIB
      socket.on('data', (bytes) => {
        left -= bytes.length
        socket.pause()
        setTimeout(() => socket.resume(), 5)
        if (left <= 0) socket.write(OK)
      })
    })
    const answer = await network({ idleTimeoutMs: 300 }).exchange({
      method: 'PUT',
      url,
      body: { length: 4 * MIB, chunks: chunks(4, () => {}) },
    })
    assert.equal(answer.status, 200)
    answer.body.cancel()
  })
})

describe('large bodies', { timeout: 60_000 }, () => {
  const MIB = 1024 * 1024
  /** Pseudo-random bytes that a test can make again. */
  const content = (seed: number, size: number) => {
    const bytes = Buffer.alloc(size)
    let x = seed + 1
    for (let at = 0; at < size; at += 4) {
      x = (x * 1103515245 + 12345) | 0
      bytes.writeInt32LE(x, at)
    }
    return bytes
  }

  test('come out as they went in, forty at a time through a few buffers', async () => {
    const size = 3 * MIB
    const bodies = Array.from({ length: 40 }, (_, n) => content(n, size))
    const { url } = await serve((socket) => {
      socket.on('data', (request) => {
        const n = Number(/GET \/(\d+)/.exec(request.toString())?.[1])
        socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${size}\r\n\r\n`)
        socket.write(bodies[n] ?? '')
      })
    })
    const net = network({ concurrency: 40 })
    const digests = await Promise.all(
      bodies.map(async (_, n) =>
        digestOf(
          (await net.exchange({ method: 'GET', url: new URL(`/${n}`, url) }, { download: true })).body,
        ),
      ),
    )
    assert.deepEqual(
      digests,
      bodies.map((bytes) => createHash('sha256').update(bytes).digest('hex')),
    )
  })

  test('come out as they went in over TLS and in chunks', async () => {
    const size = 5 * MIB
    const bytes = content(7, size)
    const server = createTlsServer({ key: certificate.key, cert: certificate.cert }, (socket) => {
      socket.on('error', () => {})
      socket.on('data', (request) => {
        if (request.toString().startsWith('GET /chunks')) {
          socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n')
          for (let at = 0; at < size; at += 100_000) {
            const part = bytes.subarray(at, at + 100_000)
            socket.write(`${part.length.toString(16)}\r\n`)
            socket.write(part)
            socket.write('\r\n')
          }
          socket.write('0\r\n\r\n')
        } else {
          socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${size}\r\n\r\n`)
          socket.write(bytes)
        }
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    open.push(() => server.close())
    const base = `https://localhost:${(server.address() as { port: number }).port}`
    await assert.rejects(network().request({ method: 'GET', url: new URL(base) }), {
      code: 'REGISTRY_UNAVAILABLE',
      retryable: false,
      message: /DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED/,
    })
    // The certificate is trusted in a process of its own, as people would have it.
    const script = `
      import { Network } from '#oci'
      import { createHash } from 'node:crypto'
      const net = new Network({ retries: 0 })
      for (const path of ['/', '/chunks', '/']) {
        const hash = createHash('sha256')
        for await (const chunk of (await net.exchange({ method: 'GET', url: new URL(path, '${base}') }, { download: true })).body) { hash.update(chunk.bytes); chunk.release() }
        console.log(hash.digest('hex'))
      }
      await net.close()`
    const folder = await mkdtemp(join(tmpdir(), 'tagboat-ca-'))
    open.push(() => rm(folder, { recursive: true }))
    await writeFile(`${folder}/ca.pem`, certificate.cert)
    const { stdout, stderr } = await runProcess(
      process.execPath,
      ['--conditions=tagboat-source', '--input-type=module', '-e', script],
      {
        env: { ...process.env, NODE_EXTRA_CA_CERTS: `${folder}/ca.pem` },
        cwd: fileURLToPath(new URL('../../../', import.meta.url)),
      },
    )
    const digest = createHash('sha256').update(bytes).digest('hex')
    assert.deepEqual(stdout.trim().split('\n'), [digest, digest, digest], stderr)
  })

  test('come over TLS at whatever pace they are read, and leave a connection that is of use', async () => {
    const size = 20 * MIB
    const bytes = content(11, size)
    let connections = 0
    const server = createTlsServer({ key: certificate.key, cert: certificate.cert }, (socket) => {
      connections += 1
      socket.on('error', () => {})
      socket.on('data', () => {
        socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${size}\r\n\r\n`)
        socket.write(bytes)
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    open.push(() => server.close())
    const url = new URL(`https://localhost:${(server.address() as { port: number }).port}`)
    const net = network({ tls: { ca: certificate.cert } })
    const digest = createHash('sha256').update(bytes).digest('hex')
    for (let round = 0; round < 8; round++) {
      const { body } = await net.exchange({ method: 'GET', url }, { download: true })
      const hash = createHash('sha256')
      for await (const chunk of body) {
        hash.update(chunk.bytes)
        chunk.release()
        // What was decrypted meanwhile comes in all the same, also where no more was asked for.
        for (let turns = 0; turns < round % 4; turns++) await new Promise((resolve) => setImmediate(resolve))
      }
      assert.equal(hash.digest('hex'), digest)
    }
    assert.equal(connections, 1)
  })

  test('wait for a slow reader instead of filling memory', async () => {
    const size = 256 * MIB
    const { url } = await serve((socket) => {
      const part = Buffer.alloc(MIB)
      socket.once('data', async () => {
        socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${size}\r\n\r\n`)
        for (let n = 0; n < size / MIB && !socket.destroyed; n++)
          if (!socket.write(part)) await once(socket, 'drain').catch(() => {})
      })
    })
    const { body } = await network({ idleTimeoutMs: 100 }).exchange(
      { method: 'GET', url },
      { download: true },
    )
    const before = process.memoryUsage().rss
    let read = 0
    for await (const chunk of body) {
      read += chunk.bytes.length
      chunk.release()
      // Longer than the limit for silence: ours, not the server's.
      if (read < 3 * MIB) await new Promise((resolve) => setTimeout(resolve, 150))
    }
    assert.equal(read, size)
    assert.ok(process.memoryUsage().rss - before < 64 * MIB)
  })
})
