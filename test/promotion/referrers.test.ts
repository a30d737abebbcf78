import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import { type Digest, openRepository } from '#oci'
import { type Plan, perform, plan } from '#promotion'
import { getManifestRaw, listTags } from '#support/client'
import { startDockerRegistry } from '#support/docker-registry'
import {
  artifact,
  descriptor,
  digestTag,
  hello,
  type Image,
  index,
  type Part,
  part,
  push,
  pushReferrer,
  signature,
} from '#support/images'
import { type Behaviour, faults, mediaTypes, type Registry, startRegistry } from '#support/registry'
import { requireTool } from '#support/tools'
import { setStage } from './stage.ts'

interface Place extends AsyncDisposable {
  readonly url: string
  readonly host: string
  /** Whether it has a referrers API. */
  readonly api: boolean
}

const PLACES: Readonly<
  Record<'api' | 'tags' | 'docker', readonly [string, { skip: string | false }, () => Promise<Place>]>
> = {
  api: [
    'a registry with the referrers API',
    { skip: false },
    async () => Object.assign(await startRegistry({ referrers: { pageSize: 2 } }), { api: true }),
  ],
  tags: [
    'a registry without it',
    { skip: false },
    async () => Object.assign(await startRegistry({ tagPages: { pageSize: 5 } }), { api: false }),
  ],
  docker: [
    'docker-registry',
    requireTool('docker-registry'),
    async () => Object.assign(await startDockerRegistry(), { api: false }),
  ],
}

const about = (subject: Part, seed: string, more: Parameters<typeof artifact>[0] = {}): Image =>
  artifact({ seed, subject: descriptor(subject), layers: 1, ...more })

/** An index that is about another manifest, of an artifact that is about it too. */
function indexAbout(subject: Part): Image {
  const inner = about(subject, 'inner')
  const value = {
    schemaVersion: 2,
    mediaType: mediaTypes.ociIndex,
    artifactType: 'application/vnd.example.bundle',
    manifests: [descriptor(inner.top)],
    subject: descriptor(subject),
  }
  const top = part(mediaTypes.ociIndex, JSON.stringify(value))
  return { top, manifests: [...inner.manifests, top], blobs: inner.blobs }
}

/** Six platforms with a shared layer and attestations; referrers of the index, of a child, and of a referrer; cosign's tags. */
async function pushRichest(url: string, repository: string) {
  const platforms = ['amd64', 'arm64', 'arm/v6', 'arm/v7', 'ppc64le', 's390x'].map((one) => `linux/${one}`)
  const image = index({ platforms })
  await push(url, repository, 'v1', image)
  const [child = image.top] = image.manifests
  const sbom = about(image.top, 'sbom', { artifactType: 'application/spdx+json' })
  const referrers: [Part, Image][] = [
    [image.top, sbom],
    [image.top, about(image.top, 'scan')],
    [image.top, about(image.top, 'provenance')],
    [child, about(child, 'of a child')],
    [sbom.top, about(sbom.top, 'signature of the sbom')],
    [image.top, indexAbout(image.top)],
  ]
  for (const [subject, referrer] of referrers) await pushReferrer(url, repository, subject, referrer)
  const tags: [string, Image][] = [
    [digestTag(image.top, '.sig'), signature(image.top)],
    [digestTag(image.top, '.att'), signature(image.top, ['attested'])],
    [digestTag(child, '.sbom'), signature(child)],
    [digestTag(sbom.top, '.sig'), signature(sbom.top)],
  ]
  for (const [tag, tagged] of tags) await push(url, repository, tag, tagged)
  return { image, referrers, tags }
}

/** What the registry lists as referrers of the subject. */
async function listedAt(place: Place, repository: string, { digest }: Part): Promise<readonly object[]> {
  const path = place.api ? `referrers/${digest}` : `manifests/${digest.replace(':', '-')}`
  const found: object[] = []
  let url: string | undefined = `${place.url}/v2/${repository}/${path}`
  while (url !== undefined) {
    const answer: Response = await fetch(url, { headers: { accept: mediaTypes.ociIndex } })
    assert.equal(answer.headers.get('content-type'), mediaTypes.ociIndex)
    found.push(...((await answer.json()) as { manifests: object[] }).manifests)
    const next = /<([^>]*)>/.exec(answer.headers.get('link') ?? '')?.[1]
    url = next && `${place.url}${next}`
  }
  return found
}

const subjectOf = (bytes: Buffer): unknown => JSON.parse(bytes.toString()).subject?.digest
const digests = (entries: readonly object[]): unknown[] =>
  entries.map((entry) => (entry as { digest?: unknown }).digest).toSorted()

const WAYS = [
  ['api', 'api'],
  ['api', 'tags'],
  ['tags', 'api'],
  ['api', 'docker'],
  ['docker', 'docker'],
] as const
for (const [source, target] of WAYS) {
  const [from, sourceOptions, startSource] = PLACES[source]
  const [to, targetOptions, startTarget] = PLACES[target]
  const skip = sourceOptions.skip || targetOptions.skip
  describe(`from ${from} to ${to}`, { timeout: 60_000, skip }, () => {
    test('everything that belongs to an image comes along at every level, byte for byte', async () => {
      await using a = await startSource()
      await using b = await startTarget()
      const { image, referrers, tags } = await pushRichest(a.url, 'team/app')
      await using stage = setStage(`${a.host}/team/app:v1`, `${b.host}/live/app:prod`)
      const { receipt } = await stage.promote()
      const brought = referrers.flatMap(([, { manifests }]) => manifests)
      assert.equal(receipt.companions, brought.length + tags.length)
      const all: [string, Part][] = [
        ['prod', image.top],
        ...tags.map(([tag, { top }]): [string, Part] => [tag, top]),
        ...[...image.manifests, ...brought].map((one): [string, Part] => [one.digest, one]),
      ]
      for (const [name, expected] of all) {
        const there = await getManifestRaw(b.url, 'live/app', name)
        assert.deepEqual([there.status, there.mediaType], [200, expected.mediaType], name)
        assert.deepEqual(there.bytes, expected.bytes)
      }
      for (const [subject] of referrers) {
        const wanted = brought.filter(({ bytes }) => subjectOf(bytes) === subject.digest)
        assert.deepEqual(digests(await listedAt(b, 'live/app', subject)), digests(wanted))
      }
      if (b.api) assert.ok(!(await listTags(b.url, 'live/app')).includes(digestTag(image.top)))
      assert.deepEqual((await stage.plan()).moves, [])
    })
  })
}

describe('what belongs to an image', { timeout: 60_000 }, () => {
  const image = hello()
  const place = async (
    t: TestContext,
    options: Parameters<typeof startRegistry>[0] = {},
  ): Promise<Registry> => {
    const registry = await startRegistry(options)
    t.after(() => registry.close())
    return registry
  }
  const setUp = async (t: TestContext, options: Parameters<typeof startRegistry>[0] = {}) => {
    const [a, b] = [await place(t, options), await place(t)]
    await push(a.url, 'team/app', 'v1', image)
    a.clear()
    return { a, b, from: `${a.host}/team/app:v1`, to: `${b.host}/live/app:prod` }
  }
  const fallback = digestTag(image.top)
  const one = about(image.top, 'one')
  const two = about(image.top, 'two')
  const list = (entries: readonly object[], more: object = {}): Part =>
    part(
      mediaTypes.ociIndex,
      JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: entries, ...more }),
    )
  const lists = (registry: Registry, tag = fallback): unknown =>
    digests(JSON.parse(registry.getManifest('live/app', tag)?.bytes.toString() ?? '{}').manifests ?? [])

  test('costs two requests to find that there is nothing, and none at the target', async (t) => {
    const { a, b, from, to } = await setUp(t)
    await push(a.url, 'team/app', 'many', index())
    a.clear()
    await using stage = setStage(from.replace('v1', 'many'), to)
    await stage.promote()
    const asked = a.requests.filter(({ path }) => !/blobs|manifests/.test(path)).map(({ path }) => path)
    assert.equal(asked.length, 2)
    assert.match(asked.toSorted().join(), /referrers\/sha256:\w+,.*tags\/list/)
    assert.equal(b.count({ path: /referrers|sha256-|tags/ }), 0)
  })

  test('comes along with the image alone, unless it is asked for always or never', async (t) => {
    const { a, b, from, to } = await setUp(t)
    await using first = setStage(from, to)
    await first.promote()
    await pushReferrer(a.url, 'team/app', image.top, one)
    a.clear()
    b.clear()
    await using again = setStage(from, to)
    await again.promote()
    assert.deepEqual([a.requests.length, b.requests.length], [1, 1])
    await using always = setStage(from, to, { referrers: 'always' })
    const { receipt } = await always.promote()
    assert.equal(receipt.companions, 1)
    assert.deepEqual(lists(b), [one.top.digest])
    assert.equal(b.count({ method: 'PUT', path: '/v2/live/app/manifests/prod' }), 0)
    b.clear()
    await always.promote()
    assert.equal(b.count({ method: ['POST', 'PUT'] }), 0)
    await using never = setStage(from, to.replace('prod', 'bare').replace('live', 'other'), {
      referrers: 'never',
    })
    await never.promote()
    assert.deepEqual(b.manifests('other/app'), [image.top.digest])
  })

  test('is merged with what the target lists, whose bytes stay where they say it all', async (t) => {
    const { a, b, from, to } = await setUp(t)
    await pushReferrer(a.url, 'team/app', image.top, one)
    await push(b.url, 'live/app', 'other', image)
    await pushReferrer(b.url, 'live/app', image.top, two)
    await using stage = setStage(from, to)
    await stage.promote()
    assert.deepEqual(lists(b), [one.top.digest, two.top.digest].toSorted())
    await using fresh = setStage(from, to.replace('live', 'fresh'))
    await fresh.promote()
    const there = b.getManifest('fresh/app', fallback)
    assert.deepEqual(there?.bytes, a.getManifest('team/app', fallback)?.bytes)
  })

  test('is added again where somebody else wrote the list in the same moment', async (t) => {
    const { a, b, from, to } = await setUp(t)
    await pushReferrer(a.url, 'team/app', image.top, one)
    const theirs = list([descriptor(two.top)])
    const put = { method: 'PUT', path: `/v2/live/app/manifests/${fallback}` }
    b.fault(put, {
      async after(answer) {
        if (b.count(put) === 1) b.putManifest('live/app', fallback, theirs.bytes, theirs.mediaType)
        return answer
      },
    })
    b.putManifest('live/app', two.top.digest, two.top.bytes, two.top.mediaType)
    await using stage = setStage(from, to)
    await stage.promote()
    assert.deepEqual(lists(b), [one.top.digest, two.top.digest].toSorted())
  })

  test('is added by several promotions of one process without any being lost', async (t) => {
    const { a, b, from, to } = await setUp(t)
    const many = Array.from({ length: 5 }, (_, at) => about(image.top, `number ${at}`))
    await using stage = setStage(from, to, { referrers: 'always' })
    const plans: Plan[] = []
    for (const each of many) {
      await pushReferrer(a.url, 'team/app', image.top, each)
      const request = { source: image.top.digest as Digest, target: undefined, referrers: 'always' } as const
      plans.push(await plan(request, openRepository(stage.network, stage.from), stage.target))
    }
    await Promise.all(plans.map((each) => Array.fromAsync(perform(each, stage.source, stage.target))))
    assert.deepEqual(lists(b), digests(many.map(({ top }) => top)))
    const put = { method: 'PUT', path: `/v2/live/app/manifests/${fallback}` }
    assert.equal(b.count(put), many.length, 'one after the other, so that nobody has to write again')
  })

  test('loses from the list what the target has collected', async (t) => {
    const { a, b, from, to } = await setUp(t)
    await pushReferrer(a.url, 'team/app', image.top, one)
    await push(b.url, 'live/app', 'other', image)
    await pushReferrer(b.url, 'live/app', image.top, two)
    await pushReferrer(b.url, 'live/app', image.top, about(image.top, 'three'))
    b.deleteManifest('live/app', two.top.digest)
    await using stage = setStage(from, to)
    await stage.promote()
    assert.deepEqual(lists(b), digests([one.top, about(image.top, 'three').top]))
  })

  test('is not listed where the tag names something else, as at GitLab; that stays, and is told', async (t) => {
    const { a, b, from, to } = await setUp(t)
    const many = index()
    await push(a.url, 'team/app', 'v1', many)
    await pushReferrer(a.url, 'team/app', many.top, about(many.top, 'of the index'))
    const tag = digestTag(many.top)
    for (const other of [many, hello('other'), index({ seed: 'other' })]) {
      await push(b.url, 'live/app', tag, other)
      await using stage = setStage(from, to)
      const { progress } = await stage.promote()
      assert.equal(b.getManifest('live/app', tag)?.digest, other.top.digest)
      assert.match(JSON.stringify(progress), /is no list of referrers and stays/)
      b.deleteTag('live/app', 'prod')
    }
  })

  test('is not taken from a source whose tag names the image itself', async (t) => {
    const { a, from, to } = await setUp(t)
    const many = index()
    await push(a.url, 'team/app', 'v1', many)
    await push(a.url, 'team/app', digestTag(many.top), many)
    await using stage = setStage(from, to)
    assert.equal((await stage.plan()).companions, 0)
  })

  test('is what says so itself: what is about something else, or gone, is left out and told', async (t) => {
    const { a, from, to } = await setUp(t)
    const stray = about(hello('else').top, 'stray')
    const gone = about(image.top, 'gone')
    await push(a.url, 'team/app', stray.top.digest, stray)
    await pushReferrer(a.url, 'team/app', image.top, one)
    const evil = list([one.top, stray.top, gone.top, image.top].map(descriptor).slice(0, 3))
    a.putManifest('team/app', fallback, evil.bytes, evil.mediaType)
    await using stage = setStage(from, to)
    const planned = await stage.plan()
    assert.equal(planned.companions, 1)
    assert.match(planned.notes.join('\n'), new RegExp(`${stray.top.digest}.*something else`))
    assert.match(planned.notes.join('\n'), new RegExp(`${gone.top.digest}.*not there`))
  })

  test('ends, also where an index is about its own child', async (t) => {
    const { a, b, from, to } = await setUp(t)
    const circle = list([descriptor(image.top)], { subject: descriptor(image.top) })
    const loop: Image = { top: circle, manifests: [...image.manifests, circle], blobs: image.blobs }
    await push(a.url, 'team/app', 'v1', loop)
    await pushReferrer(a.url, 'team/app', image.top, loop)
    await using stage = setStage(from, to)
    await stage.promote()
    assert.equal(b.getManifest('live/app', 'prod')?.digest, circle.digest)
    assert.deepEqual(lists(b), [circle.digest])
  })

  test('is no reason to go on without it when the registry wants to know who asks, or is busy', async (t) => {
    for (const [status, code] of [
      [401, 'UNAUTHORIZED'],
      [403, 'DENIED'],
      [503, 'REGISTRY_UNAVAILABLE'],
    ] as const) {
      const { a, b, from, to } = await setUp(t, { referrers: true })
      a.fault({ path: /\/referrers\// }, faults.respond(status))
      await using stage = setStage(from, to)
      await assert.rejects(stage.promote(), { code, side: 'source' })
      assert.equal(b.count({ method: ['POST', 'PUT'] }), 0)
    }
  })

  const none = { 'content-type': 'text/html' }
  const answers: [string, Behaviour][] = [
    ...[400, 404, 405, 406, 501].map((status): [string, Behaviour] => [`${status}`, faults.respond(status)]),
    ['200 and a page', faults.respond(200, { headers: none, body: '<html>welcome</html>' })],
    ['200 and JSON of another type', faults.respond(200, { body: { manifests: [] } })],
  ]
  for (const [how, behaviour] of answers) {
    test(`is looked for under the tag where the API answers ${how}`, async (t) => {
      const { a, b, from, to } = await setUp(t)
      await pushReferrer(a.url, 'team/app', image.top, one)
      a.fault({ path: /\/referrers\// }, behaviour)
      await using stage = setStage(from, to)
      await stage.promote()
      assert.deepEqual(lists(b), [one.top.digest])
    })
  }

  test('is asked for tag by tag where the tags may not be listed, or are too many', async (t) => {
    const many = { tags: Array.from({ length: 6_000 }, (_, at) => `v${at}`) }
    for (const behaviour of [faults.respond(403), faults.respond(200, { body: many })]) {
      const { a, b, from, to } = await setUp(t)
      await pushReferrer(a.url, 'team/app', image.top, one)
      await push(a.url, 'team/app', digestTag(image.top, '.sig'), signature(image.top))
      a.fault({ path: /tags\/list/ }, behaviour)
      await using stage = setStage(from, to)
      const { receipt } = await stage.promote()
      assert.equal(receipt.companions, 2)
      assert.ok(b.getManifest('live/app', digestTag(image.top, '.sig')))
    }
  })

  test('does not lead elsewhere, nor without end', async (t) => {
    const elsewhere = await place(t)
    for (const next of [`${elsewhere.url}/v2/x`, '//evil.example/v2/x', '?page=again']) {
      const { a, b, from, to } = await setUp(t, { referrers: true })
      a.fault({ path: /\/referrers\// }, faults.headers({ link: `<${next}>; rel="next"` }))
      await using stage = setStage(from, to)
      await assert.rejects(stage.promote(), { code: 'PROTOCOL', side: 'source' })
      assert.equal(b.count({ method: ['POST', 'PUT'] }), 0)
      assert.ok(a.count({ path: /\/referrers\// }) <= 100)
    }
    assert.equal(elsewhere.requests.length, 0)
  })

  test("replaces under cosign's tags what it holds more of, and nothing else", async (t) => {
    const { a, b, from, to } = await setUp(t)
    const tag = digestTag(image.top, '.sig')
    const [few, more, others] = [['one'], ['one', 'two'], ['three']].map((who) => signature(image.top, who))
    const cases: [Image | undefined, Image | undefined, Image | undefined][] = [
      [more, few, more],
      [few, more, more],
      [more, others, others],
      [more, more, more],
    ]
    for (const [at, [ours, theirs, after]] of cases.entries()) {
      const name = `live/app${at}`
      if (ours === undefined || theirs === undefined || after === undefined) assert.fail()
      await push(a.url, 'team/app', tag, ours)
      await push(b.url, name, tag, theirs)
      await using stage = setStage(from, to.replace('live/app', name))
      const { notes } = await stage.plan()
      await stage.promote()
      assert.equal(b.getManifest(name, tag)?.digest, after.top.digest)
      assert.equal(notes.length, after === others ? 1 : 0)
    }
  })

  test('inside one registry is mounted, and in one repository there is nothing to do', async (t) => {
    const { a, from } = await setUp(t)
    await pushReferrer(a.url, 'team/app', image.top, one)
    a.clear()
    await using stage = setStage(from, `${a.host}/live/app:prod`)
    const { receipt } = await stage.promote()
    assert.equal(receipt.bytes.sent, 0)
    assert.deepEqual(lists(a), [one.top.digest])
    a.clear()
    await using retag = setStage(from, `${a.host}/team/app:prod`)
    await retag.promote()
    assert.equal(a.requests.length, 4)
  })

  test('comes before the tag, which stays when it does not come', async (t) => {
    const { a, b, from, to } = await setUp(t)
    await pushReferrer(a.url, 'team/app', image.top, one)
    b.fault(
      { method: 'PUT', path: `/v2/live/app/manifests/${fallback}` },
      faults.respondError(400, 'TAG_INVALID', 'immutable'),
    )
    await using stage = setStage(from, to)
    await assert.rejects(stage.promote(), { code: 'TAG_IMMUTABLE', side: 'target' })
    assert.equal(b.getManifest('live/app', 'prod'), undefined)
    b.clearFaults()
    b.clear()
    await stage.promote()
    const puts = b.find({ method: 'PUT', path: /manifests/ }).map(({ path }) => path.split('/').at(-1))
    assert.deepEqual(puts.slice(-2), [fallback, 'prod'])
  })
})
