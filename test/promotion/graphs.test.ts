import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import fc from 'fast-check'
import { formatBytes } from '#promotion'
import { descriptor, type Image, layers, type Part, part, push } from '#support/images'
import { mediaTypes, type Registry, startRegistry } from '#support/registry'
import { Channel } from '../../src/promotion/channel.ts'
import { inParallel } from '../../src/promotion/parallel.ts'
import { setStage } from './stage.ts'

let a: Registry
let b: Registry
before(async () => {
  ;[a, b] = await Promise.all([startRegistry(), startRegistry()])
})
after(() => Promise.all([a.close(), b.close()]))

/** What an image may be made of: images drawn from a few, so that blobs and manifests are shared, and indexes of such. */
type Graph = { readonly leaf: number } | { readonly children: readonly Graph[] }
const graphs = fc.letrec<{ graph: Graph }>((tie) => ({
  graph: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.record({ leaf: fc.nat(4) }),
    fc.record({ children: fc.array(tie('graph'), { maxLength: 4 }) }),
  ),
})).graph

function build(graph: Graph): Image {
  if ('leaf' in graph) return layers(1 + (graph.leaf % 2), 100, `leaf ${graph.leaf % 3}`)
  const children = graph.children.map(build)
  const manifests = children.map(({ top }) => descriptor(top))
  const top = part(
    mediaTypes.ociIndex,
    JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests }),
  )
  return {
    top,
    manifests: [...children.flatMap((child) => child.manifests), top],
    blobs: children.flatMap(({ blobs }) => blobs),
  }
}

const distinct = (parts: readonly Part[]): Part[] => [
  ...new Map(parts.map((one) => [one.digest, one])).values(),
]

describe('any graph of indexes, images and blobs', { timeout: 60_000 }, () => {
  test('arrives whole and unchanged, each part once, parents after children', async () => {
    let run = 0
    await fc.assert(
      fc.asyncProperty(graphs, async (graph) => {
        run += 1
        const built = build(graph)
        const image = { ...built, manifests: distinct(built.manifests), blobs: distinct(built.blobs) }
        const [from, to] = [`g/from${run}`, `g/to${run}`]
        await push(a.url, from, 'v1', image)
        await using stage = setStage(`${a.host}/${from}:v1`, `${b.host}/${to}:v1`)
        b.clear()
        await stage.promote()
        for (const one of image.manifests) assert.deepEqual(b.getManifest(to, one.digest)?.bytes, one.bytes)
        for (const blob of image.blobs) assert.ok(b.hasBlob(to, blob.digest))
        assert.equal(b.getManifest(to, 'v1')?.digest, image.top.digest)
        assert.equal(b.count({ method: 'PUT', path: /\/manifests\// }), image.manifests.length)
        assert.equal(b.count({ method: 'POST' }), image.blobs.length)
        assert.equal(b.count({ status: 400 }), 0, 'no parent came before its child')
      }),
      { numRuns: 40 },
    )
  })
})

describe('work in parallel', () => {
  test('never exceeds its limit, and answers in the order of the items', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(3)), fc.integer({ min: 1, max: 5 }), async (items, limit) => {
        let running = 0
        let most = 0
        const results = await inParallel(items, limit, async (item) => {
          running += 1
          most = Math.max(most, running)
          for (let turn = 0; turn < item; turn++) await null
          running -= 1
          return item * 2
        })
        assert.deepEqual(
          results,
          items.map((item) => item * 2),
        )
        assert.ok(most <= limit)
      }),
    )
  })

  test('begins nothing after a failure, and fails when all that ran has ended', async () => {
    const begun: number[] = []
    let ended = 0
    const work = inParallel([1, 2, 3, 4, 5, 6], 2, async (item) => {
      begun.push(item)
      await null
      ended += 1
      if (item === 2) throw new Error('two')
    })
    await assert.rejects(work, /two/)
    assert.equal(ended, begun.length)
    assert.ok(begun.length <= 4)
  })

  test('a channel gives everything that was pushed, in order, and ends', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer()), fc.nat(10), async (values, early) => {
        const channel = new Channel<number>()
        for (const value of values.slice(0, early)) channel.push(value)
        const seen: number[] = []
        const reading = (async () => {
          for await (const value of channel) seen.push(value)
        })()
        for (const value of values.slice(early)) {
          channel.push(value)
          await null
        }
        channel.close()
        await reading
        assert.deepEqual(seen, values)
      }),
    )
  })
})

describe('a number of bytes', () => {
  test('is said in powers of ten, with one place', () => {
    const said = [0, 999, 1000, 999_949, 999_950, 3_200_000, 1_500_000_000].map(formatBytes)
    assert.deepEqual(said, ['0 B', '999 B', '1.0 kB', '999.9 kB', '1.0 MB', '3.2 MB', '1.5 GB'])
  })
})
