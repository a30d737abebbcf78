import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { Digester, digestOf, MEDIA_TYPES, parseDigest, parseManifest, RegistryError } from '#oci'
import { artifact, dockerImage, dockerList, index, layers } from '#support/images'

const bytesOf = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value))
const D = `sha256:${'b'.repeat(64)}`
const blob = { mediaType: 'application/octet-stream', digest: D, size: 3 }
const image = { schemaVersion: 2, mediaType: MEDIA_TYPES.manifest, config: blob, layers: [blob] }
const refuses = (value: unknown, type: string = MEDIA_TYPES.manifest) =>
  assert.throws(
    () => parseManifest(bytesOf(value), type),
    (error: unknown) => error instanceof RegistryError && error.code === 'MANIFEST_INVALID',
  )

describe('a digest', () => {
  test('is of the bytes, however they come', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array()), (parts) => {
        const whole = Buffer.concat(parts)
        const digester = new Digester()
        for (const part of parts) digester.update(part)
        assert.equal(digester.size, whole.length)
        assert.equal(digester.digest(), digestOf(whole))
        assert.equal(digestOf(whole), `sha256:${createHash('sha256').update(whole).digest('hex')}`)
      }),
    )
  })

  test('is computed by the algorithm of another', () => {
    const like = parseDigest(`sha512:${'0'.repeat(128)}`)
    assert.equal(digestOf(Buffer.from('x'), like), `sha512:${createHash('sha512').update('x').digest('hex')}`)
  })

  test('is safe in a path, or it is none', () => {
    for (const text of [
      '',
      'sha256:',
      `sha256:${'g'.repeat(64)}`,
      `sha256:${'a'.repeat(63)}`,
      `sha256:../${'a'.repeat(61)}`,
      `SHA256:${'a'.repeat(64)}`,
      `:${'a'.repeat(64)}`,
      'constructor:x',
    ]) {
      assert.throws(() => parseDigest(text), RegistryError, text)
    }
  })
})

describe('a manifest', () => {
  test('is its bytes: digest and size are theirs, whatever they look like', () => {
    for (const made of [index(), layers(2, 10), artifact(), dockerImage(), dockerList()]) {
      const { top, blobs } = made
      const manifest = parseManifest(top.bytes, top.mediaType)
      assert.equal(manifest.descriptor.digest, top.digest)
      assert.equal(manifest.descriptor.size, top.bytes.length)
      assert.equal(manifest.bytes, top.bytes)
      const named = new Set(
        made.manifests.flatMap(({ bytes, mediaType }) =>
          parseManifest(bytes, mediaType).blobs.map(({ digest }) => digest),
        ),
      )
      assert.deepEqual([...named].toSorted(), blobs.map(({ digest }) => digest).toSorted())
    }
  })

  test('with a charset behind its type is the same', () => {
    assert.equal(parseManifest(bytesOf(image), `${MEDIA_TYPES.manifest}; charset=utf-8`).blobs.length, 2)
  })

  test('that is two things at once is neither', () => {
    refuses({ ...image, manifests: [] })
    refuses({ schemaVersion: 2, mediaType: MEDIA_TYPES.index, manifests: [], layers: [] }, MEDIA_TYPES.index)
    refuses(
      { schemaVersion: 2, mediaType: MEDIA_TYPES.index, manifests: [], config: blob },
      MEDIA_TYPES.index,
    )
    refuses(image, MEDIA_TYPES.index)
    refuses({ ...image, mediaType: MEDIA_TYPES.dockerManifest })
  })

  test('that is no JSON object, or of a kind that nobody knows, is refused', () => {
    for (const text of ['', 'null', '[]', '"x"', '{', '{"a":1}x']) {
      assert.throws(() => parseManifest(Buffer.from(text), MEDIA_TYPES.manifest), RegistryError)
    }
    assert.throws(() => parseManifest(Buffer.from([0xff, 0xfe]), MEDIA_TYPES.manifest), RegistryError)
    refuses(image, 'application/json')
    refuses(image, 'application/vnd.docker.distribution.manifest.v1+prettyjws')
  })

  test('whose children cannot be asked for is refused', () => {
    for (const child of [
      { ...blob, digest: '../../x' },
      { ...blob, digest: 5 },
      { ...blob, size: -1 },
      { ...blob, size: 1.5 },
      { ...blob, size: '3' },
      { ...blob, size: 2 ** 60 },
      { ...blob, mediaType: 'a\r\nb' },
      { ...blob, mediaType: undefined },
      null,
      'x',
      [],
    ]) {
      refuses({ ...image, layers: [child] })
      refuses({ ...image, config: child })
    }
    refuses({ ...image, layers: {} })
    refuses({ schemaVersion: 2, mediaType: MEDIA_TYPES.index }, MEDIA_TYPES.index)
  })

  test('keeps children apart whose type says nothing, and marks what is to be had elsewhere', () => {
    const child = { mediaType: MEDIA_TYPES.manifest, digest: D, size: 3 }
    const top = parseManifest(
      bytesOf({ schemaVersion: 2, mediaType: MEDIA_TYPES.index, manifests: [child, blob] }),
      MEDIA_TYPES.index,
    )
    assert.deepEqual([top.manifests.length, top.blobs.length, top.others.length], [1, 0, 1])
    const urls = ['https://elsewhere.example/x']
    const windows = { ...blob, mediaType: 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip' }
    const layers = [blob, { ...blob, urls }, windows, { ...windows, urls }]
    const parsed = parseManifest(bytesOf({ ...image, layers }), MEDIA_TYPES.manifest)
    assert.deepEqual(
      parsed.blobs.map((one) => one.foreign ?? false),
      [false, false, false, false, true],
    )
  })

  test('of a type that is not known is read where exactly that was expected', () => {
    const type = 'application/vnd.example.bundle.v2+json'
    const child = { mediaType: MEDIA_TYPES.manifest, digest: D, size: 3 }
    const value = { mediaType: type, manifests: [child], layers: [blob], blobs: [blob], subject: child }
    const parsed = parseManifest(bytesOf(value), type, undefined, type)
    assert.deepEqual([parsed.manifests.length, parsed.blobs.length, parsed.subject?.digest], [1, 2, D])
    refuses(value, type)
  })

  test('of the artifact type of old has blobs and a subject, and no config', () => {
    const value = {
      mediaType: MEDIA_TYPES.artifact,
      artifactType: 'text/plain',
      blobs: [blob],
      subject: blob,
    }
    const parsed = parseManifest(bytesOf(value), MEDIA_TYPES.artifact)
    assert.deepEqual([parsed.blobs.length, parsed.artifactType, parsed.subject?.digest], [1, 'text/plain', D])
  })

  test('that two readers could read in two ways is refused', () => {
    const written = (text: string): Uint8Array => Buffer.from(JSON.stringify(image).replace('{', `{${text}`))
    const twice = [
      '"layers":[],',
      '"\\u006cayers":[],',
      '"Layers":[],',
      '"MANIFESTS":[],',
      '"\u017fubject":{},',
      '"x":{"a":1,"a":2},',
      '"x":[[{"a":1,"b":2,"A":2}]],',
      '"annotations":{"a":"1","a":"2"},',
      `"x":${'['.repeat(70)}${']'.repeat(70)},`,
    ]
    for (const text of twice) {
      const read = () => parseManifest(written(text), MEDIA_TYPES.manifest)
      assert.throws(read, { code: 'MANIFEST_INVALID' }, text)
    }
    const fine = [
      '"annotations":{"a":"1","A":"2","{\\"a\\":[":"}"},',
      '"x":[{"a":1},{"a":1}],',
      '"x":"layers",',
    ]
    for (const text of fine) parseManifest(written(text), MEDIA_TYPES.manifest)
  })

  test('carries data only where they are what the digest says', () => {
    const bytes = Buffer.from('{}')
    const config = { ...blob, digest: digestOf(bytes), size: 2, data: bytes.toString('base64') }
    const [parsed] = parseManifest(bytesOf({ ...image, config }), MEDIA_TYPES.manifest).blobs
    assert.deepEqual(Buffer.from(parsed?.data ?? []), bytes)
    refuses({ ...image, config: { ...config, data: 'e30K' } })
    refuses({ ...image, config: { ...config, size: 3 } })
    refuses({ ...image, config: { ...config, data: 5 } })
  })

  test('reaches into no prototype', () => {
    const evil = Buffer.from(
      JSON.stringify({ ...image, annotations: { a: 'b' } }).replace('"a":', '"__proto__":'),
    )
    const parsed = parseManifest(evil, MEDIA_TYPES.manifest)
    assert.equal(Object.getPrototypeOf(parsed.annotations), Object.prototype)
    assert.equal(({} as Record<string, unknown>).a, undefined)
  })

  test('of any JSON is read or refused: nothing else is thrown', () => {
    const types = fc.constantFrom(...Object.values(MEDIA_TYPES))
    const near = fc.record(
      {
        mediaType: types,
        config: fc.anything(),
        layers: fc.anything(),
        manifests: fc.anything(),
        subject: fc.anything(),
        annotations: fc.anything(),
      },
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), near), types, (value, type) => {
        try {
          parseManifest(bytesOf(value ?? null), type)
        } catch (error) {
          assert.ok(error instanceof RegistryError || error instanceof TypeError === false, String(error))
          assert.ok(error instanceof RegistryError)
        }
      }),
    )
  })
})
