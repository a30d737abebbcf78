import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { listTags } from '#support/client'
import { hello, layers, push } from '#support/images'
import { faults, startRegistry } from '#support/registry'
import { tagboat } from './tagboat.ts'

const folder = mkdtempSync(join(tmpdir(), 'tagboat-from-'))
after(() => rmSync(folder, { recursive: true, force: true }))
let files = 0

function written(text: string): string {
  files += 1
  const path = join(folder, `promotions-${files}.yaml`)
  writeFileSync(path, text)
  return path
}

async function setUp() {
  const source = await startRegistry()
  const target = await startRegistry()
  const image = layers(3, 4096, 'shared')
  for (const tag of ['v1', 'v2', 'v3']) await push(source.url, 'team/app', tag, image)
  await push(source.url, 'team/db', 'v1', hello('db'))
  source.clear()
  const dispose = async (): Promise<void> => {
    await Promise.all([source.close(), target.close()])
  }
  return { source, target, image, a: source.host, b: target.host, [Symbol.asyncDispose]: dispose }
}

const promote = (text: string, ...options: readonly string[]) =>
  tagboat(['copy', '--from', written(text), ...options])

describe('tagboat copy --from', { timeout: 60_000 }, () => {
  test('promotes every entry, and every tag that matches, over the same connections, each blob once', async () => {
    await using place = await setUp()
    const { a, b, target, image } = place
    const run = await promote(`
- { source: ${a}/team/app:v1, target: ${b}/prod/app:stable }
- source: ${a}/team/app
  target: ${b}/mirror/app
  tags: ['v[12]', v3]
- source: ${a}/team/db:v1
  target: ${b}/prod/db
`)
    assert.equal(run.code, 0, run.stderr)
    assert.match(run.stdout, /\n5 of 5 promotions · \d+ requests\n$/)
    assert.deepEqual(await listTags(target.url, 'prod/app'), ['stable'])
    assert.deepEqual(await listTags(target.url, 'mirror/app'), ['v1', 'v2', 'v3'])
    assert.deepEqual(await listTags(target.url, 'prod/db'), ['v1'])
    for (const repository of ['prod/app', 'mirror/app']) {
      const sent = target.find({ method: 'PUT', path: new RegExp(`${repository}/blobs`) })
      assert.equal(sent.length, image.blobs.length)
    }
    target.clear()
    const again = await promote(`- { source: ${a}/team/app:v1, target: ${b}/prod/app:stable }`, '--json')
    assert.deepEqual(JSON.parse(again.stdout).promotions, [
      {
        ...{ source: `${a}/team/app:v1`, target: `${b}/prod/app:stable`, status: 'done' },
        ...{
          digest: image.top.digest,
          bytes: { sent: 0, mounted: 0, present: JSON.parse(again.stdout).bytes.present },
        },
      },
    ])
    assert.equal(target.count(), 1)
  })

  test('promotes what others read before them, and not from where one failed', async () => {
    await using place = await setUp()
    const { a, b, target } = place
    const chain = `
- { source: '${b}/prod/app:v1', target: '${b}/prod/app:latest' }
- { source: '${b}/stage/app:v1', target: '${b}/prod/app:v1' }
- { source: '${a}/team/app:v1', target: '${b}/stage/app:v1' }
`
    const planned = await promote(chain, '--dry-run')
    assert.equal(planned.code, 0, planned.stderr)
    assert.match(planned.stdout, /prod\/app:latest: what is promoted there before\n/)
    assert.equal(target.count({ method: ['PUT', 'POST'] }), 0)
    const fault = target.fault({ method: 'PUT', path: /prod\/app\/manifests\/v1$/ }, faults.respond(403))
    const failed = await promote(chain)
    assert.equal(failed.code, 1)
    assert.match(
      failed.stderr,
      /→ \S+prod\/app:latest:\ntagboat: CANCELLED source: \S+prod\/app:v1: not promoted/,
    )
    assert.deepEqual(await listTags(target.url, 'stage/app'), ['v1'])
    fault.remove()
    assert.equal((await promote(chain)).code, 0)
    assert.deepEqual(await listTags(target.url, 'prod/app'), ['latest', 'v1'])
  })

  test('reads tags of no repository but one that the list itself may make', async () => {
    await using place = await setUp()
    const { a, b, target } = place
    const made = await promote(`
- { source: ${a}/team/app:v1, target: ${b}/fresh/app }
- { source: ${b}/fresh/app, target: ${b}/live/app, tags: v* }
`)
    assert.equal(made.code, 0, made.stderr)
    target.clear()
    const mistyped = await promote(`
- { source: ${a}/team/app:v1, target: ${b}/other/app }
- { source: ${a}/team/ap, target: ${b}/live/app, tags: v* }
`)
    assert.equal(mistyped.code, 1)
    assert.match(mistyped.stderr, /NAME_UNKNOWN source/)
    assert.equal(target.count({ method: ['PUT', 'POST'] }), 0)
  })

  test('writes nothing where two sources are to have one target, and names the lines', async () => {
    await using place = await setUp()
    const { a, b, target } = place
    const twice = await promote(`
- { source: ${a}/team/app:v1, target: ${b}/prod/app:stable }
- { source: ${a}/team/db:v1, target: ${b}/prod/db:v1 }
- source: ${a}/team/app:v2
  target: ${b}/prod/app:stable
`)
    assert.equal(twice.code, 2)
    assert.match(
      twice.stderr,
      /promotions-\d+\.yaml: line 5, column 11: 2\.target: .*stable is to be .*:v2 here and .*:v1 at line 2/,
    )
    const globs = await promote(`
- { source: ${a}/team/app, target: ${b}/prod/app, tags: 'v*' }
- { source: ${a}/team/db, target: ${b}/prod/app, tags: v1 }
`)
    assert.equal(globs.code, 2)
    const circle = await promote(`
- { source: ${b}/x:1, target: ${b}/y:1 }
- { source: ${b}/y:1, target: ${b}/x:1 }
`)
    assert.match(circle.stderr, /line 2, column \d+: 0\.source: is promoted from here, by way of others/)
    assert.equal(target.count({ method: ['PUT', 'POST'] }), 0)
    const same = await promote(`
- { source: ${a}/team/app:v1, target: ${b}/prod/app:stable }
- { source: ${a}/team/app:v1, target: ${b}/prod/app:stable }
`)
    assert.match(same.stdout, /1 of 1 promotions/)
  })

  test('tells every mistake of a file with its line and column, and asks nobody', async () => {
    const run = await promote(`- { source: a/b:1, target: 'c/d@sha256:${'0'.repeat(64)}' }
- source: UPPER/case case
  target: x/y:1
  tag: v1
- { target: x/y:1 }
- { source: a/b:1, target: a/b, tags: '[' }
`)
    assert.equal(run.code, 2)
    assert.match(run.stderr, /: line 4, column \d+: 1\.tag: is not known: there are source, target and tags/)
    assert.match(run.stderr, /: line 5, column \d+: 2\.source: is missing/)
    const next = await promote(`- { source: a/b:1, target: 'c/d@sha256:${'0'.repeat(64)}' }
- { source: UPPER/case case, target: x/y:1 }
- { source: a/b, target: x/b, tags: '[' }
- { source: a/b:1, target: a/b }
`)
    assert.equal(next.code, 2)
    for (const problem of [
      /line 1, .*target: TARGET has no digest/,
      /line 2, .*source: not/,
      /line 3, .*tags: .*not closed/,
      /line 4, .*target: is the source itself/,
    ])
      assert.match(next.stderr, problem)
    for (const text of ['source: a', '- [', '- a: &x [*x]', '- 5'])
      assert.equal((await promote(text)).code, 2, text)
    assert.equal((await promote('[]')).code, 0)
    assert.equal((await tagboat(['copy', '--from', join(folder, 'none.yaml')])).code, 2)
    assert.equal((await tagboat(['copy', '--from', written('[]'), 'a/b', 'c/d'])).code, 2)
  })
})

describe('many promotions in one process', { timeout: 120_000 }, () => {
  const tagged = async (count: number) => {
    const source = await startRegistry()
    const target = await startRegistry({ discardBlobs: true })
    const shared = layers(2, 2048, 'shared')
    for (const { bytes } of shared.blobs) source.putBlob('team/app', bytes)
    for (let at = 0; at < count; at++) {
      const image = JSON.parse(shared.top.bytes.toString())
      const bytes = Buffer.from(
        JSON.stringify({ ...image, annotations: { at: `${at}`, pad: 'x'.repeat(2000) } }),
      )
      source.putManifest('team/app', `v${at}`, bytes, shared.top.mediaType)
    }
    const args = [
      'copy',
      '--no-referrers',
      '--tags',
      '*',
      `${source.host}/team/app`,
      `${target.host}/live/app`,
    ]
    const dispose = async (): Promise<void> => {
      await Promise.all([source.close(), target.close()])
    }
    return { source, target, args, [Symbol.asyncDispose]: dispose }
  }

  test('cost one look at each tag, and ask the target for none that it does not have', async () => {
    await using place = await tagged(50)
    const { source, target, args } = place
    const cold = await tagboat(args)
    assert.equal(cold.code, 0, cold.stderr)
    const blobs = layers(2, 2048, 'shared').blobs.length
    assert.equal(source.requests.length, 1 + 50 + blobs)
    assert.equal(target.requests.length, 1 + 2 * blobs + 50 + 50, 'each tag is put, and read back')
    target.clear()
    source.clear()
    await tagboat(args)
    assert.deepEqual([source.requests.length, target.requests.length], [1 + 50, 1 + 50])
  })

  test('take no more memory when they are many more', async () => {
    await using few = await tagged(100)
    await using many = await tagged(800)
    const one = await tagboat(few.args)
    const more = await tagboat(many.args)
    assert.deepEqual([one.code, more.code], [0, 0])
    assert.match(more.stdout, /800 of 800 tags/)
    const grown = more.peakRssBytes - one.peakRssBytes
    assert.ok(grown < 16 * 1024 * 1024, `${one.peakRssBytes} and ${more.peakRssBytes} bytes`)
  })
})
