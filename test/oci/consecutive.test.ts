import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import type { BlobStream, Chunk } from '#oci'
import { Consecutive } from '../../src/oci/consecutive.ts'

const SIZE = 100

/** A blob of the bytes 0, 1, 2, … in chunks of some size, which counts what is lent, and what was read. */
function lend(chunkSize: number) {
  let lent = 0
  const readings: number[] = []
  const blob: BlobStream = {
    size: SIZE,
    async *read(from = 0): AsyncGenerator<Chunk> {
      readings.push(from)
      for (let at = from; at < SIZE; at += chunkSize) {
        const bytes = Uint8Array.from({ length: Math.min(chunkSize, SIZE - at) }, (_, n) => at + n)
        lent += 1
        await new Promise((resolve) => setImmediate(resolve))
        yield {
          bytes,
          release: () => {
            lent -= 1
          },
        }
      }
    },
    cancel: () => {},
  }
  return { source: new Consecutive(blob), lent: () => lent, readings }
}

async function take(source: Consecutive, start: number, end: number): Promise<number[]> {
  const bytes: number[] = []
  for await (const chunk of source.take(start, end)) {
    bytes.push(...chunk.bytes)
    chunk.release()
  }
  return bytes
}

const expected = (start: number, end: number): number[] =>
  Array.from({ length: end - start }, (_, n) => start + n)

describe('pieces of a blob', () => {
  test('come in one reading where one follows the other', async () => {
    const { source, lent, readings } = lend(7)
    for (const [start, end] of [
      [0, 30],
      [30, 31],
      [31, 90],
      [90, 100],
    ] as const)
      assert.deepEqual(await take(source, start, end), expected(start, end))
    assert.deepEqual([lent(), readings], [0, [0]])
  })

  test('are what they should be in any order, and nothing stays lent', async () => {
    const piece = fc
      .tuple(fc.nat(SIZE), fc.nat(SIZE))
      .map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const)
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: SIZE }),
        fc.array(piece, { maxLength: 6 }),
        async (chunkSize, pieces) => {
          const { source, lent } = lend(chunkSize)
          for (const [start, end] of pieces)
            assert.deepEqual(await take(source, start, end), expected(start, end))
          await take(source, SIZE, SIZE)
          assert.ok(lent() <= 1)
        },
      ),
      { numRuns: 50 },
    )
  })

  test('that were not all taken are read anew, whoever still waits for them', async () => {
    const { source, readings } = lend(10)
    const waiting = source.take(0, 50)
    const first = waiting.next()
    assert.deepEqual(await take(source, 0, 50), expected(0, 50))
    assert.equal((await first).done, true)
    assert.deepEqual(await take(source, 50, 100), expected(50, 100))
    assert.deepEqual(readings, [0, 0])
  })
})
