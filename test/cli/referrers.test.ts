import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { listTags } from '#support/client'
import { artifact, descriptor, digestTag, index, push, pushReferrer, signature } from '#support/images'
import { startRegistry } from '#support/registry'
import { tagboat } from './tagboat.ts'

describe('tagboat copy and what belongs to an image', { timeout: 60_000 }, () => {
  const image = index()
  const sbom = artifact({ seed: 'sbom', layers: 1, subject: descriptor(image.top) })
  const sig = digestTag(image.top, '.sig')

  test('brings it along by default, leaves it behind when told to, and looks for it again when told to', async () => {
    await using source = await startRegistry()
    await using target = await startRegistry()
    await push(source.url, 'team/app', 'v1', image)
    await pushReferrer(source.url, 'team/app', image.top, sbom)
    const copy = (to: string, ...options: string[]) =>
      tagboat(['copy', ...options, `${source.host}/team/app:v1`, `${target.host}/${to}:v1`])
    const run = await copy('live/app')
    assert.equal(run.code, 0, run.stderr)
    assert.match(run.stdout, / · 1 referrer · /)
    assert.deepEqual(target.manifests('live/app').includes(sbom.top.digest), true)
    assert.equal((await copy('bare/app', '--no-referrers')).code, 0)
    assert.deepEqual(await listTags(target.url, 'bare/app'), ['v1'])
    await push(source.url, 'team/app', sig, signature(image.top))
    assert.match((await copy('live/app')).stdout, /nothing to do · 2 requests/)
    const planned = await copy('live/app', '--referrers', '--dry-run')
    assert.match(
      planned.stdout,
      /attach sha256:\w+ {2}as sha256-\w+\.sig\n.*: copy 2 \(.*\) · put 1 · attach 1\n/,
    )
    assert.match((await copy('live/app', '--referrers')).stdout, / · 1 referrer · /)
    assert.deepEqual(await listTags(target.url, 'live/app'), [digestTag(image.top), sig, 'v1'])
    assert.equal((await copy('live/app', '--referrers', '--no-referrers')).code, 2)
  })

  test('and with --platform a part of it, and says what that does to the digest', async () => {
    await using source = await startRegistry()
    await using target = await startRegistry()
    await push(source.url, 'team/app', 'v1', image)
    const args = ['--platform', 'linux/arm64', `${source.host}/team/app:v1`, `${target.host}/live/app:v1`]
    const planned = await tagboat(['plan', ...args])
    assert.match(
      planned.stderr,
      /2 of 4 children: the index stays as it is where the target takes it so; else/,
    )
    const run = await tagboat(['copy', '--json', ...args])
    assert.equal(run.code, 0, run.stderr)
    const { digest } = JSON.parse(run.stdout)
    assert.equal(digest, target.getManifest('live/app', 'v1')?.digest)
    assert.match(run.stderr, new RegExp(`${digest} instead of ${image.top.digest}`))
    assert.match((await tagboat(['copy', ...args])).stdout, new RegExp(`@${digest}: nothing to do`))
    assert.equal((await tagboat(['copy', '--platform', 'arm64', ...args.slice(2)])).code, 2)
  })

  test('with --tags takes what is about an image for no image', async () => {
    await using source = await startRegistry()
    await using target = await startRegistry()
    await push(source.url, 'team/app', 'v1', image)
    await push(source.url, 'team/app', sig, signature(image.top))
    const args = ['copy', '--tags', '*', `${source.host}/team/app`, `${target.host}/live/app`]
    const run = await tagboat(args)
    assert.equal(run.code, 0, run.stderr)
    assert.match(run.stdout, /\n1 of 1 tags/)
    assert.deepEqual(await listTags(target.url, 'live/app'), [sig, 'v1'])
    const bare = await tagboat([...args.slice(0, -1), `${target.host}/bare/app`, '--no-referrers'])
    assert.equal(bare.code, 0, bare.stderr)
    assert.deepEqual(await listTags(target.url, 'bare/app'), ['v1'])
  })
})
