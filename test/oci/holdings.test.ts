import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { digestOf, Holdings, Network, parseReference, type Tag } from '#oci'

const digest = (name: string) => digestOf(Buffer.from(name))
const [one, two] = [digest('1'), digest('2')]
const app = parseReference('registry.test/live/app')
const other = parseReference('registry.test/live/other')

describe('what a repository holds', { timeout: 5_000 }, () => {
  test('is known to all who use its network, and to nobody else', () => {
    const network = new Network()
    new Holdings(network, app).add(one)
    assert.equal(new Holdings(network, app).has(one), true)
    assert.equal(new Holdings(network, other).has(one), false)
    assert.equal(new Holdings(new Network(), app).has(one), false)
    const elsewhere = parseReference('elsewhere.test/live/app')
    assert.equal(new Holdings(network, elsewhere).has(one), false)
  })

  test('is a neighbour to mount from, in the same registry alone', () => {
    const network = new Network()
    new Holdings(network, app).add(one)
    assert.equal(new Holdings(network, other).elsewhere(one), 'live/app')
    assert.equal(new Holdings(network, app).elsewhere(one), undefined)
    assert.equal(new Holdings(network, parseReference('elsewhere.test/a/b')).elsewhere(one), undefined)
  })

  test('is trusted for a while, and until somebody says that it is gone', () => {
    let at = 0
    const holdings = new Holdings(new Network(), app, () => at)
    holdings.add(one)
    holdings.add(two)
    holdings.remove(two)
    assert.deepEqual([holdings.has(one), holdings.has(two)], [true, false])
    at += 10 * 60_000
    assert.equal(holdings.has(one), false)
  })

  test('is kept in bounded memory, the newest of it', () => {
    const holdings = new Holdings(new Network(), app)
    const digests = Array.from({ length: 20_100 }, (_, at) => digest(`${at}`))
    for (const each of digests) holdings.add(each)
    assert.equal(digests.filter((each) => holdings.has(each)).length, 20_000)
    assert.ok(holdings.has(digests.at(-1) ?? one))
  })
})

describe('what several bring to one repository', { timeout: 20_000 }, () => {
  test('is brought by one at a time, once it succeeds, and by the next when it fails', async () => {
    const runs = fc.array(fc.record({ which: fc.nat(2), fails: fc.boolean(), turns: fc.nat(4) }), {
      maxLength: 12,
    })
    await fc.assert(
      fc.asyncProperty(runs, async (each) => {
        const network = new Network()
        const under = new Set<number>()
        const done = new Map<number, number>()
        const outcomes = each.map(({ which, fails, turns }) =>
          new Holdings(network, app).once(
            digest(`${which}`),
            async () => {
              assert.ok(!under.has(which), 'two bring the same')
              under.add(which)
              for (let turn = 0; turn < turns; turn++) await null
              under.delete(which)
              if (fails) throw new Error('failed')
              done.set(which, (done.get(which) ?? 0) + 1)
              return 'brought' as const
            },
            {},
          ),
        )
        const settled = await Promise.allSettled(outcomes)
        for (const [which, times] of done) assert.equal(times, 1, `${which} was brought ${times} times`)
        for (const [at, outcome] of settled.entries()) {
          const { which = 0, fails } = each[at] ?? {}
          if (outcome.status === 'rejected') assert.ok(fails)
          else assert.ok(done.has(which))
        }
      }),
    )
  })

  test('is waited for no longer than one wants to', async () => {
    const network = new Network()
    const first = Promise.withResolvers<string>()
    const holdings = new Holdings(network, app)
    const bringing = holdings.once(one, () => first.promise, {})
    const stop = new AbortController()
    const waiting = holdings.once(one, async () => 'mine', { signal: stop.signal })
    stop.abort()
    await assert.rejects(waiting, { code: 'CANCELLED' })
    first.resolve('theirs')
    assert.equal(await bringing, 'theirs')
    assert.equal(await holdings.once(one, async () => 'mine', {}), 'present')
  })
})

describe('what is done to one tag', { timeout: 20_000 }, () => {
  test('takes turns, and whoever waits no longer leaves the others in theirs', async () => {
    const holdings = new Holdings(new Network(), app)
    const tag = 'list' as Tag
    const first = Promise.withResolvers<string>()
    const done: string[] = []
    const work = (name: string) => async () => void done.push(name)
    const stop = new AbortController()
    const one = holdings.alone(tag, () => first.promise)
    const two = holdings.alone(tag, work('two'), { signal: stop.signal })
    const three = holdings.alone(tag, work('three'))
    stop.abort()
    await assert.rejects(two, { code: 'CANCELLED' })
    assert.deepEqual(done, [])
    first.resolve('one')
    assert.equal(await one, 'one')
    await three
    assert.deepEqual(done, ['three'])
  })
})
