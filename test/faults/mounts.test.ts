import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { getManifestRaw } from '#support/client'
import { type Behaviour, faults } from '#support/fault-proxy'
import { layers } from '#support/images'
import { FaultStage, ON_DOCKER_REGISTRY } from './stage.ts'

const image = layers(3, 100_000, 'mounts')

describe('a mount', ON_DOCKER_REGISTRY, () => {
  let stage: FaultStage
  before(async () => {
    stage = await FaultStage.set()
  })
  after(() => stage[Symbol.asyncDispose]())

  const mounts = { method: 'POST', url: /mount=/ }
  /** Promotes within the source's registry, and answers with what came of it. */
  const within = async (name: string) => {
    const { receipt } = await stage.promote(name, {}, { to: `${stage.source.host}/live/${name}` })
    assert.equal((await getManifestRaw(stage.source.url, `live/${name}`, 'prod')).digest, image.top.digest)
    assert.deepEqual(stage.openUploads(stage.source), [])
    return receipt
  }

  test('moves no byte', async () => {
    const name = await stage.ready(image)
    const { bytes } = await within(name)
    assert.equal(bytes.sent, 0)
    assert.equal(stage.source.count(mounts), image.blobs.length)
    assert.equal(stage.source.count({ method: 'GET', path: /\/blobs\// }), 0)
  })

  const ways: [string, Behaviour][] = [
    ['an upload that is begun instead', faults.unqueried('mount', 'from')],
    ...[400, 401, 403, 404, 405, 500, 501].map((status): [string, Behaviour] => [
      `${status}`,
      faults.respond(status),
    ]),
    ['401 and a challenge', faults.respond(401, { headers: { 'www-authenticate': 'Basic realm="x"' } })],
    ['a reset', faults.drop('request', 'reset')],
    ['an end', faults.drop('request', 'end')],
    ['201 and no blob', faults.respond(201)],
  ]
  for (const [how, behaviour] of ways) {
    test(`that is met with ${how} is made up for by an upload, and tried once for each blob`, async () => {
      const name = await stage.ready(image)
      const fault = stage.source.fault(mounts, behaviour)
      await within(name)
      assert.equal(fault.hits, image.blobs.length)
    })
  }

  for (const status of [429, 503]) {
    test(`that is to be tried later (${status}) is, and no byte moves`, async () => {
      const name = await stage.ready(image)
      stage.source.fault(mounts, faults.respond(status), { times: 1 })
      assert.equal((await within(name)).bytes.sent, 0)
    })
  }
})
