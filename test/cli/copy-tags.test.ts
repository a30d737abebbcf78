import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { getManifestRaw, listTags } from '#support/client'
import { type Image, layers, push } from '#support/images'
import { faults, startRegistry } from '#support/registry'
import { tagboat } from './tagboat.ts'

/** Images that share all layers but their config, as builds of one application do. */
async function pushTags(url: string, tags: readonly string[]): Promise<Map<string, Image>> {
  const base = layers(4, 4096, 'base')
  const pushed = new Map<string, Image>()
  for (const tag of tags) {
    const image = layers(1, 512, tag)
    pushed.set(tag, image)
    await push(url, 'team/app', tag, image)
  }
  await push(url, 'team/app', 'v1.base', base)
  await push(url, 'team/app', 'v1.same', base)
  return pushed.set('v1.base', base).set('v1.same', base)
}

describe('tagboat copy --tags', { timeout: 60_000 }, () => {
  const tags = ['v1.0', 'v1.1', 'v1.10', 'v2.0', 'nightly']

  test('promotes the tags that match any of the globs, each blob once', async () => {
    await using source = await startRegistry()
    await using target = await startRegistry()
    const images = await pushTags(source.url, tags)
    const args = [
      'copy',
      '--tags',
      'v1.*',
      '--tags',
      'v[23].?',
      `${source.host}/team/app`,
      `${target.host}/prod/app`,
    ]
    const run = await tagboat(args)
    assert.equal(run.code, 0, run.stderr)
    const expected = ['v1.0', 'v1.1', 'v1.10', 'v1.base', 'v1.same', 'v2.0']
    assert.deepEqual(await listTags(target.url, 'prod/app'), expected)
    for (const tag of expected)
      assert.equal((await getManifestRaw(target.url, 'prod/app', tag)).digest, images.get(tag)?.top.digest)
    const puts = target.find({ method: 'PUT', path: /\/blobs\// }).map(({ query }) => query.get('digest'))
    assert.equal(puts.length, new Set(puts).size, 'a blob was sent twice')
    target.clear()
    const again = await tagboat(args)
    assert.equal(again.code, 0, again.stderr)
    assert.equal(target.count({ method: ['PUT', 'POST', 'PATCH'] }), 0)
    assert.equal(target.count(), 1 + expected.length, 'the tags are listed, and each is looked at')
  })

  test('fails where the source is no repository, and says when no tag of it matches', async () => {
    await using source = await startRegistry()
    await using target = await startRegistry()
    await pushTags(source.url, tags)
    const copy = (name: string, glob: string) =>
      tagboat(['copy', '--json', '--tags', glob, `${source.host}/${name}`, `${target.host}/prod/app`])
    const mistyped = await copy('team/ap', '*')
    assert.equal(mistyped.code, 1, mistyped.stdout)
    const { code, side } = JSON.parse(mistyped.stdout).error
    assert.deepEqual([code, side], ['NAME_UNKNOWN', 'source'])
    const none = await copy('team/app', 'x*')
    assert.equal(none.code, 0, none.stderr)
    assert.deepEqual(JSON.parse(none.stdout).tags, [])
    assert.match(none.stderr, /no tag of the source matches/)
  })

  test('with --dry-run shows every tag and writes nothing', async () => {
    await using source = await startRegistry()
    await using target = await startRegistry()
    await pushTags(source.url, tags)
    const args = ['--tags', '*', `${source.host}/team/app`, `${target.host}/prod/app`]
    for (const command of [['copy', '--dry-run'], ['plan']]) {
      const run = await tagboat([...command, ...args])
      assert.equal(run.code, 0, run.stderr)
      assert.match(run.stdout, /prod\/app:nightly@sha256:\S+: copy 2 \(\S+ \S+\) · tag 1\n/)
    }
    assert.equal(target.count({ method: ['PUT', 'POST', 'PATCH'] }), 0)
  })

  test('promotes the others when one tag fails, and fails', async () => {
    await using source = await startRegistry()
    await using target = await startRegistry()
    await pushTags(source.url, tags)
    target.fault(
      { method: 'PUT', path: /\/manifests\/v1\.1$/ },
      faults.respondError(403, 'DENIED', 'immutable'),
    )
    const run = await tagboat([
      'copy',
      '--json',
      '--tags',
      'v1.?',
      `${source.host}/team/app`,
      `${target.host}/prod/app`,
    ])
    assert.equal(run.code, 1)
    const result = JSON.parse(run.stdout)
    assert.equal(result.status, 'failed')
    const states = result.tags.map(({ tag, status }: { tag: string; status: string }) => [tag, status])
    assert.deepEqual(states, [
      ['v1.0', 'done'],
      ['v1.1', 'failed'],
    ])
    assert.deepEqual(await listTags(target.url, 'prod/app'), ['v1.0'])
  })

  test('wants two repositories, and none with a tag', async () => {
    for (const operands of [
      ['127.0.0.1:1/a:1', '127.0.0.1:1/b'],
      ['127.0.0.1:1/a', '127.0.0.1:1/b:1'],
      ['127.0.0.1:1/a', '127.0.0.1:1/a'],
    ])
      assert.equal((await tagboat(['copy', '--tags', '*', ...operands])).code, 2)
  })
})
