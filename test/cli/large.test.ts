import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { descriptor, part } from '#support/images'
import { generatedBlob, mediaTypes, startRegistry } from '#support/registry'
import { tagboat } from './tagboat.ts'

const size = 1024 ** 3

describe('a layer of one gibibyte', { timeout: 120_000 }, () => {
  test('goes through in memory that does not grow with it', async () => {
    await using source = await startRegistry()
    await using target = await startRegistry({ discardBlobs: true })
    const layer = generatedBlob('large', size)
    const config = part('application/vnd.oci.image.config.v1+json', '{"os":"linux","architecture":"amd64"}')
    source.putContent('team/app', layer)
    source.putBlob('team/app', config.bytes)
    const manifest = part(
      mediaTypes.ociManifest,
      JSON.stringify({
        schemaVersion: 2,
        mediaType: mediaTypes.ociManifest,
        config: descriptor(config),
        layers: [{ mediaType: 'application/vnd.oci.image.layer.v1.tar', digest: layer.digest, size }],
      }),
    )
    source.putManifest('team/app', '1.0', manifest.bytes, manifest.mediaType)
    const operands = [`${source.host}/team/app:1.0`, `${target.host}/prod/app`]
    // The very first run of a clone compiles TypeScript, which takes more memory than any promotion.
    assert.equal((await tagboat(['plan', ...operands])).code, 0)
    const run = await tagboat(['copy', '--json', ...operands])
    assert.equal(run.code, 0, run.stderr)
    assert.equal(JSON.parse(run.stdout).bytes.sent, size + config.bytes.length)
    assert.ok(target.hasBlob('prod/app', layer.digest))
    assert.ok(
      run.peakRssBytes > 0 && run.peakRssBytes < 100 * 1024 ** 2,
      `${run.peakRssBytes / 1024 ** 2} MiB`,
    )
  })
})
