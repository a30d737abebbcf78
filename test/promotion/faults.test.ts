import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { gate, type PerformOptions, type Progress, perform } from '#promotion'
import { hello, index, layers, push } from '#support/images'
import { faults, type Registry, type RequestMatch, startRegistry } from '#support/registry'
import { type Stage, setStage } from './stage.ts'

let a: Registry
let b: Registry
let stage: Stage
const image = layers(3, 300_000)
const BIG = image.blobs.find(({ bytes }) => bytes.length === 300_000)?.digest ?? ''
beforeEach(async () => {
  ;[a, b] = await Promise.all([startRegistry(), startRegistry()])
  await push(a.url, 'team/app', 'v1', image)
  stage = setStage(`${a.host}/team/app:v1`, `${b.host}/live/app:prod`)
})
afterEach(async () => {
  await stage[Symbol.asyncDispose]()
  assert.deepEqual([...a.errors, ...b.errors], [])
  await Promise.all([a.close(), b.close()])
})

const BLOB_GET: RequestMatch = { method: 'GET', path: `/v2/team/app/blobs/${BIG}` }
const BLOB_PUT: RequestMatch = { method: 'PUT', path: /\/blobs\/uploads\//, url: new RegExp(BIG.slice(7)) }
const TAG_PUT: RequestMatch = { method: 'PUT', path: '/v2/live/app/manifests/prod' }
const TAG_GET: RequestMatch = { method: 'GET', path: '/v2/live/app/manifests/prod' }
const tagged = () => b.getManifest('live/app', 'prod')?.digest
/** Uploads that were neither finished nor given up: a session that broke off half-way cannot be cancelled any more, only tried to. */
const forgotten = (registry: Registry) =>
  registry.uploads().filter(({ id }) => registry.count({ method: 'DELETE', path: new RegExp(id) }) === 0)
const retries = (progress: readonly Progress[]) => progress.filter(({ kind }) => kind === 'retry')

async function fails(expected: object, options?: PerformOptions): Promise<void> {
  await assert.rejects(stage.promote(options), { name: 'PromotionError', ...expected })
  assert.equal(tagged(), undefined)
  assert.deepEqual(forgotten(b), [], 'no upload is left open')
}

describe('a transfer that breaks', { timeout: 30_000 }, () => {
  const passing: [string, () => unknown][] = [
    ['the source breaks off in mid blob', () => a.fault(BLOB_GET, faults.cut(100_000), { times: 2 })],
    ['the source is busy', () => a.fault(BLOB_GET, faults.respond(503), { times: 2 })],
    ['the target breaks off in mid blob', () => b.fault(BLOB_PUT, faults.cutUpload(100_000), { times: 2 })],
    ['the target is busy', () => b.fault(BLOB_PUT, faults.respond(503), { times: 2 })],
    [
      'the target answers before it has all',
      () => b.fault(BLOB_PUT, faults.respond(500, { read: 'none' }), { times: 1 }),
    ],
    ['uploads do not begin', () => b.fault({ method: 'POST' }, faults.respond(502), { times: 2 })],
    ['manifests are not taken', () => b.fault(TAG_PUT, faults.respond(503), { times: 2 })],
    ['the source has no length', () => a.fault(BLOB_GET, faults.unsized('chunked'))],
    ['the source ends by closing', () => a.fault(BLOB_GET, faults.unsized('close'))],
    [
      'the source redirects',
      () => a.fault(BLOB_GET, faults.redirect(`${a.url}/v2/team/app/blobs/${BIG}?cdn=1`), { times: 1 }),
    ],
  ]
  for (const [what, set] of passing) {
    test(`is done again where ${what}`, async () => {
      set()
      const { receipt } = await stage.promote()
      assert.equal(tagged(), image.top.digest)
      assert.equal(
        receipt.bytes.sent,
        image.blobs.reduce((sum, { bytes }) => sum + bytes.length, 0),
      )
      assert.deepEqual(forgotten(b), [])
    })
  }

  test('tells of each try, and stops when the tries are used up, without multiplying them', async () => {
    b.fault(BLOB_PUT, faults.cutUpload(100_000))
    const progress: Progress[] = []
    const work = perform(await stage.plan(), stage.source, stage.target, { retry: stage.network.options })
    await assert.rejects(
      async () => {
        for await (const step of work) progress.push(step)
      },
      { code: 'REGISTRY_UNAVAILABLE', side: 'target', retryable: true },
    )
    assert.deepEqual(
      retries(progress).map((step) => step.kind === 'retry' && step.attempt),
      [1, 2],
    )
    assert.equal(b.count(BLOB_PUT), 3)
    assert.equal(tagged(), undefined)
    assert.deepEqual(forgotten(b), [])
  })

  test('is told as far as it came, also where it stands still right after another blob was told', async () => {
    const begins = a.fault(BLOB_GET, faults.gate('answer'))
    const stall = a.fault(BLOB_GET, faults.stall(200_000))
    const work = perform(await stage.plan(), stage.source, stage.target, { retry: stage.network.options })
    for await (const step of work) {
      if (step.kind === 'moved' && 'blob' in step.move && step.move.blob.digest !== BIG) begins.release()
      if (step.kind === 'blob' && step.digest === BIG) stall.release()
    }
    assert.equal(a.count(BLOB_GET), 1, 'it stood still until it was told of, and not until it was given up')
    assert.equal(tagged(), image.top.digest)
  })

  test('of the wrong bytes is not finished, not tried again, and not tagged', async () => {
    a.fault(BLOB_GET, faults.flip(200_000))
    await fails({ code: 'DIGEST_MISMATCH', side: 'source' })
    assert.equal(a.count(BLOB_GET), 1)
    assert.equal(b.hasBlob('live/app', BIG), false)
  })

  test('of a blob that is shorter than it says is refused at once', async () => {
    a.tamperBlob('team/app', BIG, Buffer.alloc(10))
    await fails({ code: 'SIZE_MISMATCH', side: 'source' })
  })

  test('that the target refuses is not tried again', async () => {
    b.fault({ method: 'POST' }, faults.respondError(403, 'DENIED', 'requested access is denied'))
    await fails({ code: 'DENIED', side: 'target', retryable: false })
  })

  test('that stalls ends at the time limit', async () => {
    await using quick = setStage(`${a.host}/team/app:v1`, `${b.host}/live/app:prod`, {
      idleTimeoutMs: 100,
      retries: 0,
    })
    a.fault(BLOB_GET, faults.stall(100_000))
    await assert.rejects(quick.promote(), { code: 'STALLED', side: 'source' })
    assert.equal(tagged(), undefined)
  })
})

describe('a mount that is refused', { timeout: 30_000 }, () => {
  const mounts: RequestMatch = { method: 'POST', url: /mount=/ }
  const ways: [string, Parameters<Registry['fault']>[1]][] = [
    ...[401, 403, 404, 405, 500].map((status): [string, Parameters<Registry['fault']>[1]] => [
      `${status}`,
      faults.respond(status),
    ]),
    ['a reset', faults.drop('request', 'reset')],
  ]
  for (const [how, behaviour] of ways) {
    test(`with ${how} is made up for by an upload`, async () => {
      await using inside = setStage(`${a.host}/team/app:v1`, `${a.host}/live/app:prod`)
      const fault = a.fault(mounts, behaviour)
      a.clear()
      await inside.promote()
      assert.equal(a.getManifest('live/app', 'prod')?.digest, image.top.digest)
      // A reset may be met by sending the request once more on a fresh connection.
      assert.ok(fault.hits <= image.blobs.length * (how === 'a reset' ? 2 : 1))
      assert.deepEqual(a.uploads(), [])
    })
  }

  test('with a session that is begun instead uses that session', async () => {
    await using registry = await startRegistry({ mount: 'session' })
    await push(registry.url, 'team/app', 'v1', image)
    registry.clear()
    await using inside = setStage(`${registry.host}/team/app:v1`, `${registry.host}/live/app:prod`)
    const { receipt } = await inside.promote()
    assert.equal(receipt.bytes.mounted, 0)
    assert.equal(registry.count({ method: 'POST' }), image.blobs.length)
    assert.deepEqual(registry.uploads(), [])
  })
})

describe('the tag', { timeout: 30_000 }, () => {
  test('stays where it is when the last question is answered with no', async () => {
    const beforeTag = () => Promise.reject(new Error('the claim is lost'))
    await assert.rejects(stage.promote({ beforeTag }), /the claim is lost/)
    assert.equal(tagged(), undefined)
    assert.equal(b.count(TAG_PUT), 0)
  })

  test('that a registry keeps where it is: TAG_IMMUTABLE, after one PUT', async () => {
    const ways = [
      faults.respondError(
        400,
        'TAG_INVALID',
        'The image tag prod already exists and cannot be overwritten: the repository is immutable',
      ),
      faults.respondError(412, 'PRECONDITION', 'configured as immutable'),
      faults.respondError(403, 'DENIED', 'tag is immutable'),
    ]
    await push(b.url, 'live/app', 'prod', hello('old'))
    const old = tagged()
    for (const way of ways) {
      b.clear()
      const fault = b.fault(TAG_PUT, way)
      await assert.rejects(stage.promote(), { code: 'TAG_IMMUTABLE', side: 'target', retryable: false })
      assert.equal(fault.hits, 1)
      fault.remove()
      assert.equal(tagged(), old)
    }
  })

  test('is read back: one that names something else is no success', async () => {
    const other = hello('other')
    await push(b.url, 'live/app', 'other', other)
    b.fault(
      TAG_GET,
      faults.replaceBody(() => other.top.bytes),
      { after: 1 },
    )
    await assert.rejects(stage.promote(), { code: 'TAG_MOVED', side: 'target' })
  })

  test('is read back again where the registry still answers with what was there before', async () => {
    const old = hello('old')
    await push(b.url, 'live/app', 'prod', old)
    const { mediaType, bytes, digest } = old.top
    const stale = faults.respond(200, {
      headers: { 'content-type': mediaType, 'docker-content-digest': digest },
      body: bytes,
    })
    const fault = b.fault(TAG_GET, stale, { after: 1, times: 2 })
    await stage.promote()
    assert.equal(fault.hits, 2)
    assert.equal(tagged(), image.top.digest)
  })

  test('is read back again where it is not there yet', async () => {
    b.fault(TAG_GET, faults.respondError(404, 'MANIFEST_UNKNOWN', 'not yet'), { after: 1, times: 2 })
    await stage.promote()
    assert.equal(tagged(), image.top.digest)
  })

  test('names the old image or the new one, and nothing in between, for whoever looks meanwhile', async () => {
    await push(b.url, 'live/app', 'prod', hello('old'))
    const old = tagged()
    const seen = new Set<string | undefined>()
    const looking = setInterval(() => seen.add(tagged()), 1)
    const { receipt } = await stage.promote()
    clearInterval(looking)
    assert.equal(receipt.previous, old)
    seen.add(tagged())
    assert.deepEqual([...seen], [old, image.top.digest])
  })

  test('follows the plan, wherever the source has moved since', async () => {
    const planned = await stage.plan()
    await push(a.url, 'team/app', 'v1', hello('moved'))
    for await (const _ of perform(planned, stage.source, stage.target));
    assert.equal(tagged(), image.top.digest)
  })
})

describe('a gate', () => {
  test('holds a plan whose source is another than was meant, or whose tag may not be moved', async () => {
    await push(b.url, 'live/app', 'prod', hello('old'))
    const planned = await stage.plan()
    gate(planned, { digest: planned.digest, mayMoveTag: true })
    assert.throws(() => gate(planned, { mayMoveTag: false }), { code: 'TAG_MOVED', side: 'target' })
    const digest = hello('approved').top.digest as typeof planned.digest
    assert.throws(() => gate(planned, { digest }), { code: 'TAG_MOVED', side: 'source' })
  })
})

describe('what gets lost meanwhile', { timeout: 30_000 }, () => {
  test('is sent once more: a blob that the registry collected before its manifest came', async () => {
    b.fault(TAG_PUT, {
      async before() {
        if (b.count(TAG_PUT) === 1) b.deleteBlob('live/app', BIG)
        return undefined
      },
    })
    await stage.promote()
    assert.equal(tagged(), image.top.digest)
    assert.ok(b.hasBlob('live/app', BIG))
  })

  test('is sent though the registry claims to have it: a plan of one move', async () => {
    for (const { bytes } of image.blobs) b.putBlob('live/app', bytes)
    b.fault(TAG_PUT, {
      async before() {
        if (b.count(TAG_PUT) === 1) b.deleteBlob('live/app', BIG)
        return undefined
      },
    })
    await stage.promote()
    assert.equal(tagged(), image.top.digest)
  })
})

describe('who stops it', { timeout: 30_000 }, () => {
  test('by a signal, in mid blob, ends connections and upload, and nothing is tagged', async () => {
    const stop = new AbortController()
    const stalled = b.fault(BLOB_PUT, faults.stallUpload(100_000))
    const promoted = stage.promote({ signal: stop.signal })
    promoted.catch(() => {})
    await stalled.reached
    const from = performance.now()
    stop.abort()
    await assert.rejects(promoted, { code: 'CANCELLED' })
    assert.ok(performance.now() - from < 5_000)
    stalled.release()
    assert.equal(tagged(), undefined)
    await stage.network.close()
    assert.equal(a.requests.filter(({ endedAt }) => endedAt === undefined).length, 0)
  })

  test('by not listening any more stops it too', async () => {
    const work = perform(await stage.plan(), stage.source, stage.target)
    await work.next()
    await work.return(undefined as never)
    const puts = b.count({ method: 'PUT' })
    assert.equal(tagged(), undefined)
    await stage.network.close()
    assert.equal(b.count({ method: 'PUT' }), puts)
  })

  test('before it began: nothing is sent to the target', async () => {
    const planned = await stage.plan()
    b.clear()
    const work = perform(planned, stage.source, stage.target, { signal: AbortSignal.abort() })
    await assert.rejects(work.next(), { code: 'CANCELLED' })
    assert.equal(b.count({ method: ['POST', 'PUT'] }), 0)
  })
})

describe('an index', { timeout: 30_000 }, () => {
  test('of which a child is missing at the source is not promoted at all', async () => {
    const many = index()
    await push(a.url, 'team/many', 'v1', many)
    a.deleteManifest('team/many', many.manifests[0]?.digest ?? '')
    await using other = setStage(`${a.host}/team/many:v1`, `${b.host}/live/many:prod`)
    await assert.rejects(other.promote(), { code: 'MANIFEST_UNKNOWN', side: 'source' })
    assert.equal(b.count({ method: ['POST', 'PUT'] }), 0)
  })
})
