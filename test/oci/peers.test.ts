import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { digestOf, Holdings, Network, openRepository, type Peers, parseReference, parseTag } from '#oci'
import { faults, startRegistry } from '#support/registry'

/** Processes that need no database to hear each other. */
class Neighbours implements Peers {
  readonly #heard: ((origin: string, ms: number) => void)[] = []
  readonly #at = new Map<string, Promise<void>>()

  onPause(heard: (origin: string, ms: number) => void): void {
    this.#heard.push(heard)
  }

  tellPause(origin: string, ms: number): void {
    for (const heard of this.#heard) heard(origin, ms)
  }

  async alone(name: string): Promise<() => void> {
    while (this.#at.has(name)) await this.#at.get(name)
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#at.set(name, promise)
    return () => {
      this.#at.delete(name)
      resolve()
    }
  }
}

describe('two processes', { timeout: 20_000 }, () => {
  test('leave a registry alone that has asked one of them to', async () => {
    await using registry = await startRegistry()
    const peers = new Neighbours()
    const [one, two] = [new Network({ peers }), new Network({ peers })]
    try {
      registry.fault({ path: /one/ }, faults.respond(429, { headers: { 'retry-after': '1' } }), { times: 1 })
      const resolve = (network: Network, name: string) =>
        openRepository(network, parseReference(`${registry.host}/${name}`)).resolve(parseTag('1'))
      const refused = resolve(one, 'one')
      while (registry.count({ status: 429 }) === 0) await new Promise(setImmediate)
      const [{ at } = assert.fail()] = registry.find({ status: 429 })
      // The one that was refused has read the answer by then.
      await new Promise((done) => setTimeout(done, 100))
      await resolve(two, 'two')
      await refused
      const [asked = assert.fail()] = registry.find({ path: /two/ })
      assert.ok(asked.at - at >= 995, `${asked.at - at} ms`)
    } finally {
      await Promise.all([one.close(), two.close()])
    }
  })

  test('do not bring one blob to one repository at the same time: the second looks when the first is done', async () => {
    const peers = new Neighbours()
    const place = parseReference('registry.test/live/app')
    const digest = digestOf(Buffer.from('blob'))
    const there = new Set<string>()
    let under = 0
    const bring = async (): Promise<string> => {
      under += 1
      assert.equal(under, 1)
      const found = there.has(digest)
      await new Promise(setImmediate)
      there.add(digest)
      under -= 1
      return found ? 'present' : 'copied'
    }
    const holdings = [0, 1, 2].map(() => new Holdings(new Network({ peers }), place))
    const came = await Promise.all(holdings.map((each) => each.once(digest, bring, {})))
    assert.deepEqual(came.sort(), ['copied', 'present', 'present'])
  })
})
