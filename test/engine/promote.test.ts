import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { cancelExecution, retryExecution } from '#engine'
import { ModelError, Secret } from '#model'
import { hello, layers, push } from '#support/images'
import { faults, type RequestMatch } from '#support/registry'
import { promotionOf } from '#support/store'
import { type Stage, setStage } from './stage.ts'

const BIG_PUT: RequestMatch = {
  method: 'PUT',
  path: /\/uploads\//,
  when: ({ headers }) => Number(headers['content-length']) > 100_000,
}
const TAG_PUT = { method: 'PUT', path: /\/manifests\/prod$/ }

async function stageWith(
  image = layers(2, 50_000),
  options?: Parameters<typeof setStage>[0],
): Promise<Stage> {
  const stage = await setStage(options)
  await push(stage.source.url, 'team/app', '1', image)
  return stage
}

function tagged(stage: Stage): string | undefined {
  return stage.target.getManifest('live/app', 'prod')?.digest
}

suite('an execution', { timeout: 60_000 }, () => {
  test('copies the image to the other registry, byte for byte, and tells what it did', async () => {
    const image = layers(2, 50_000)
    await using stage = await stageWith(image)
    const { id } = await stage.start(await stage.pipeline({}))
    const done = await stage.ended(id)
    const [action] = done.actions
    assert.equal(done.status, 'succeeded')
    assert.equal(action?.status, 'succeeded')
    assert.equal(action?.progress, 100)
    assert.equal(action?.pinned, image.top.digest)
    assert.equal(action?.outcome?.digest, image.top.digest)
    assert.equal(action?.outcome?.previous, undefined)
    assert.equal(
      action?.outcome?.bytes.sent,
      image.blobs.reduce((sum, { bytes }) => sum + bytes.length, 0),
    )
    assert.deepEqual(Object.keys(action?.outcome?.phases ?? {}), ['plan', 'copy', 'tag', 'verify'])
    const counted = (registry: Stage['source']): number => registry.count({ path: /^\/v2\/.+/ })
    assert.equal(action?.outcome?.requests, counted(stage.target) + counted(stage.source) - pushed(image))
    assert.deepEqual(stage.target.getManifest('live/app', 'prod')?.bytes, image.top.bytes)
    const log = await stage.log(done)
    for (const line of [
      /^from 127/,
      /^pinned sha256:/,
      /^plan: copy 3 .*tag 1$/,
      /^sent 1.* of 1/,
      /^tagged prod/,
    ])
      assert.ok(
        log.some((text) => line.test(text)),
        `${line} in ${log.join('\n')}`,
      )
  })

  test('is retagging where the repository is the same: one PUT, no blob', async () => {
    const image = hello()
    await using stage = await stageWith(image)
    stage.source.clear()
    const { id } = await stage.start(
      await stage.pipeline({ to: { registry: stage.source.host, image: 'team/app' } }),
    )
    assert.equal((await stage.ended(id)).status, 'succeeded')
    assert.equal(stage.source.getManifest('team/app', 'prod')?.digest, image.top.digest)
    assert.equal(stage.source.count({ path: /\/blobs\// }), 0)
    assert.equal(stage.source.count({ method: 'PUT' }), 1)
  })

  test('runs what was asked for when it was started, whatever the action has become', async () => {
    await using stage = await stageWith(hello(), { worker: false })
    const pipeline = await stage.pipeline({})
    const { id } = await stage.start(pipeline)
    const [action] = await stage.store.actions.list(pipeline.id)
    assert.ok(action)
    const target = { ...promotionOf(action).target, tag: 'other' }
    const changed = { ...action, promotion: { ...promotionOf(action), target } }
    await stage.store.actions.save(changed as typeof action)
    await stage.work()
    assert.equal((await stage.ended(id)).status, 'succeeded')
    assert.deepEqual(stage.target.tags('live/app'), ['prod'])
  })

  test('runs its actions in order, and none after a failure that is not ignored', async () => {
    await using stage = await stageWith()
    const pipeline = await stage.pipeline(
      { from: { tag: 'none' }, ignoreErrors: true },
      { disabled: true },
      { to: { tag: 'stage' } },
      { from: { tag: 'gone' } },
      { to: { tag: 'never' } },
      { to: { tag: 'rescue' }, triggerTime: 'on-failure' },
      { to: { tag: 'unheard' }, triggerTime: 'on-back-to-success' },
    )
    const done = await stage.ended((await stage.start(pipeline)).id)
    assert.equal(done.status, 'failed')
    assert.deepEqual(
      done.actions.map(({ status }) => status),
      ['failed', 'skipped', 'succeeded', 'failed', 'not-executed', 'succeeded', 'skipped'],
    )
    assert.deepEqual(stage.target.tags('live/app'), ['rescue', 'stage'])
    assert.match((await stage.log(done, 6)).join(), /skipped: the run before had not failed/)
  })

  test('succeeds where every failure is ignored', async () => {
    await using stage = await stageWith()
    const pipeline = await stage.pipeline({ from: { tag: 'none' }, ignoreErrors: true }, {})
    assert.equal((await stage.ended((await stage.start(pipeline)).id)).status, 'succeeded')
  })

  test('runs only the actions it was asked to run', async () => {
    await using stage = await stageWith()
    const pipeline = await stage.pipeline({ to: { tag: 'a' } }, { to: { tag: 'b' } })
    const [, second] = await stage.store.actions.list(pipeline.id)
    assert.ok(second)
    const done = await stage.ended((await stage.start(pipeline, { actionsToRun: [second.id] })).id)
    assert.equal(done.actions.length, 1)
    assert.deepEqual(stage.target.tags('live/app'), ['b'])
  })

  test('is refused for unknown actions, for none, and for a pipeline with nothing to run', async () => {
    await using stage = await setStage({ worker: false })
    const refused = (code: string, field?: string) => (error: unknown) =>
      error instanceof ModelError && error.code === code && error.field === field
    const pipeline = await stage.pipeline({ disabled: true })
    const unknown = [4_000_000 as never]
    await assert.rejects(
      stage.start(pipeline, { actionsToRun: unknown }),
      refused('INVALID', 'actions_to_run'),
    )
    await assert.rejects(stage.start(pipeline, { actionsToRun: [] }), refused('INVALID', 'actions_to_run'))
    await assert.rejects(stage.start(pipeline), refused('CONFLICT'))
    await assert.rejects(stage.start(await stage.pipeline()), refused('CONFLICT'))
    await assert.rejects(stage.start({ ...pipeline, disabled: true }), refused('CONFLICT'))
  })
})

suite('a failure', { timeout: 60_000 }, () => {
  async function failureOf(stage: Stage, ...actions: Parameters<Stage['pipeline']>) {
    const done = await stage.ended((await stage.start(await stage.pipeline(...actions))).id)
    assert.equal(done.status, 'failed')
    const { failure } = done.actions[0] ?? {}
    assert.ok(failure)
    assert.ok((await stage.log(done)).some((line) => line.startsWith(`failed: ${failure.code}`)))
    return failure
  }

  test('names code and side: a source that is not there', async () => {
    await using stage = await stageWith()
    const { code, side, retryable } = await failureOf(stage, { from: { tag: 'none' } })
    assert.deepEqual([code, side, retryable], ['MANIFEST_UNKNOWN', 'source', false])
  })

  test('names code and side: a target that does not let us in', async () => {
    const basic = { kind: 'basic', username: 'ann', password: 'right' } as const
    await using stage = await stageWith(hello(), { target: { auth: basic } })
    const wrong = { username: 'ann', password: new Secret('wrong-c4n4ry') }
    const failure = await failureOf(stage, { to: wrong })
    assert.deepEqual([failure.code, failure.side], ['UNAUTHORIZED', 'target'])
    assert.ok(!JSON.stringify(failure).includes('c4n4ry'))
    const right = { username: 'ann', password: new Secret('right') }
    assert.equal(
      (await stage.ended((await stage.start(await stage.pipeline({ to: right }))).id)).status,
      'succeeded',
    )
  })

  test('names code and side: a registry that is not up', async () => {
    await using stage = await stageWith()
    stage.target.fault({ path: /^\/v2\// }, faults.respond(503))
    const { code, side, retryable } = await failureOf(stage, {})
    assert.deepEqual([code, side, retryable], ['REGISTRY_UNAVAILABLE', 'target', true])
  })

  test('of an immutable tag leaves the tag where it is', async () => {
    await using stage = await stageWith()
    await push(stage.target.url, 'live/app', 'prod', hello('old'))
    const before = tagged(stage)
    stage.target.fault(TAG_PUT, faults.respondError(403, 'DENIED', 'tag is immutable'))
    const { side } = await failureOf(stage, {})
    assert.equal(side, 'target')
    assert.equal(tagged(stage), before)
  })

  test('is what an integration that was removed leads to', async () => {
    await using stage = await stageWith(hello(), { worker: false })
    const integration = await stage.integration('mine', {
      username: new Secret('u'),
      password: new Secret('p'),
    })
    const { id } = await stage.start(await stage.pipeline({ to: { integration: 'mine' } }))
    await stage.store.integrations.remove(integration.hash)
    await stage.work()
    const { failure } = (await stage.ended(id)).actions[0] ?? {}
    assert.deepEqual([failure?.code, failure?.side], ['INTEGRATION_UNKNOWN', 'target'])
    assert.match(failure?.message ?? '', /mine/)
    assert.equal(stage.target.requests.length, 0)
  })

  test('is what an integration of another project leads to', async () => {
    await using stage = await stageWith(hello())
    const secrets = { username: new Secret('u'), password: new Secret('p') }
    await stage.integration('theirs', secrets, { scope: 'project', projectName: 'another' })
    assert.equal((await failureOf(stage, { to: { integration: 'theirs' } })).code, 'INTEGRATION_UNKNOWN')
  })

  test('is what an integration leads to that is not for the pipeline, or is none for registries', async () => {
    await using stage = await stageWith(hello())
    const secrets = { username: new Secret('u'), password: new Secret('p') }
    await stage.integration('held', secrets, { allPipelines: false })
    await stage.integration('chat', { token: new Secret('t') }, { type: 'slack' })
    for (const [integration, code] of [
      ['held', 'INTEGRATION_DENIED'],
      ['chat', 'INTEGRATION_UNSUITABLE'],
    ] as const) {
      const failure = await failureOf(stage, { to: { integration } })
      assert.deepEqual([failure.code, failure.side], [code, 'target'])
      assert.match(failure.message, new RegExp(integration))
    }
    assert.equal(stage.target.requests.length, 0)
  })

  test('comes at the time limit of the action', async () => {
    await using stage = await stageWith()
    const held = stage.target.fault({ method: 'POST', path: /\/uploads\/$/ }, faults.gate())
    const { code } = await failureOf(stage, { timeoutMs: 1000 })
    assert.equal(code, 'TIMEOUT')
    assert.ok(held.hits > 0)
    assert.equal(tagged(stage), undefined)
  })
})

suite('credentials', { timeout: 60_000 }, () => {
  test('of an integration are not shown to another registry, and the log says so', async () => {
    await using stage = await stageWith()
    await stage.integration('hub', { username: new Secret('ann'), password: new Secret('c4n4ry') })
    const done = await stage.ended(
      (await stage.start(await stage.pipeline({ to: { integration: 'hub' } }))).id,
    )
    assert.equal(done.status, 'succeeded', 'where nobody asks')
    assert.match((await stage.log(done)).join('\n'), /integration hub: not for 127\.0\.0\.1:\d+, so nothing/)
    const basic = { kind: 'basic', username: 'ann', password: 'c4n4ry' } as const
    await using closed = await stageWith(hello(), { target: { auth: basic } })
    await closed.integration('hub', { username: new Secret('ann'), password: new Secret('c4n4ry') })
    const refused = await closed.ended(
      (await closed.start(await closed.pipeline({ to: { integration: 'hub' } }))).id,
    )
    const failure = refused.actions[0]?.failure
    assert.deepEqual([failure?.code, failure?.side], ['UNAUTHORIZED', 'target'])
    assert.ok(closed.target.requests.every(({ headers }) => headers.authorization === undefined))
  })

  test('of an integration go to the registry of its kind', async () => {
    const basic = { kind: 'basic', username: 'ann', password: 'right' } as const
    await using stage = await stageWith(hello(), {
      target: { auth: basic },
      network: ({ target }) => ({ endpoints: new Map([['docker.io', new URL(target.url)]]) }),
    })
    await stage.integration('hub', { username: new Secret('ann'), password: new Secret('right') })
    const hub = { kind: 'docker-hub', registry: undefined, integration: 'hub' } as const
    const done = await stage.ended((await stage.start(await stage.pipeline({ to: hub }))).id)
    assert.equal(done.status, 'succeeded', done.actions[0]?.failure?.message ?? '')
    assert.equal(tagged(stage), hello().top.digest)
  })
})

suite('a cancel', { timeout: 60_000 }, () => {
  test('in mid blob ends the execution at once, gives up the upload and leaves the tag where it was', async () => {
    await using stage = await stageWith(layers(1, 4_000_000))
    const slow = stage.target.fault(BIG_PUT, faults.throttleUpload(200_000))
    const { id } = await stage.start(await stage.pipeline({}, { to: { tag: 'next' } }))
    await slow.reached
    const began = performance.now()
    assert.equal((await cancelExecution(stage.store, id, new Date())).status, 'terminating')
    const done = await stage.ended(id)
    assert.ok(performance.now() - began < 5000, `${performance.now() - began} ms`)
    assert.equal(done.status, 'terminated')
    assert.deepEqual(
      done.actions.map(({ status }) => status),
      ['terminated', 'not-executed'],
    )
    assert.equal(tagged(stage), undefined)
    assert.equal((await cancelExecution(stage.store, id, new Date())).status, 'terminated')
    assert.equal(stage.target.count({ method: 'DELETE', path: /\/uploads\// }), 1)
  })

  test('before anybody works on it ends it there and then, and nothing is ever sent', async () => {
    await using stage = await stageWith(hello(), { worker: false })
    const { id } = await stage.start(await stage.pipeline({}))
    assert.equal((await cancelExecution(stage.store, id, new Date())).status, 'terminated')
    const other = await stage.start(await stage.pipeline({ to: { tag: 'later' } }))
    await stage.work()
    await stage.ended(other.id)
    assert.equal((await stage.ended(id)).status, 'terminated')
    assert.equal(tagged(stage), undefined)
  })

  test('that comes when the tag has moved comes too late, and the execution says so', async () => {
    await using stage = await stageWith()
    const held = stage.target.fault(TAG_PUT, faults.gate('answer'))
    const { id } = await stage.start(await stage.pipeline({}))
    await held.reached
    await cancelExecution(stage.store, id, new Date())
    held.release()
    const done = await stage.ended(id)
    assert.equal(done.status, 'succeeded')
    assert.ok(tagged(stage) !== undefined)
  })

  test('of a finished execution is refused and changes nothing', async () => {
    await using stage = await stageWith()
    const { id } = await stage.start(await stage.pipeline({}))
    const done = await stage.ended(id)
    await assert.rejects(
      cancelExecution(stage.store, id, new Date()),
      (error) => error instanceof ModelError && error.code === 'CONFLICT',
    )
    assert.deepEqual(await stage.store.executions.findById(id), done)
  })
})

suite('a retry', { timeout: 60_000 }, () => {
  test('goes on with the digest that was pinned, though the source has moved on', async () => {
    const first = layers(1, 20_000, 'first')
    await using stage = await stageWith(first)
    const broken = stage.target.fault({ method: 'POST' }, faults.respond(503))
    const { id } = await stage.start(await stage.pipeline({}))
    assert.equal((await stage.ended(id)).status, 'failed')
    broken.remove()
    await push(stage.source.url, 'team/app', '1', hello('second'))
    await retryExecution(stage.store, id, new Date())
    const done = await stage.ended(id)
    assert.equal(done.status, 'succeeded')
    assert.equal(tagged(stage), first.top.digest)
  })

  test('does not do again what has succeeded', async () => {
    await using stage = await stageWith()
    const { id } = await stage.start(await stage.pipeline({ to: { tag: 'a' } }, { from: { tag: 'late' } }))
    assert.equal((await stage.ended(id)).status, 'failed')
    await push(stage.source.url, 'team/app', 'late', hello('late'))
    stage.target.deleteTag('live/app', 'a')
    await retryExecution(stage.store, id, new Date())
    assert.equal((await stage.ended(id)).status, 'succeeded')
    assert.deepEqual(stage.target.tags('live/app'), ['prod'])
  })

  test('of what succeeded is refused', async () => {
    await using stage = await stageWith()
    const { id } = await stage.start(await stage.pipeline({}))
    await stage.ended(id)
    await assert.rejects(
      retryExecution(stage.store, id, new Date()),
      (error) => error instanceof ModelError && error.code === 'CONFLICT',
    )
  })
})

suite('two executions for one tag', { timeout: 60_000 }, () => {
  test('take turns, and the chain of previous digests has no gap', async () => {
    const [one, two] = [layers(1, 30_000, 'one'), layers(1, 30_000, 'two')]
    await using stage = await stageWith(one)
    await push(stage.source.url, 'team/app', '2', two)
    stage.target.fault({ path: /\/blobs\// }, faults.delay(100))
    const first = await stage.start(await stage.pipeline({}))
    const second = await stage.start(await stage.pipeline({ from: { tag: '2' } }))
    const ends = [await stage.ended(first.id), await stage.ended(second.id)]
    assert.deepEqual(
      ends.map(({ status }) => status),
      ['succeeded', 'succeeded'],
    )
    assert.equal(ends[0]?.actions[0]?.outcome?.previous, undefined)
    assert.equal(ends[1]?.actions[0]?.outcome?.previous, one.top.digest)
    assert.equal(tagged(stage), two.top.digest)
    const [a, b] = stage.target.find(TAG_PUT)
    assert.ok(a && b && (a.endedAt ?? Number.POSITIVE_INFINITY) <= b.at)
  })
})

// Each blob: POST and PUT; each manifest: PUT.
function pushed(image: ReturnType<typeof hello>): number {
  return image.blobs.length * 2 + image.manifests.length
}
