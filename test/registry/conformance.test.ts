import assert from 'node:assert/strict'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { after, before, describe, it } from 'node:test'
import { startDockerRegistry } from '#support/docker-registry'
import {
  artifact,
  descriptor,
  dockerImage,
  dockerList,
  hello,
  index,
  part,
  push,
  pushBlob,
} from '#support/images'
import { acceptAll, mediaTypes, randomBytesFrom, sha256, sha512, startRegistry } from '#support/registry'
import { requireTool } from '#support/tools'

interface Answered {
  readonly status: number
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: Buffer
  /** The connection broke before the body was complete. */
  readonly broken: boolean
}

interface Running extends AsyncDisposable {
  readonly url: string
}

const kinds = [
  { name: 'the in-process registry', start: (): Promise<Running> => startRegistry(), skip: false as const },
  {
    name: 'docker-registry',
    start: (): Promise<Running> => startDockerRegistry(),
    ...requireTool('docker-registry'),
  },
]

const bytes = randomBytesFrom('conformance', 2000)
const digest = sha256(bytes)
const absent = sha256(Buffer.from('nobody has this'))
const octets = { 'content-type': 'application/octet-stream' }

for (const kind of kinds) {
  describe(`As ${kind.name} answers`, { skip: kind.skip, timeout: 60_000 }, () => {
    let registry: Running
    before(async () => {
      registry = await kind.start()
    })
    after(async () => registry[Symbol.asyncDispose]())

    // fetch follows redirects, unpacks and normalises: what is on the wire is the subject here.
    function ask(
      method: string,
      path: string,
      headers: Readonly<Record<string, string>> = {},
      body?: Uint8Array | string,
    ): Promise<Answered> {
      return new Promise((resolve, reject) => {
        const sized: Record<string, string | number> = { ...headers }
        if (body !== undefined && !('transfer-encoding' in headers))
          sized['content-length'] = Buffer.byteLength(body)
        const made = httpRequest(new URL(path, registry.url), {
          method,
          headers: sized,
          agent: false,
          timeout: 10_000,
        })
        made.on('error', reject)
        made.on('timeout', () => made.destroy(new Error(`${method} ${path} was not answered`)))
        made.on('response', (response: IncomingMessage) => {
          const chunks: Buffer[] = []
          const done = (): void => {
            const answer = {
              status: response.statusCode ?? 0,
              headers: response.headers as Answered['headers'],
            }
            resolve({ ...answer, body: Buffer.concat(chunks), broken: !response.complete })
          }
          response.on('data', (chunk: Buffer) => chunks.push(chunk))
          response.on('error', () => {})
          response.on('close', done)
        })
        made.end(body)
      })
    }

    const errorsOf = ({ body }: Answered): { code: string; message: string; detail?: unknown }[] =>
      JSON.parse(body.toString()).errors
    const codesOf = (answer: Answered): string[] => errorsOf(answer).map(({ code }) => code)

    async function begin(repository: string): Promise<string> {
      const answer = await ask('POST', `/v2/${repository}/blobs/uploads/`)
      assert.equal(answer.status, 202)
      return answer.headers.location ?? ''
    }

    const put = (repository: string, reference: string, body: string | Uint8Array, mediaType: string) =>
      ask('PUT', `/v2/${repository}/manifests/${reference}`, { 'content-type': mediaType }, body)

    const get = (repository: string, reference: string, accept?: string, method = 'GET') =>
      ask(method, `/v2/${repository}/manifests/${reference}`, accept === undefined ? {} : { accept })

    it('says under /v2/ that it speaks the protocol', async () => {
      const answer = await ask('GET', '/v2/')
      assert.equal(answer.status, 200)
      assert.equal(answer.headers['docker-distribution-api-version'], 'registry/2.0')
      assert.equal(answer.body.toString(), '{}')
      assert.equal((await ask('GET', '/v2')).headers.location, '/v2/')
      assert.equal((await ask('GET', '/nothing')).status, 404)
    })

    it('takes a blob by POST and PUT, and shows it with its length and digest', async () => {
      const location = await begin('blob/whole')
      const done = await ask('PUT', `${location}&digest=${digest}`, octets, bytes)
      assert.equal(done.status, 201)
      assert.equal(done.headers['docker-content-digest'], digest)
      assert.equal(done.headers.location, `${registry.url}/v2/blob/whole/blobs/${digest}`)
      const shown = await ask('GET', `/v2/blob/whole/blobs/${digest}`)
      assert.equal(shown.status, 200)
      assert.deepEqual(shown.body, bytes)
      assert.equal(shown.headers['content-type'], 'application/octet-stream')
      assert.equal(shown.headers.etag, `"${digest}"`)
      const head = await ask('HEAD', `/v2/blob/whole/blobs/${digest}`)
      assert.equal(head.status, 200)
      assert.equal(head.headers['content-length'], '2000')
      assert.equal(head.headers['docker-content-digest'], digest)
      assert.equal(head.headers['accept-ranges'], 'bytes')
      assert.equal(head.body.length, 0)
      const unchanged = await ask('GET', `/v2/blob/whole/blobs/${digest}`, { 'if-none-match': `"${digest}"` })
      assert.equal(unchanged.status, 304)
    })

    it('takes a blob with chunked transfer coding, and the empty blob', async () => {
      const chunked = { ...octets, 'transfer-encoding': 'chunked' }
      const location = await begin('blob/odd')
      assert.equal((await ask('PUT', `${location}&digest=${digest}`, chunked, bytes)).status, 201)
      const empty = sha256(Buffer.alloc(0))
      assert.equal((await ask('PUT', `${await begin('blob/odd')}&digest=${empty}`, octets, '')).status, 201)
      const shown = await ask('GET', `/v2/blob/odd/blobs/${empty}`)
      assert.deepEqual([shown.status, shown.headers['content-length'], shown.broken], [200, '0', false])
    })

    it('does not take a blob with a single POST, but opens a session', async () => {
      const answer = await ask('POST', `/v2/blob/single/blobs/uploads/?digest=${digest}`, octets, bytes)
      assert.equal(answer.status, 202)
      assert.equal((await ask('HEAD', `/v2/blob/single/blobs/${digest}`)).status, 404)
    })

    it('takes a blob in chunks and tells how far it is', async () => {
      const first = await begin('blob/chunks')
      const opened = await ask('GET', first)
      assert.deepEqual([opened.status, opened.headers.range], [204, '0-0'])
      const patched = await ask(
        'PATCH',
        first,
        { ...octets, 'content-range': '0-999' },
        bytes.subarray(0, 1000),
      )
      assert.deepEqual([patched.status, patched.headers.range], [202, '0-999'])
      const next = patched.headers.location ?? ''
      assert.notEqual(next, first)
      assert.deepEqual(codesOf(await ask('GET', first)), ['BLOB_UPLOAD_INVALID'])
      assert.equal((await ask('GET', next)).headers.range, '0-999')
      // The range is a claim that nobody checks.
      const again = await ask(
        'PATCH',
        next,
        { ...octets, 'content-range': '7-8' },
        bytes.subarray(1000, 1500),
      )
      assert.deepEqual([again.status, again.headers.range], [202, '0-1499'])
      const last = `${again.headers.location}&digest=${digest}`
      assert.equal((await ask('PUT', last, octets, bytes.subarray(1500))).status, 201)
      assert.deepEqual((await ask('GET', `/v2/blob/chunks/blobs/${digest}`)).body, bytes)
    })

    it('refuses a chunk that says it is something else than octets', async () => {
      const answer = await ask('PATCH', await begin('blob/typed'), { 'content-type': 'text/plain' }, 'x')
      assert.deepEqual([answer.status, codesOf(answer)], [500, ['UNKNOWN']])
    })

    it('forgets a session that ended in a wrong digest, unless all bytes came in chunks', async () => {
      const location = await begin('blob/wrong')
      const refused = await ask('PUT', `${location}&digest=${absent}`, octets, bytes)
      assert.deepEqual([refused.status, codesOf(refused)], [400, ['DIGEST_INVALID']])
      assert.deepEqual(codesOf(await ask('GET', location)), ['BLOB_UPLOAD_INVALID'])
      const patched = await ask('PATCH', await begin('blob/wrong'), octets, bytes)
      const next = patched.headers.location ?? ''
      assert.equal((await ask('PUT', `${next}&digest=${absent}`, octets)).status, 400)
      assert.equal((await ask('GET', next)).headers.range, '0-1999')
      assert.equal((await ask('PUT', `${next}&digest=${digest}`, octets)).status, 201)
    })

    it('wants a digest to finish an upload', async () => {
      const location = await begin('blob/bare')
      const missing = await ask('PUT', location, octets, bytes)
      assert.deepEqual(errorsOf(missing)[0]?.detail, 'digest missing')
      assert.equal((await ask('PUT', `${location}&digest=sha256:12`, octets, bytes)).status, 400)
    })

    it('shows a blob that came under its sha512 by that and by its sha256', async () => {
      const long = sha512(bytes)
      const done = await ask('PUT', `${await begin('blob/long')}&digest=${long}`, octets, bytes)
      assert.deepEqual([done.status, done.headers['docker-content-digest']], [201, digest])
      const head = await ask('HEAD', `/v2/blob/long/blobs/${long}`)
      assert.deepEqual([head.status, head.headers['docker-content-digest']], [200, digest])
    })

    it('cannot go on with an upload whose request broke off', async () => {
      const location = await begin('blob/broken')
      const made = httpRequest(location, {
        method: 'PATCH',
        headers: { ...octets, 'content-length': 2000 },
        agent: false,
      })
      const closed = new Promise((resolve) => made.on('close', resolve).on('error', () => {}))
      await new Promise((resolve) => made.write(bytes.subarray(0, 700), resolve))
      made.destroy()
      await closed
      // What was sent still arrives; the session is out of step once the registry has it.
      let answer = await ask('GET', location)
      for (let left = 500; answer.status === 204 && left > 0; left -= 1) answer = await ask('GET', location)
      assert.deepEqual([answer.status, codesOf(answer)], [404, ['BLOB_UPLOAD_INVALID']])
    })

    it('cancels an upload once', async () => {
      const location = await begin('blob/cancel')
      assert.equal((await ask('DELETE', location)).status, 204)
      const again = await ask('DELETE', location)
      assert.deepEqual([again.status, codesOf(again)], [404, ['BLOB_UPLOAD_UNKNOWN']])
      const stranger = await ask('GET', '/v2/blob/cancel/blobs/uploads/00000000-0000-0000-0000-000000000000')
      assert.deepEqual([stranger.status, codesOf(stranger)], [404, ['BLOB_UPLOAD_INVALID']])
    })

    it('mounts a blob from another repository, or opens a session where it cannot', async () => {
      await pushBlob(registry.url, 'mount/from', part('', bytes))
      const ways = [
        [`mount=${absent}&from=mount/from`, 202],
        [`mount=${digest}&from=mount/nowhere`, 202],
        [`mount=${digest}`, 202],
        [`mount=nonsense&from=mount/from`, 202],
        [`mount=${digest}&from=mount/from`, 201],
      ] as const
      for (const [query, status] of ways) {
        const answer = await ask('POST', `/v2/mount/to/blobs/uploads/?${query}`)
        assert.equal(answer.status, status, query)
        assert.equal(answer.headers['docker-content-digest'], status === 201 ? digest : undefined, query)
        assert.equal(answer.headers['docker-upload-uuid'] !== undefined, status === 202, query)
      }
      assert.deepEqual((await ask('GET', `/v2/mount/to/blobs/${digest}`)).body, bytes)
    })

    it('serves ranges of a blob', async () => {
      await pushBlob(registry.url, 'range', part('', bytes))
      const ranged = (range: string) => ask('GET', `/v2/range/blobs/${digest}`, { range })
      const cases = [
        ['bytes=5-9', 'bytes 5-9/2000', 5, 10],
        ['bytes=1990-', 'bytes 1990-1999/2000', 1990, 2000],
        ['bytes=-10', 'bytes 1990-1999/2000', 1990, 2000],
        ['bytes=0-9999', 'bytes 0-1999/2000', 0, 2000],
      ] as const
      for (const [range, place, start, end] of cases) {
        const answer = await ranged(range)
        assert.deepEqual([answer.status, answer.headers['content-range']], [206, place])
        assert.deepEqual(answer.body, bytes.subarray(start, end))
      }
      const beyond = await ranged('bytes=2000-')
      assert.deepEqual([beyond.status, beyond.headers['content-range']], [416, 'bytes */2000'])
      assert.deepEqual(
        [beyond.headers['content-length'], beyond.body.length, beyond.broken],
        ['2000', 33, true],
      )
      assert.equal((await ranged('garbage')).status, 416)
    })

    it('has words for blobs that it does not have', async () => {
      const missing = await ask('GET', `/v2/nobody/here/blobs/${absent}`)
      assert.equal(missing.status, 404)
      assert.equal(missing.headers['content-type'], 'application/json; charset=utf-8')
      assert.deepEqual(errorsOf(missing), [
        { code: 'BLOB_UNKNOWN', message: 'blob unknown to registry', detail: absent },
      ])
      const head = await ask('HEAD', `/v2/nobody/here/blobs/${absent}`)
      assert.deepEqual([head.status, head.headers['content-length']], [404, `${missing.body.length}`])
      assert.deepEqual(codesOf(await ask('GET', '/v2/nobody/blobs/sha256:12')), ['DIGEST_INVALID'])
      assert.equal(
        (await ask('GET', `/v2/UPPER/blobs/${absent}`)).headers['content-type'],
        'text/plain; charset=utf-8',
      )
    })

    it('deletes a blob from one repository', async () => {
      await pushBlob(registry.url, 'gone/a', part('', bytes))
      await pushBlob(registry.url, 'gone/b', part('', bytes))
      assert.equal((await ask('DELETE', `/v2/gone/a/blobs/${digest}`)).status, 202)
      assert.equal((await ask('DELETE', `/v2/gone/a/blobs/${digest}`)).status, 404)
      assert.equal((await ask('HEAD', `/v2/gone/a/blobs/${digest}`)).status, 404)
      assert.equal((await ask('HEAD', `/v2/gone/b/blobs/${digest}`)).status, 200)
    })

    it('shows a manifest by tag and by digest, byte for byte', async () => {
      const image = artifact({ layers: 1 })
      await push(registry.url, 'manifest', 'odd', image)
      for (const reference of ['odd', image.top.digest]) {
        const answer = await get('manifest', reference, acceptAll)
        assert.equal(answer.status, 200)
        assert.deepEqual(answer.body, image.top.bytes)
        assert.equal(answer.headers['content-type'], mediaTypes.ociManifest)
        assert.equal(answer.headers['docker-content-digest'], image.top.digest)
        assert.equal(answer.headers.etag, `"${image.top.digest}"`)
        const head = await get('manifest', reference, acceptAll, 'HEAD')
        assert.deepEqual([head.status, head.body.length], [200, 0])
        assert.equal(head.headers['content-length'], `${image.top.bytes.length}`)
      }
      const headers = { accept: acceptAll, 'if-none-match': `"${image.top.digest}"` }
      assert.equal((await ask('GET', '/v2/manifest/manifests/odd', headers)).status, 304)
    })

    it('answers the PUT of a manifest with digest and location', async () => {
      const { top, blobs } = hello()
      for (const blob of blobs) await pushBlob(registry.url, 'manifest/put', blob)
      for (const reference of ['tag', top.digest]) {
        const answer = await put('manifest/put', reference, top.bytes, top.mediaType)
        assert.equal(answer.status, 201)
        assert.equal(answer.headers['docker-content-digest'], top.digest)
        assert.equal(answer.headers.location, `${registry.url}/v2/manifest/put/manifests/${top.digest}`)
      }
      assert.equal(
        (await put('manifest/put', 'charset', top.bytes, `${top.mediaType}; charset=utf-8`)).status,
        201,
      )
      assert.deepEqual(codesOf(await put('manifest/put', absent, top.bytes, top.mediaType)), [
        'DIGEST_INVALID',
      ])
      const long = sha512(top.bytes)
      assert.deepEqual(codesOf(await put('manifest/put', long, top.bytes, top.mediaType)), ['DIGEST_INVALID'])
      assert.equal((await put('manifest/put', 'no~tag', top.bytes, top.mediaType)).status, 404)
    })

    it('hides OCI manifests and indexes from clients that do not name their type', async () => {
      const image = index()
      await push(registry.url, 'accept/oci', 'many', image)
      const child = image.manifests[0]?.digest ?? ''
      for (const reference of ['many', image.top.digest]) {
        for (const accept of [undefined, '*/*', 'application/*', mediaTypes.ociManifest]) {
          const answer = await get('accept/oci', reference, accept)
          assert.deepEqual(
            [answer.status, codesOf(answer)],
            [404, ['MANIFEST_UNKNOWN']],
            `${reference} ${accept}`,
          )
          assert.match(errorsOf(answer)[0]?.message ?? '', /^OCI index found, but accept header/)
        }
        assert.equal((await get('accept/oci', reference, mediaTypes.ociIndex)).status, 200)
      }
      assert.match(errorsOf(await get('accept/oci', child, '*/*'))[0]?.message ?? '', /^OCI manifest found/)
      const weighed = `${mediaTypes.dockerManifest}, ${mediaTypes.ociManifest};q=0.5`
      assert.equal((await get('accept/oci', child, weighed)).status, 200)
    })

    it('converts Docker manifests asked for by tag without their type, and only those', async () => {
      const image = dockerImage()
      await push(registry.url, 'accept/docker', 'one', image)
      const bare = await get('accept/docker', image.top.digest)
      assert.deepEqual([bare.status, bare.headers['content-type']], [200, mediaTypes.dockerManifest])
      assert.deepEqual(bare.body, image.top.bytes)
      const named = await get('accept/docker', 'one', mediaTypes.dockerManifest)
      assert.equal(named.headers['docker-content-digest'], image.top.digest)
      const old = await get('accept/docker', 'one')
      assert.equal(old.status, 200)
      assert.equal(old.headers['content-type'], 'application/vnd.docker.distribution.manifest.v1+prettyjws')
      assert.notEqual(old.headers['docker-content-digest'], image.top.digest)
      const list = dockerList()
      await push(registry.url, 'accept/docker', 'list', list)
      const whole = await get('accept/docker', 'list', mediaTypes.dockerList)
      assert.deepEqual(whole.body, list.top.bytes)
      const amd64 = await get('accept/docker', 'list', mediaTypes.dockerManifest)
      assert.equal(amd64.headers['docker-content-digest'], list.manifests[0]?.digest)
    })

    it('refuses a manifest whose blobs or children are missing, and makes no tag', async () => {
      const image = hello('missing')
      const answer = await put('missing', 'tag', image.top.bytes, image.top.mediaType)
      assert.equal(answer.status, 400)
      const details = errorsOf(answer).map(({ code, detail }) => `${code} ${detail}`)
      assert.deepEqual(
        details.sort(),
        image.blobs.map((blob) => `MANIFEST_BLOB_UNKNOWN ${blob.digest}`).sort(),
      )
      assert.equal((await get('missing', 'tag', acceptAll)).status, 404)
      const many = index()
      const top = await put('missing', 'tag', many.top.bytes, many.top.mediaType)
      assert.deepEqual([top.status, new Set(codesOf(top))], [400, new Set(['MANIFEST_BLOB_UNKNOWN'])])
      assert.equal(codesOf(top).length, many.manifests.length - 1)
    })

    it('refuses manifests that are not what they say', async () => {
      await pushBlob(registry.url, 'strict', part('', bytes))
      const config = { mediaType: 'application/x', digest, size: 2000 }
      const plain = { schemaVersion: 2, config, layers: [] }
      const refuse = async (value: unknown, mediaType: string, status = 400, code = 'MANIFEST_INVALID') => {
        const body = typeof value === 'string' ? value : JSON.stringify(value)
        const answer = await put('strict', 'tag', body, mediaType)
        assert.deepEqual([answer.status, codesOf(answer)[0]], [status, code], `${mediaType} ${body}`)
      }
      await refuse('not json', mediaTypes.ociManifest)
      await refuse('[]', mediaTypes.ociManifest)
      await refuse({ ...plain, mediaType: mediaTypes.ociIndex }, mediaTypes.ociManifest)
      await refuse({ ...plain, mediaType: mediaTypes.ociManifest }, mediaTypes.ociIndex)
      await refuse({ ...plain, mediaType: mediaTypes.ociManifest }, mediaTypes.dockerManifest)
      await refuse({ ...plain, mediaType: mediaTypes.ociManifest }, 'application/json')
      await refuse({ ...plain, manifests: [] }, mediaTypes.ociManifest)
      await refuse({ ...plain, manifests: [] }, mediaTypes.ociIndex)
      await refuse(plain, mediaTypes.dockerManifest)
      await refuse({ ...plain, schemaVersion: 1 }, mediaTypes.ociManifest, 500, 'UNKNOWN')
      await refuse(
        { ...plain, config: { ...config, digest: 'bad' } },
        mediaTypes.ociManifest,
        400,
        'DIGEST_INVALID',
      )
      await refuse({ schemaVersion: 2 }, mediaTypes.ociManifest, 400, 'DIGEST_INVALID')
      const foreign = {
        mediaType: 'application/vnd.oci.image.layer.nondistributable.v1.tar',
        digest: absent,
        size: 1,
      }
      const urls = ['http://192.0.2.1/layer']
      await refuse({ ...plain, layers: [{ ...foreign, urls }] }, mediaTypes.ociManifest, 500, 'UNKNOWN')
      await refuse({ ...plain, layers: [foreign] }, mediaTypes.ociManifest, 400, 'MANIFEST_BLOB_UNKNOWN')
      assert.equal((await put('strict', 'ok', JSON.stringify(plain), mediaTypes.ociManifest)).status, 201)
    })

    it('takes manifests of up to 4 MiB', async () => {
      const image = artifact({ seed: 'big' })
      for (const blob of image.blobs) await pushBlob(registry.url, 'big', blob)
      const most = artifact({ seed: 'big', padding: 4 * 1024 * 1024 - image.top.bytes.length }).top
      assert.equal(most.bytes.length, 4 * 1024 * 1024)
      assert.equal((await put('big', 'most', most.bytes, most.mediaType)).status, 201)
      const over = artifact({ seed: 'big', padding: 4 * 1024 * 1024 + 1 - image.top.bytes.length }).top
      const answer = await put('big', 'over', over.bytes, over.mediaType)
      assert.deepEqual([answer.status, codesOf(answer)], [400, ['MANIFEST_INVALID']])
    })

    it('takes an index whose child is a blob, and has no manifest to show for it', async () => {
      const blob = part('application/x', bytes)
      await pushBlob(registry.url, 'children', blob)
      const value = JSON.stringify({ schemaVersion: 2, manifests: [descriptor(blob)] })
      assert.equal((await put('children', 'raw', value, mediaTypes.ociIndex)).status, 201)
      const answer = await get('children', digest, acceptAll)
      assert.deepEqual([answer.status, codesOf(answer)], [500, ['UNKNOWN']])
      const image = hello()
      await push(registry.url, 'children', 'one', image)
      await pushBlob(registry.url, 'children/pushed', image.top)
      assert.deepEqual((await get('children/pushed', image.top.digest, acceptAll)).body, image.top.bytes)
      assert.equal((await ask('GET', `/v2/children/blobs/${image.top.digest}`)).status, 404)
    })

    it('has words for manifests that it does not have', async () => {
      const byTag = await get('nobody', 'tag', acceptAll)
      assert.deepEqual(
        [byTag.status, errorsOf(byTag)],
        [404, [{ code: 'MANIFEST_UNKNOWN', message: 'manifest unknown', detail: { Tag: 'tag' } }]],
      )
      const byDigest = await get('nobody', absent, acceptAll)
      assert.deepEqual(errorsOf(byDigest)[0]?.detail, { Name: 'nobody', Revision: absent })
      assert.equal((await get('nobody', 'sha256:12', acceptAll)).status, 500)
    })

    it('moves a tag, lists tags, and forgets those of a deleted manifest', async () => {
      const unknown = await ask('GET', '/v2/tags/tags/list')
      assert.deepEqual([unknown.status, codesOf(unknown)], [404, ['NAME_UNKNOWN']])
      const [first, second] = [hello('first'), hello('second')]
      await push(registry.url, 'tags', 'a', first)
      await push(registry.url, 'tags', 'b', first)
      await push(registry.url, 'tags', 'a', second)
      assert.equal((await get('tags', 'a', acceptAll)).headers['docker-content-digest'], second.top.digest)
      const listed = await ask('GET', '/v2/tags/tags/list?n=1')
      const body = JSON.parse(listed.body.toString())
      assert.deepEqual([body.name, body.tags.sort(), listed.headers.link], ['tags', ['a', 'b'], undefined])
      assert.deepEqual(codesOf(await ask('DELETE', '/v2/tags/manifests/b')), ['DIGEST_INVALID'])
      assert.equal((await ask('DELETE', `/v2/tags/manifests/${first.top.digest}`)).status, 202)
      assert.equal((await ask('DELETE', `/v2/tags/manifests/${first.top.digest}`)).status, 404)
      assert.deepEqual(JSON.parse((await ask('GET', '/v2/tags/tags/list')).body.toString()).tags, ['a'])
      assert.equal((await get('tags', 'b', acceptAll)).status, 404)
      await ask('DELETE', `/v2/tags/manifests/${second.top.digest}`)
      assert.equal((await ask('GET', '/v2/tags/tags/list')).body.toString(), '{"name":"tags","tags":null}\n')
    })

    it('accepts a subject and has no referrers API', async () => {
      const image = hello()
      await push(registry.url, 'referrers', 'image', image)
      const signature = artifact({ subject: descriptor(image.top) })
      for (const blob of signature.blobs) await pushBlob(registry.url, 'referrers', blob)
      const done = await put('referrers', signature.top.digest, signature.top.bytes, signature.top.mediaType)
      assert.deepEqual([done.status, done.headers['oci-subject']], [201, undefined])
      const answer = await ask('GET', `/v2/referrers/referrers/${image.top.digest}`)
      assert.deepEqual([answer.status, answer.body.toString()], [404, '404 page not found\n'])
      assert.equal(answer.headers['content-type'], 'text/plain; charset=utf-8')
    })

    it('knows no other methods', async () => {
      const blob = await ask('PATCH', `/v2/methods/blobs/${absent}`)
      assert.deepEqual([blob.status, blob.headers.allow], [405, 'DELETE, GET, HEAD'])
      const manifest = await ask('POST', '/v2/methods/manifests/tag')
      assert.deepEqual([manifest.status, manifest.headers.allow], [405, 'DELETE, GET, HEAD, PUT'])
      assert.equal((await ask('HEAD', '/v2/methods/tags/list')).headers.allow, 'GET')
    })
  })
}
