import assert from 'node:assert/strict'
import { after, afterEach, before, suite, test } from 'node:test'
import { setVariables } from '#engine'
import { type Execution, type Pipeline, Secret, type VariableDraft } from '#model'
import { hello, push } from '#support/images'
import { faults } from '#support/registry'
import { type Stage, type StepDraft, setStage } from './stage.ts'

const CREDENTIALS = { kind: 'basic', username: 'ann', password: 'right-c4n4ry' } as const

let stage: Stage
let places = 0
before(async () => {
  stage = await setStage({ target: { auth: CREDENTIALS } })
  await push(stage.source.url, 'team/app', '1', hello())
  await push(stage.source.url, 'team/other', '7', hello('other'))
})
afterEach(() => {
  stage.target.clearFaults()
  stage.target.clear()
})
after(() => stage[Symbol.asyncDispose]())

function newImage(): string {
  places += 1
  return `live/app${places}`
}

const ann = { username: 'ann', password: new Secret(CREDENTIALS.password) }
const pass = (variables: Readonly<Record<string, string>>, encrypted = false) => ({
  variables: Object.entries(variables).map(([key, value]) => ({ key, value: new Secret(value), encrypted })),
})

async function end(pipeline: Pipeline, request: Parameters<Stage['start']>[1] = {}): Promise<Execution> {
  return stage.ended((await stage.start(pipeline, request)).id)
}

async function failureOf(step: StepDraft, request: Parameters<Stage['start']>[1] = {}) {
  const done = await end(await stage.pipeline(step), request)
  const { failure } = done.actions[0] ?? {}
  assert.ok(failure, `${done.status}`)
  return [failure.code, failure.side, failure.message] as const
}

/** A variable of the workspace, or of what else is named. */
async function keep(key: string, value: string, more: Partial<VariableDraft> = {}): Promise<void> {
  await stage.store.variables.create({
    ...{ workspaceId: stage.workspace.id, projectId: undefined, pipelineId: undefined, actionId: undefined },
    ...{ key, kind: 'var', value: new Secret(value), encrypted: false, settable: false },
    ...{ runOnlySettable: false, description: undefined, passphrase: undefined, password: undefined },
    file: { place: 'none', path: undefined, chmod: undefined },
    derived: { checksum: undefined, publicValue: undefined, fingerprint: undefined },
    ...more,
  })
}

suite('variables', { timeout: 120_000 }, () => {
  test('are filled in in every text of both images, and checked like what is written', async () => {
    const image = newImage()
    const pipeline = await stage.pipeline({
      from: { registry: '$FROM', image: `\${TEAM}/other`, tag: '$VERSION' },
      to: {
        ...{ registry: '$TO', image: `$WHERE/${image.slice(5)}`, tag: `v\${VERSION}` },
        ...{ username: '$USER', password: new Secret(`\${PASSWORD}`) },
      },
    })
    const said = { FROM: stage.source.host, TEAM: 'team', VERSION: '7', TO: stage.target.host, WHERE: 'live' }
    await keep('USER', 'ann')
    await keep('PASSWORD', CREDENTIALS.password, { encrypted: true })
    // The registry is not one that was passed: its password would go wherever it says.
    for (const [key, value] of Object.entries(said)) await keep(key, value)
    const done = await end(pipeline)
    assert.equal(done.status, 'succeeded', done.actions[0]?.failure?.message ?? '')
    assert.equal(stage.target.getManifest(image, 'v7')?.digest, hello('other').top.digest)
  })

  test('of a retag leave the place as it is', async () => {
    await push(stage.source.url, 'team/retag', '3', hello())
    const from = { image: 'team/retag', tag: '$V' }
    const pipeline = await stage.pipeline({ from, sameLocation: true, to: { ...NOTHING, tag: 'stable-$V' } })
    const done = await end(pipeline, pass({ V: '3' }))
    assert.equal(done.status, 'succeeded', done.actions[0]?.failure?.message ?? '')
    assert.deepEqual(stage.source.tags('team/retag'), ['3', 'stable-3'])
  })

  test('of a whole image leave its place open until it is known', async () => {
    const pipeline = await stage.pipeline({
      from: { image: '$IMAGE', tag: undefined },
      sameLocation: true,
      to: { ...NOTHING, tag: 'stable' },
    })
    const done = await end(pipeline, pass({ IMAGE: 'team/retag:3' }))
    assert.equal(done.status, 'succeeded', done.actions[0]?.failure?.message ?? '')
    assert.ok(stage.source.tags('team/retag').includes('stable'))
  })

  test('that are not there fail the action by name, and no registry is asked', async () => {
    stage.source.clear()
    const undefined_ = await failureOf({ from: { tag: '$NOBODY' }, to: { image: newImage() } })
    assert.deepEqual(undefined_, ['VARIABLE_UNDEFINED', 'source', 'src.tag: there is no variable NOBODY'])
    const target = await failureOf({ to: { image: `x/\${NOBODY}`, ...ann } })
    assert.deepEqual(target.slice(0, 2), ['VARIABLE_UNDEFINED', 'target'])
    const password = await failureOf({
      to: { image: newImage(), username: 'ann', password: new Secret('$NOBODY') },
    })
    assert.deepEqual(password, ['VARIABLE_UNDEFINED', 'target', 'dest.password: there is no variable NOBODY'])
    const integration = await failureOf({ to: { image: newImage(), integration: '$NOBODY' } })
    assert.deepEqual(integration.slice(0, 2), ['VARIABLE_UNDEFINED', 'target'])
    assert.equal(stage.source.requests.length + stage.target.requests.length, 0)
  })

  test('that make no reference of it fail the action, naming the field', async () => {
    const [code, side, message] = await failureOf(
      { to: { image: newImage(), tag: '$V' } },
      pass({ V: 'a b' }),
    )
    assert.deepEqual([code, side], ['INVALID', 'target'])
    assert.match(message, /^dest\.tag: /)
  })

  test('name an integration, which is looked for when they are known', async () => {
    const secrets = { username: new Secret('u'), password: new Secret('p') }
    await stage.integration('hub', secrets)
    const [code, side] = await failureOf(
      { to: { image: newImage(), integration: '$WHOSE' } },
      pass({ WHOSE: 'x' }),
    )
    assert.deepEqual([code, side], ['INTEGRATION_UNKNOWN', 'target'])
  })

  test('leave a user name and a password with dollars in them alone', async () => {
    const robot = { kind: 'basic', username: 'robot$ci', password: 'a$b$$c' } as const
    await using other = await setStage({ target: { auth: robot } })
    await push(other.source.url, 'team/app', '1', hello())
    const to = { username: robot.username, password: new Secret(robot.password) }
    const done = await other.ended((await other.start(await other.pipeline({ to }))).id)
    assert.equal(done.status, 'succeeded', done.actions[0]?.failure?.message ?? '')
  })

  test('that are passed to a run send no password elsewhere', async () => {
    const to = { registry: '$WHERE', image: newImage(), ...ann }
    const [code, side, message] = await failureOf({ to }, pass({ WHERE: stage.target.host }))
    assert.deepEqual([code, side], ['INVALID', 'target'])
    assert.match(message, /^dest\.password: /)
    const own = { ...to, username: '$U', password: new Secret('$P') }
    const all = pass({ WHERE: stage.target.host, U: 'ann', P: CREDENTIALS.password })
    assert.equal((await end(await stage.pipeline({ to: own }), all)).status, 'succeeded')
  })

  test('count from the innermost scope, and what is passed before all', async () => {
    const image = newImage()
    const pipeline = await stage.pipeline({ to: { image, tag: '$SCOPE', ...ann } })
    const [action] = await stage.store.actions.list(pipeline.id)
    const inProject = { projectId: stage.project.id }
    const inPipeline = { ...inProject, pipelineId: pipeline.id }
    await keep('SCOPE', 'workspace')
    assert.equal((await end(pipeline)).status, 'succeeded')
    await keep('SCOPE', 'project', inProject)
    await end(pipeline)
    await keep('SCOPE', 'pipeline', inPipeline)
    await end(pipeline)
    await keep('SCOPE', 'action', { ...inPipeline, actionId: action?.id })
    await end(pipeline)
    await end(pipeline, pass({ SCOPE: 'run' }))
    assert.deepEqual(stage.target.tags(image), ['action', 'pipeline', 'project', 'run', 'workspace'])
  })

  test('are frozen with the run, but for those that may be set while it goes on', async () => {
    const image = newImage()
    const pipeline = await stage.pipeline({ to: { image, tag: '$FROZEN-$LOOSE', ...ann } })
    const where = { projectId: stage.project.id, pipelineId: pipeline.id }
    await keep('FROZEN', 'a', where)
    await keep('LOOSE', 'b', { ...where, runOnlySettable: true })
    const { id } = await stage.start(pipeline, { delayUntil: new Date(Date.now() + 800) })
    for (const variable of await stage.store.variables.list({ workspaceId: stage.workspace.id, ...where }))
      await stage.store.variables.save({ ...variable, value: new Secret('late') })
    const set = (key: string) =>
      setVariables(stage.store, id, [{ key, value: new Secret('set'), encrypted: false }])
    await set('LOOSE')
    await assert.rejects(set('FROZEN'), { code: 'INVALID', field: 'variables' })
    assert.equal((await stage.ended(id)).status, 'succeeded')
    assert.deepEqual(stage.target.tags(image), ['a-set'])
  })

  test('tell of the run itself, by the newer names and the older', async () => {
    const image = newImage()
    const tag = '$BUDDY_RUN_ID-$BUDDY_EXECUTION_ID-$BUDDY_PIPELINE_TRIGGER_MODE-$BUDDY_WORKSPACE_NAME'
    const pipeline = await stage.pipeline({ to: { image, tag: `${tag}-$BUDDY`, ...ann } })
    const done = await end(pipeline, pass({ BUDDY_RUN_ID: 'mine' }))
    assert.equal(done.status, 'succeeded', done.actions[0]?.failure?.message ?? '')
    assert.deepEqual(stage.target.tags(image), ['1-1-CLICK-Stage-true'])
    const git = await failureOf({ to: { image, tag: '$BUDDY_RUN_COMMIT', ...ann } })
    assert.equal(git[0], 'VARIABLE_UNDEFINED')
  })

  test('that are secret are seen nowhere: not in logs, errors, headway or what an operator reads', async () => {
    const image = newImage()
    const secret = 'T0p-c4n4ry'
    const pipeline = await stage.pipeline(
      { to: { image, tag: '$SECRET', ...ann } },
      { to: { image: `${image}/x`, tag: '$SECRET', ...ann }, ignoreErrors: true },
      { to: { image, tag: '-$SECRET', ...ann } },
    )
    stage.target.fault(
      { path: new RegExp(`${image}/x`) },
      faults.respondError(403, 'DENIED', `not ${secret}`),
    )
    const done = await end(pipeline, pass({ SECRET: secret }, true))
    assert.deepEqual(
      done.actions.map(({ status }) => status),
      ['succeeded', 'failed', 'failed'],
    )
    const logs = await Promise.all([0, 1, 2].map((index) => stage.log(done, index)))
    assert.match(logs.flat().join('\n'), /tagged \[secret\]/)
    const failures = done.actions.map(({ failure }) => failure)
    const headways = [...(await stage.store.executions.headways(done.id)).values()]
    for (const [name, seen] of Object.entries({ logs, failures, headways, done, lines: stage.lines }))
      assert.equal(JSON.stringify(seen).includes(secret), false, name)
  })
})

const NOTHING = { kind: undefined, registry: undefined, image: undefined } as const
