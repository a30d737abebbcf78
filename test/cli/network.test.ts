import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { certificate } from '#support/certificate'
import { startForwardProxy } from '#support/forward-proxy'
import { hello } from '#support/images'
import { type Registry, type RegistryOptions, startRegistry } from '#support/registry'
import { tagboat } from './tagboat.ts'

const image = hello('network')

async function stand(options: RegistryOptions = {}): Promise<Registry> {
  const registry = await startRegistry(options)
  for (const { bytes } of image.blobs) registry.putBlob('team/app', bytes)
  registry.putManifest('team/app', 'v1', image.top.bytes, image.top.mediaType)
  return registry
}

describe('the environment', { timeout: 60_000 }, () => {
  test('names proxies, and what is reached without them', async () => {
    await using source = await stand()
    await using target = await startRegistry()
    await using proxy = await startForwardProxy({ names: { 'registry.example': source.host } })
    const env = { http_proxy: proxy.host, NO_PROXY: '127.0.0.1' }
    const run = await tagboat(['copy', 'http://registry.example/team/app:v1', `${target.host}/live/app`], {
      env,
    })
    assert.equal(run.code, 0, run.stderr)
    assert.equal(target.getManifest('live/app', 'v1')?.digest, image.top.digest)
    assert.ok(proxy.requests.length > 0)
    assert.ok(
      proxy.requests.every(({ target: url }) => url.startsWith('http://registry.example/v2/team/app/')),
    )
  })

  test('names an authority to believe, and refuses a file that is none', async () => {
    await using source = await stand({ tls: certificate })
    const folder = await mkdtemp(join(tmpdir(), 'tagboat-ca-'))
    try {
      await writeFile(join(folder, 'ca.pem'), certificate.cert)
      await writeFile(join(folder, 'none.pem'), 'nothing')
      const inspect = (env: Record<string, string>) =>
        tagboat(['inspect', `https://${source.host}/team/app:v1`], { env })
      const believed = await inspect({ TAGBOAT_CA_FILE: join(folder, 'ca.pem') })
      assert.equal(believed.code, 0, believed.stderr)
      assert.match((await inspect({})).stderr, /SELF_SIGNED/)
      for (const file of ['none.pem', 'missing.pem']) {
        const refused = await inspect({ TAGBOAT_CA_FILE: join(folder, file) })
        assert.equal(refused.code, 2)
        assert.match(refused.stderr, /TAGBOAT_CA_FILE/)
      }
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})
