import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Descriptor, digestOf, type Manifest, parseTag } from '#oci'
import type { Move, Plan, Target } from '#promotion'
import { SharedBlobs } from '../../src/cli/shared-blobs.ts'

const blob = (name: string): Descriptor => {
  const bytes = Buffer.from(name)
  return { mediaType: 'application/octet-stream', digest: digestOf(bytes), size: bytes.length }
}
const [one, two, three] = ['1', '22', '333'].map(blob) as [Descriptor, Descriptor, Descriptor]

function planOf(...blobs: readonly Descriptor[]): Plan {
  const bytes = Buffer.from('{}')
  const descriptor = { mediaType: 'application/json', digest: digestOf(bytes), size: bytes.length }
  const manifest: Manifest = {
    descriptor,
    bytes,
    manifests: [],
    blobs,
    subject: undefined,
    artifactType: undefined,
    annotations: {},
  }
  const tag = parseTag('x')
  const copies = blobs.map((one): Move => ({ kind: 'copy', blob: one }))
  const copy = blobs.reduce((sum, { size }) => sum + size, 0)
  return {
    manifest,
    digest: descriptor.digest,
    tag,
    previous: undefined,
    moves: [...copies, { kind: 'tag', manifest, tag }],
    bytes: { copy, mount: 0, present: 0 },
  }
}

const left = ({ moves }: Plan): readonly Descriptor[] =>
  moves.flatMap((move) => ('blob' in move ? [move.blob] : []))
const moved = (blob: Descriptor) => ({ kind: 'moved', move: { kind: 'copy', blob }, as: 'copied' }) as const

describe('blobs of promotions side by side', { timeout: 5000 }, () => {
  test('are moved by the first that needs them, and the second waits', async () => {
    const shared = new SharedBlobs()
    const first = await shared.claim(planOf(one, two))
    assert.deepEqual(left(first.plan), [one, two])
    const second = shared.claim(planOf(two, three))
    shared.saw(moved(one))
    shared.saw(moved(two))
    const { plan } = await second
    assert.deepEqual(left(plan), [three])
    assert.deepEqual(plan.bytes, { copy: 3, mount: 0, present: 2 })
    assert.equal(plan.moves.at(-1)?.kind, 'tag')
  })

  test('are moved by the second when the first has failed', async () => {
    const shared = new SharedBlobs()
    const first = await shared.claim(planOf(one, two))
    const second = shared.claim(planOf(one, two))
    shared.saw(moved(one))
    shared.release(first.claimed)
    assert.deepEqual(left((await second).plan), [two])
  })

  test('never keep two promotions waiting for each other', async () => {
    const shared = new SharedBlobs()
    const first = shared.claim(planOf(one, two))
    const second = shared.claim(planOf(two, one, three))
    const third = shared.claim(planOf(three, one))
    const { claimed } = await first
    shared.release(claimed)
    const rest = await second
    shared.release(rest.claimed)
    assert.deepEqual(left((await third).plan), [three, one])
  })

  test('are looked for once, until they are found or moved', async () => {
    let asked = 0
    const bare = {
      place: 'here',
      has: async () => {
        asked += 1
        return false
      },
    } as unknown as Target
    const shared = new SharedBlobs()
    const target = shared.remembering(bare)
    assert.equal(await target.has(one), false)
    assert.equal(await target.has(one), false)
    assert.equal(asked, 1)
    shared.saw(moved(one))
    assert.equal(await target.has(one), true)
    assert.equal(target.place as unknown, 'here')
  })
})
