import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { descriptor, part } from '#support/images'
import { generatedBlob, mediaTypes, startRegistry } from '#support/registry'
import { tagboat } from './tagboat.ts'

const MIB = 1024 ** 2

/** The most memory that a copy of one layer of this size took. */
async function peakOf(size: number): Promise<number> {
  await using source = await startRegistry()
  await using target = await startRegistry({ discardBlobs: true })
  const layer = generatedBlob(`large ${size}`, size)
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
  return run.peakRssBytes
}

describe('a large layer', { timeout: 60_000 }, () => {
  test('goes through in memory that does not grow with it', async () => {
    const [small, large] = [await peakOf(64 * MIB), await peakOf(256 * MIB)]
    assert.ok(small > 0 && large < 100 * MIB, `${large / MIB} MiB`)
    assert.ok(large < small + 16 * MIB, `${large / MIB} MiB, and ${small / MIB} for a quarter of it`)
  })
})
