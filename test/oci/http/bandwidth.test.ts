import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { gated, gateOf, Pace } from '../../../src/oci/http/bandwidth.ts'
import type { Chunk } from '../../../src/oci/http/slabs.ts'

/** Chunks that know whether they were released. */
function lend(...sizes: readonly number[]) {
  let lent = 0
  const chunks = (async function* (): AsyncGenerator<Chunk> {
    for (const size of sizes) {
      lent += 1
      yield {
        bytes: Buffer.alloc(size, 1),
        release: () => {
          lent -= 1
        },
      }
    }
  })()
  return { chunks, lent: () => lent }
}

const paced = (chunks: AsyncIterable<Chunk>, paces: readonly Pace[], signal?: AbortSignal) =>
  gated(chunks, gateOf(paces, signal))

/** How long it takes for all of them. */
async function timed(work: Promise<unknown>): Promise<number> {
  const from = performance.now()
  await work
  return performance.now() - from
}

async function drain(chunks: AsyncIterable<Chunk>): Promise<number> {
  let size = 0
  for await (const chunk of chunks) {
    size += chunk.bytes.byteLength
    chunk.release()
  }
  return size
}

/** As it should be, and what a loaded machine takes to wake up. */
function about(ms: number, expected: number): void {
  assert.ok(ms > expected * 0.95 && ms < expected * 1.1 + 400, `${ms} ms instead of ${expected}`)
}

describe('a pace', { timeout: 20_000, concurrency: true }, () => {
  test('lets so many bytes a second pass', async () => {
    const { chunks, lent } = lend(300_000, 700_000, 1_000_000)
    const pace = new Pace(2_000_000)
    about(await timed(drain(paced(chunks, [pace])).then((size) => assert.equal(size, 2_000_000))), 1000)
    assert.equal(lent(), 0)
  })

  test('lets all together pass no more than that', async () => {
    const pace = new Pace(4_000_000)
    const all = Array.from({ length: 4 }, () => drain(paced(lend(1_000_000).chunks, [pace])))
    about(await timed(Promise.all(all)), 1000)
  })

  test('that is the slower of two decides', async () => {
    const both = [new Pace(100_000_000), new Pace(1_000_000)]
    about(await timed(drain(paced(lend(1_000_000).chunks, both))), 1000)
  })

  test('saves up nothing while nothing passes', async () => {
    const pace = new Pace(1_000_000)
    await pace.pass(1)
    await new Promise((resolve) => setTimeout(resolve, 500))
    assert.ok((await timed(drain(paced(lend(1_000_000).chunks, [pace])))) > 900)
  })

  test('gives everything back when it is called off, or nobody listens any more', async () => {
    const stop = new AbortController()
    const called = lend(1_000_000)
    const work = drain(paced(called.chunks, [new Pace(1000)], stop.signal))
    stop.abort()
    await assert.rejects(work, { code: 'CANCELLED' })
    assert.equal(called.lent(), 0)
    const left = lend(1_000_000)
    for await (const piece of paced(left.chunks, [new Pace(10_000_000)])) {
      piece.release()
      break
    }
    assert.equal(left.lent(), 0)
  })
})

describe('the rate of a pace', { timeout: 20_000 }, () => {
  test('is right within a tenth, whatever the pieces, and however late a busy machine wakes up', async () => {
    const rates = fc.integer({ min: 100_000, max: 200_000_000 })
    const pieces = fc.array(fc.double({ min: 0.01, max: 1, noNaN: true }), { minLength: 1 })
    const lates = fc.array(fc.integer({ min: 0, max: 200 }), { minLength: 1 })
    await fc.assert(
      fc.asyncProperty(rates, pieces, lates, async (bytesPerSecond, sizes, late) => {
        const clock = { ms: 0, wakes: 0 }
        const pace = new Pace(bytesPerSecond, {
          now: () => clock.ms,
          pause: async (ms) => {
            clock.ms += ms + (late[clock.wakes++ % late.length] ?? 0)
          },
        })
        // Three seconds' worth: the last wake-up alone may be late by a fifteenth of that.
        let passed = 0
        for (let at = 0; passed < 3 * bytesPerSecond; at++) {
          const size = Math.ceil((sizes[at % sizes.length] ?? 1) * pace.piece)
          await pace.pass(size)
          passed += size
        }
        const rate = passed / (clock.ms / 1000)
        assert.ok(rate > bytesPerSecond * 0.9 && rate < bytesPerSecond * 1.1, `${rate}`)
      }),
    )
  })
})
