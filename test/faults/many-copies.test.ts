import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { setInterval } from 'node:timers/promises'
import { getBlobRaw, getManifestRaw } from '#support/client'
import { startDockerRegistry } from '#support/docker-registry'
import { type FaultProxy, faults, startFaultProxy } from '#support/fault-proxy'
import { descriptor, part } from '#support/images'
import { type Content, generatedBlob, mediaTypes, type Registry, startRegistry } from '#support/registry'
import { startTagboat } from '../cli/tagboat.ts'
import { ON_DOCKER_REGISTRY } from './stage.ts'

const COPIES = 20
const MIB = 1024 ** 2
const SIZE = 20 * MIB
const names = Array.from({ length: COPIES }, (_, at) => `big/app${at}`)

describe('twenty copies of large layers at once, to a target that is slow', ON_DOCKER_REGISTRY, () => {
  test('take little memory, no disk, and read no more than they can send', async () => {
    await using source = await startRegistry()
    await using b = await startDockerRegistry()
    await using target = await startFaultProxy(b.url)
    target.fault({ method: ['PUT', 'PATCH'], path: /uploads/ }, faults.throttleUpload(100 * MIB))
    const layers = names.map((name) => pushBig(source, name))
    const folder = mkdtempSync(join(tmpdir(), 'tagboat-many-'))
    try {
      const file = join(folder, 'promotions.yaml')
      writeFileSync(
        file,
        names
          .map((name) => `- { source: ${source.host}/${name}:1, target: ${target.host}/${name} }\n`)
          .join(''),
      )
      const empty = mkdtempSync(join(folder, 'empty-'))
      const env = { TMPDIR: empty, HOME: empty }
      const run = startTagboat(['copy', '--no-referrers', '--from', file], { env })
      const watched = watch(run.pid, run.finished, source, target, empty)
      const { code, stderr, stdout, peakRssBytes } = await run.finished
      assert.equal(code, 0, stderr)
      assert.match(stdout, /\n20 of 20 promotions/)
      const { ahead, atOnce, written } = await watched
      assert.ok(atOnce >= 10, `${atOnce} at once`)
      // Most of it is the kernel's, which gives much room to readers that read much, seldom.
      assert.ok(ahead <= 16 * MIB, `${ahead / MIB} MiB read ahead of what was taken`)
      assert.deepEqual([written, readdirSync(empty)], [[], []], 'nothing is kept on disk')
      assert.ok(peakRssBytes < 150 * MIB, `${peakRssBytes / MIB} MiB`)
      for (const [at, name] of names.entries()) {
        const { digest = '' } = layers[at] ?? {}
        assert.equal((await getManifestRaw(b.url, name, '1')).status, 200)
        assert.deepEqual(await getBlobRaw(b.url, name, digest), { status: 200, digest, size: SIZE })
      }
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

function pushBig(registry: Registry, name: string): Content {
  const layer = generatedBlob(name, SIZE)
  const config = part('application/vnd.oci.image.config.v1+json', '{"os":"linux","architecture":"amd64"}')
  registry.putContent(name, layer)
  registry.putBlob(name, config.bytes)
  const layers = [{ mediaType: 'application/vnd.oci.image.layer.v1.tar', digest: layer.digest, size: SIZE }]
  const value = { schemaVersion: 2, mediaType: mediaTypes.ociManifest, config: descriptor(config), layers }
  registry.putManifest(name, '1', Buffer.from(JSON.stringify(value)), mediaTypes.ociManifest)
  return layer
}

/** What was seen until the process ended: how far any layer was read ahead of what the target had taken of it, and how many at once. */
async function watch(
  pid: number,
  finished: Promise<unknown>,
  source: Registry,
  target: FaultProxy,
  folder: string,
) {
  let ended = false
  finished.finally(() => {
    ended = true
  })
  const seen = { ahead: 0, atOnce: 0, written: [] as string[] }
  for await (const _ of setInterval(20)) {
    if (ended) return seen
    const under = names.map((name) => {
      const read = source.find({ method: 'GET', path: new RegExp(`/${name}/blobs/`) })
      const sent = target.find({ method: ['PUT', 'PATCH'], path: new RegExp(`/${name}/blobs/`) })
      const sum = (all: readonly { bytesIn: number; bytesOut: number }[], key: 'bytesIn' | 'bytesOut') =>
        all.reduce((total, one) => total + one[key], 0)
      return { read: sum(read, 'bytesOut'), sent: sum(sent, 'bytesIn') }
    })
    seen.ahead = Math.max(seen.ahead, ...under.map(({ read, sent }) => read - sent))
    seen.atOnce = Math.max(seen.atOnce, under.filter(({ sent }) => sent > 0 && sent < SIZE).length)
    seen.written.push(...openFiles(pid).filter((path) => path.startsWith(folder)))
  }
  return seen
}

function openFiles(pid: number): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`))
  } catch {
    return []
  }
}
