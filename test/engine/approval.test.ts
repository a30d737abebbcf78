import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import {
  answerExecution,
  applyExecution,
  cancelExecution,
  createPlanner,
  type Planner,
  planPipeline,
  type Reply,
} from '#engine'
import { type Execution, type Question, Secret } from '#model'
import { hello, layers, push } from '#support/images'
import { type Stage, type StepDraft, setStage } from './stage.ts'

let stage: Stage
let planner: Planner
let places = 0
before(async () => {
  stage = await setStage({ worker: false })
  await stage.work({ baseUrl: 'https://boat.example' })
  planner = createPlanner(stage.store, stage.network, 'https://boat.example')
})
after(() => stage[Symbol.asyncDispose]())

/** A source and a target repository of one's own, with an image in the first under `1`. */
async function newPlace(image = layers(2, 20_000, `approval ${places}`)) {
  places += 1
  const [from, to] = [`team/app${places}`, `live/app${places}`]
  await push(stage.source.url, from, '1', image)
  const tags = () => stage.target.tags(to)
  return { image, from: { image: from }, to: { image: to }, tags, repository: from, target: to }
}

const ask = (question: Partial<Question> = {}, more: object = {}): StepDraft => ({
  type: 'wait-for-apply',
  question: {
    comment: undefined,
    approvers: { others: true, users: [], groups: [] },
    byAnother: false,
    ...question,
  },
  ...more,
})
const askFor = (more: object = {}): StepDraft =>
  ({ ...ask({}, more), type: 'wait-for-variables' }) as StepDraft

const somebody: Reply = { person: { id: 77 as never, groups: [] }, question: undefined, comment: undefined }
const waiting = (id: Execution['id'], as = 'waiting-for-apply') =>
  stage.until(id, ({ status }) => status === as)
const apply = (id: Execution['id'], reply: Partial<Reply> = {}) =>
  applyExecution(planner, id, { ...somebody, ...reply }, new Date())
const statuses = ({ actions }: Execution) => actions.map(({ status }) => status)

suite('an approval', { timeout: 120_000 }, () => {
  test('shows what it is for before it asks, down to the digests and bytes, and lets exactly that happen', async () => {
    const { image, from, to, target, repository, tags } = await newPlace()
    const before = hello('before')
    await push(stage.target.url, target, 'prod', before)
    const comment = 'Ship $BUDDY_PIPELINE_NAME? $BUDDY_RUN_APPROVE_URL'
    const pipeline = await stage.pipeline(ask({ comment }), { name: 'Ship it', from, to })
    const { id } = await stage.start(pipeline)
    const asked = await waiting(id)
    const { approval } = asked.actions[0] ?? {}
    const [planned] = approval?.plan ?? []
    assert.equal(approval?.plan.length, 1)
    assert.deepEqual(
      [planned?.id, planned?.name, planned?.digest, planned?.previous],
      [asked.actions[1]?.id, 'Ship it', image.top.digest, before.top.digest],
    )
    assert.equal(planned?.source, `${stage.source.host}/${repository}:1`)
    assert.equal(planned?.target, `${stage.target.host}/${target}:prod`)
    const bytes = image.blobs.reduce((sum, blob) => sum + blob.bytes.length, 0)
    assert.deepEqual(planned?.bytes, { send: bytes, mount: 0, present: 0 })
    assert.deepEqual(planned?.moves, { mount: 0, copy: image.blobs.length, put: 0, tag: 1 })
    const page = `https://boat.example/ui/${stage.workspace.domain}/p/pipelines/pipeline/${pipeline.id}`
    assert.equal(approval?.question, `Ship ${pipeline.name}? ${page}/execution/1`)
    assert.deepEqual(statuses(asked), ['waiting-for-apply', 'initial'])

    const going = await apply(id, { comment: 'looks good' })
    assert.equal(going.status, 'enqueued')
    const { answer } = going.actions[0]?.approval ?? {}
    assert.deepEqual([answer?.by, answer?.comment], [77, 'looks good'])
    // From here on the source may move as it likes.
    await push(stage.source.url, repository, '1', hello('after'))
    const done = await stage.ended(id)
    assert.equal(done.status, 'succeeded', done.actions[1]?.failure?.message ?? '')
    assert.equal(stage.target.getManifest(target, 'prod')?.digest, image.top.digest)
    assert.deepEqual(tags(), ['prod'])
  })

  test('fails when a source has moved since, and is asked for anew with another plan', async () => {
    const { from, to, target, repository } = await newPlace()
    const { id } = await stage.start(await stage.pipeline(ask(), { from, to }))
    const first = (await waiting(id)).actions[0]?.approval?.plan[0]
    const moved = hello(`moved ${places}`)
    await push(stage.source.url, repository, '1', moved)
    await assert.rejects(apply(id), (error: Error & { code?: string }) => {
      assert.equal(error.code, 'CONFLICT')
      assert.ok(error.message.includes(moved.top.digest) && error.message.includes(first?.digest ?? '?'))
      return true
    })
    const again = await stage.store.executions.findById(id)
    assert.deepEqual(
      [again?.status, again?.actions[0]?.approval?.plan[0]?.digest],
      ['waiting-for-apply', moved.top.digest],
    )
    await apply(id)
    assert.equal((await stage.ended(id)).status, 'succeeded')
    assert.equal(stage.target.getManifest(target, 'prod')?.digest, moved.top.digest)
  })

  test('fails when the tag that it would move names something else by now', async () => {
    const { from, to, target } = await newPlace()
    const { id } = await stage.start(await stage.pipeline(ask(), { from, to }))
    await waiting(id)
    await push(stage.target.url, target, 'prod', hello('somebody else'))
    await assert.rejects(apply(id), { code: 'CONFLICT', message: /is sha256:.* now, and nothing was shown/ })
    await apply(id)
    assert.equal((await stage.ended(id)).status, 'succeeded')
  })

  test('cannot be given for what cannot be planned, unless its errors are ignored', async () => {
    const { from, to, repository } = await newPlace()
    const lost = { from: { ...from, tag: 'late' }, to }
    const { id } = await stage.start(await stage.pipeline(ask(), lost))
    const [planned] = (await waiting(id)).actions[0]?.approval?.plan ?? []
    assert.deepEqual([planned?.failure?.code, planned?.failure?.side], ['MANIFEST_UNKNOWN', 'source'])
    await assert.rejects(apply(id), { code: 'CONFLICT', message: /cannot be planned: MANIFEST_UNKNOWN/ })
    await push(stage.source.url, repository, 'late', hello())
    await assert.rejects(apply(id), { code: 'CONFLICT', message: /there is a new plan to approve/ })
    await apply(id)
    assert.equal((await stage.ended(id)).status, 'succeeded')

    const ignored = { from: { ...from, tag: 'never' }, to, ignoreErrors: true }
    const other = await stage.start(await stage.pipeline(ask(), ignored))
    await waiting(other.id)
    await apply(other.id)
    assert.deepEqual(statuses(await stage.ended(other.id)), ['succeeded', 'failed'])
  })

  test('plans up to the next question, and what takes up what an earlier promotion puts down', async () => {
    const { image, from, to, target } = await newPlace()
    const onward = { registry: stage.target.host, image: target, tag: 'stage' }
    const pipeline = await stage.pipeline(
      ask(),
      { from, to: { ...to, tag: 'stage' } },
      { from: onward, to: { ...to, tag: 'prod' } },
      ask(),
      { from: onward, to: { ...to, tag: 'later' } },
    )
    const { id } = await stage.start(pipeline)
    const [first, second] = (await waiting(id)).actions[0]?.approval?.plan ?? []
    assert.deepEqual([first?.digest, second?.digest ?? second?.failure], [image.top.digest, image.top.digest])
    assert.equal((await stage.store.executions.findById(id))?.actions[0]?.approval?.plan.length, 2)
    await apply(id)
    const next = await stage.until(id, ({ actions }) => actions[3]?.status === 'waiting-for-apply')
    assert.deepEqual(statuses(next), ['succeeded', 'succeeded', 'succeeded', 'waiting-for-apply', 'initial'])
    await waiting(id)
    await apply(id)
    assert.equal((await stage.ended(id)).status, 'succeeded')
  })

  test('is for those who may give it, and for what is asked', async () => {
    const { from, to } = await newPlace()
    const approvers = { others: false, users: [{ id: 77 as never, allowed: true }], groups: [] }
    const { id } = await stage.start(await stage.pipeline(ask({ approvers }), { from, to }))
    const asked = await waiting(id)
    await assert.rejects(apply(id, { person: { id: 78 as never, groups: [] } }), { code: 'FORBIDDEN' })
    await assert.rejects(apply(id, { question: '4000000' }), { code: 'INVALID', field: 'approve_action_id' })
    await assert.rejects(apply(id, { question: asked.actions[1]?.id }), { code: 'CONFLICT' })
    await assert.rejects(answerExecution(stage.store, id, somebody, [], new Date()), { code: 'CONFLICT' })
    assert.equal((await apply(id, { question: asked.actions[0]?.id })).status, 'enqueued')
    await assert.rejects(apply(id), { code: 'CONFLICT' })
    await stage.ended(id)
  })

  test('that nobody gives in time is a failure', async () => {
    const { from, to, tags } = await newPlace()
    const pipeline = await stage.pipeline(
      ask({}, { timeoutMs: 300 }),
      { from, to },
      { from, to: { ...to, tag: 'rescue' }, triggerTime: 'on-failure' },
    )
    const { id } = await stage.start(pipeline)
    await waiting(id)
    const done = await stage.ended(id)
    assert.deepEqual(statuses(done), ['failed', 'not-executed', 'succeeded'])
    assert.equal(done.actions[0]?.failure?.code, 'TIMEOUT')
    assert.deepEqual(tags(), ['rescue'])
  })

  test('that is refused ends the run there and then, and says who and why', async () => {
    const { from, to, tags } = await newPlace()
    const { id } = await stage.start(await stage.pipeline(ask(), { from, to }))
    await waiting(id)
    const off = await cancelExecution(stage.store, id, new Date(), { by: 5 as never, comment: 'not today' })
    assert.deepEqual([off.status, off.cancelled?.by, off.cancelled?.comment], ['terminated', 5, 'not today'])
    assert.deepEqual(tags(), [])
  })

  test('holds no slot, lets other runs of its pipeline pass, and is told of by those who tell', async () => {
    await using other = await setStage({ worker: false })
    await push(other.source.url, 'team/app', '1', hello())
    await other.work({ concurrency: 1 })
    const pipeline = await other.pipeline(
      ask(),
      {},
      { to: { tag: 'told' }, triggerTime: 'on-wait-for-approve' },
    )
    const runs = [await other.start(pipeline), await other.start(pipeline), await other.start(pipeline)]
    for (const { id } of runs) await other.until(id, ({ status }) => status === 'waiting-for-apply')
    assert.deepEqual(other.target.tags('live/app'), ['told'])
    const own = createPlanner(other.store, other.network)
    const [first, ...behind] = runs.toReversed()
    assert.ok(first)
    await applyExecution(own, first.id, somebody, new Date())
    assert.equal((await other.ended(first.id)).status, 'succeeded')
    // What the others would do is not what it was: the tag is there by now.
    for (const { id } of behind) {
      await assert.rejects(applyExecution(own, id, somebody, new Date()), { code: 'CONFLICT' })
      await applyExecution(own, id, somebody, new Date())
      assert.equal((await other.ended(id)).status, 'succeeded')
    }
  })
})

suite('a wait for variables', { timeout: 120_000 }, () => {
  test('takes what the action asks for, once, and what follows uses it', async () => {
    const { from, to, tags } = await newPlace()
    const pipeline = await stage.pipeline(askFor(), { from, to: { ...to, tag: '$TAG-$KIND' } })
    const [action] = await stage.store.actions.list(pipeline.id)
    for (const [key, value] of [
      ['TAG', ''],
      ['KIND', 'usual'],
    ] as const)
      await stage.store.variables.create({
        ...{ workspaceId: stage.workspace.id, projectId: stage.project.id, pipelineId: pipeline.id },
        ...{ actionId: action?.id, key, kind: 'var', value: new Secret(value), encrypted: key === 'TAG' },
        ...{ settable: false, runOnlySettable: false, description: undefined },
        ...{ passphrase: undefined, password: undefined },
        file: { place: 'none', path: undefined, chmod: undefined },
        derived: { checksum: undefined, publicValue: undefined, fingerprint: undefined },
      })
    const { id } = await stage.start(pipeline)
    await waiting(id, 'waiting-for-variables')
    const give = (...values: [string, string][]) =>
      answerExecution(
        stage.store,
        id,
        somebody,
        values.map(([key, value]) => ({ key, value: new Secret(value), encrypted: false })),
        new Date(),
      )
    await assert.rejects(give(), { code: 'INVALID', field: 'variables', message: /TAG is missing/ })
    await assert.rejects(give(['TAG', 'a'], ['OTHER', 'b']), { field: 'variables', message: /not asked for/ })
    const going = await give(['TAG', 'c4n4ry'])
    assert.equal(going.actions[0]?.approval?.answer?.by, 77)
    const done = await stage.ended(id)
    assert.equal(done.status, 'succeeded', done.actions[1]?.failure?.message ?? '')
    assert.deepEqual(tags(), ['c4n4ry-usual'])
    // The action said that it is secret, whoever gives it.
    assert.equal((await stage.log(done, 1)).join().includes('c4n4ry'), false)
  })
})

suite('a plan', { timeout: 120_000 }, () => {
  const plan = async (...steps: StepDraft[]) => {
    const { id: creatorId } = await stage.store.people.owner()
    return planPipeline(planner, await stage.pipeline(...steps), { creatorId }, new Date())
  }

  test('says what each promotion would do, and what is wrong with one, and writes nothing', async () => {
    const { image, from, to, target } = await newPlace()
    stage.target.clear()
    const made = await plan(
      { from, to },
      { from: { ...from, tag: 'none' }, to },
      { from, to: { ...to, tag: '$NOBODY' } },
      { from, to: { ...to, tag: 'off' }, disabled: true },
      ask(),
      { from, to: { ...to, tag: 'rescue' }, triggerTime: 'on-failure' },
    )
    assert.deepEqual(
      made.map(({ digest, failure }) => failure?.code ?? digest),
      [image.top.digest, 'MANIFEST_UNKNOWN', 'VARIABLE_UNDEFINED'],
    )
    assert.deepEqual(
      made.map(({ id }) => id),
      [undefined, undefined, undefined],
    )
    const writes = ({ method }: { readonly method: string }) => method !== 'GET' && method !== 'HEAD'
    assert.deepEqual(stage.target.requests.filter(writes), [])
    assert.deepEqual(stage.target.tags(target), [])
  })

  test('binds the run that is asked for with what it has shown', async () => {
    const { image, from, to, target, repository } = await newPlace()
    const pipeline = await stage.pipeline({ from, to })
    const [action] = await stage.store.actions.list(pipeline.id)
    await push(stage.source.url, repository, '1', hello('moved on'))
    const expected = [{ actionId: action?.id as never, digest: image.top.digest }]
    const done = await stage.ended((await stage.start(pipeline, { expected })).id)
    assert.equal(done.status, 'succeeded', done.actions[0]?.failure?.message ?? '')
    assert.equal(stage.target.getManifest(target, 'prod')?.digest, image.top.digest)
  })
})
