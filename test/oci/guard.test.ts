import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { createAddressGuard, Network, openRepository, parseReference, type Tag } from '#oci'
import { hello, push } from '#support/images'
import { faults, startRegistry } from '#support/registry'

// A sentinel: what must not be reached, and counts who tries.
const sentinel = createServer((socket) => {
  reached += 1
  socket.destroy()
})
let reached = 0
let port = 0
before(async () => {
  await new Promise<void>((resolve) => sentinel.listen(0, resolve))
  port = (sentinel.address() as { port: number }).port
})
after(() => sentinel.close())

const guarded = (allow: readonly string[] = [], endpoints: ReadonlyMap<string, URL> = new Map()) =>
  new Network({ guard: createAddressGuard({ allow }), endpoints, retries: 0, connectTimeoutMs: 2_000 })

const permits = (address: string, allow: readonly string[] = []) =>
  createAddressGuard({ allow }).permits({ host: address, port: 443, address })

describe('the guard', () => {
  test('lets public addresses pass', () => {
    for (const address of [
      '8.8.8.8',
      '1.1.1.1',
      '140.82.121.33',
      '2606:4700::1111',
      '2a00:1450:4001:82a::200e',
    ]) {
      assert.equal(permits(address), true, address)
    }
  })

  test('holds every address that is not public', () => {
    const held = [
      '0.0.0.0',
      '10.0.0.1',
      '100.64.0.1',
      '100.100.100.200',
      '127.0.0.1',
      '127.1.2.3',
      '169.254.169.254',
      '172.16.0.1',
      '172.31.255.255',
      '192.0.0.192',
      '192.0.2.1',
      '192.168.1.1',
      '198.18.0.1',
      '198.51.100.1',
      '203.0.113.1',
      '224.0.0.1',
      '240.0.0.1',
      '255.255.255.255',
      '168.63.129.16',
      '::',
      '::1',
      '::ffff:127.0.0.1',
      '::ffff:7f00:1',
      '::7f00:1',
      '64:ff9b::7f00:1',
      '2002:7f00:1::',
      '2001::1',
      'fc00::1',
      'fd00:ec2::254',
      'fe80::1',
      'ff02::1',
      '2001:db8::1',
    ]
    for (const address of held) assert.equal(permits(address), false, address)
  })

  test('lets pass what is allowed by name, by address and by network', () => {
    const target = { host: 'registry.internal', port: 5000, address: '10.1.2.3' }
    assert.equal(createAddressGuard({ allow: ['registry.internal:5000'] }).permits(target), true)
    assert.equal(createAddressGuard({ allow: ['REGISTRY.internal:5000'] }).permits(target), true)
    assert.equal(createAddressGuard({ allow: ['10.1.2.3:5000'] }).permits(target), true)
    assert.equal(createAddressGuard({ allow: ['10.1.0.0/16'] }).permits(target), true)
    assert.equal(
      createAddressGuard({ allow: ['registry.internal:443', '10.2.0.0/16', '[::1]:5000'] }).permits(target),
      false,
    )
    assert.equal(
      createAddressGuard({ allow: ['[::1]:5000'] }).permits({ host: '::1', port: 5000, address: '::1' }),
      true,
    )
    assert.equal(permits('::ffff:10.1.2.3', ['10.1.0.0/16']), true)
  })

  test('takes nothing else for an allowance', () => {
    for (const entry of ['registry.internal', 'http://x:1', '10.0.0.0/99', '', 'a b:1']) {
      assert.throws(() => createAddressGuard({ allow: [entry] }), RangeError, entry)
    }
  })
})

describe('a guarded network', { timeout: 30_000 }, () => {
  test('dials no private address, however it is written, and sends it no byte', async () => {
    const hosts = [
      '127.0.0.1',
      '2130706433',
      '0x7f000001',
      '0177.0.0.1',
      '127.1',
      '１２７.0.0.1',
      '127。0。0。1',
      '0',
      '0.0.0.0',
      '[::1]',
      '[::]',
      '[::ffff:127.0.0.1]',
      '[::7f00:1]',
      '[64:ff9b::7f00:1]',
      '[2002:7f00:1::]',
      'localhost',

      'LOCALHOST',
      '169.254.169.254',
      '169.254.43518',
    ]
    const network = guarded()
    const messages = new Set<string>()
    for (const host of hosts) {
      const url = new URL(`http://${host}:${port}/`)
      await assert.rejects(
        network.request({ method: 'GET', url }),
        (error: Error & { code?: string }) => {
          messages.add(error.message.replace(/^\S+: /, ''))
          return error.code === 'BLOCKED_ADDRESS'
        },
        host,
      )
    }
    assert.equal(messages.size, 1, 'the same words for all')
    assert.equal(reached, 0)
    await network.close()
  })

  test('says the same of an open port and of a closed one', async () => {
    const network = guarded()
    const said = await Promise.all(
      [port, 1].map((each) =>
        network
          .request({ method: 'GET', url: new URL(`http://127.0.0.1:${each}/`) })
          .catch((error: Error) => error.message.replace(/:\d+/, '')),
      ),
    )
    assert.equal(said[0], said[1])
    await network.close()
  })

  test('dials its endpoints, and what they are told to stand for', async () => {
    await using registry = await startRegistry()
    await push(registry.url, 'acme/app', 'v1', hello())
    const network = guarded([], new Map([['ghcr.io', new URL(registry.url)]]))
    const found = await openRepository(network, parseReference('ghcr.io/acme/app')).find('v1' as Tag)
    assert.equal(found?.descriptor.digest, hello().top.digest)
    await network.close()
  })

  const place = async (
    setUp: (registry: Awaited<ReturnType<typeof startRegistry>>) => void,
    options = {},
  ) => {
    const registry = await startRegistry(options)
    setUp(registry)
    const network = guarded([registry.host])
    const repository = openRepository(network, parseReference(`${registry.host}/acme/app`), undefined, 'push')
    return {
      registry,
      repository,
      network,
      [Symbol.asyncDispose]: () => Promise.all([network.close(), registry.close()]).then(() => {}),
    }
  }
  const blob = { mediaType: 'application/octet-stream', digest: hello().blobs[0]?.digest as never, size: 3 }

  test('follows no redirect to a private address', async () => {
    await using at = await place((registry) =>
      registry.fault({ method: 'GET' }, faults.redirect(`http://127.0.0.1:${port}/secret`)),
    )
    await assert.rejects(at.repository.find('v1' as Tag), { code: 'BLOCKED_ADDRESS' })
    await assert.rejects(at.repository.blob(blob), { code: 'BLOCKED_ADDRESS' })
    assert.equal(reached, 0)
  })

  test('fetches no token from a private realm', async () => {
    await using at = await place(() => {}, {
      auth: { kind: 'bearer', username: 'a', password: 'b', realm: `http://localhost:${port}/token` },
    })
    await assert.rejects(at.repository.find('v1' as Tag), { code: 'BLOCKED_ADDRESS' })
    assert.equal(reached, 0)
  })

  test('uploads to no other host', async () => {
    await using at = await place((registry) =>
      registry.fault(
        { method: 'POST' },
        faults.location(() => 'http://169.254.169.254/upload'),
      ),
    )
    await assert.rejects(at.repository.begin(), { code: 'PROTOCOL' })
    assert.equal(reached, 0)
  })
})
