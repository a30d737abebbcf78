import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { ACTION, type Answer, furnish, startApi, type TestApi } from './api.ts'

let api: TestApi
let pipelines: string
before(async () => {
  api = await startApi()
  const pipeline = await furnish(api, 'acme')
  pipelines = pipeline.slice(0, pipeline.lastIndexOf('/'))
})
after(() => api[Symbol.asyncDispose]())

let made = 0
/** A pipeline whose one action promotes this. */
async function promoting(image: string, more: object = {}): Promise<string> {
  made += 1
  const { body } = await api.ask('POST', pipelines, { name: `Asked ${made}`, ...more })
  const path = `${pipelines}/${body.id}`
  const added = await api.ask('POST', `${path}/actions`, { ...ACTION, src: { ...ACTION.src, image } })
  assert.equal(added.status, 200, added.text)
  return path
}

const refused = ({ status, body }: Answer) => [status, body.errors?.[0]?.field]
const NO_URLS = { url: null, html_url: null }
const UNKNOWN = { author_date: null, commit_date: null, message: null, committer: null, author: null }

const NOTHING = {
  ...{ refresh: false, clear_cache: false, branch: null, tag: null, pull_request: null },
  ...{ from_revision: null, to_revision: null, environment: null, package_version: null },
}
const ALL = {
  ...{ refresh: true, clear_cache: true },
  branch: { name: 'main' },
  tag: { name: 'v1.2' },
  pull_request: { name: 'pull/7' },
  from_revision: { revision: 'aaa1' },
  to_revision: { revision: 'bbb2' },
  environment: 'stage',
  package_version: 'shop:1.2',
}
const ALL_SHOWN = {
  ...ALL,
  branch: { ...NO_URLS, name: 'main', default: null },
  tag: { ...NO_URLS, name: 'v1.2' },
  pull_request: { ...NO_URLS, name: 'pull/7' },
  from_revision: { ...NO_URLS, revision: 'aaa1', ...UNKNOWN },
  to_revision: { ...NO_URLS, revision: 'bbb2', ...UNKNOWN },
}
const askedOf = (execution: Record<string, unknown>) =>
  Object.fromEntries(Object.keys(NOTHING).map((name) => [name, execution[name]]))

describe('a run that is asked for of a revision', () => {
  test('says what it was asked for with, in lists and by itself, and still does when it is tried again', async () => {
    const path = await promoting('acme/app:1')
    const { status, body, text } = await api.ask('POST', `${path}/executions`, ALL)
    assert.equal(status, 200, text)
    assert.deepEqual(askedOf(body), ALL_SHOWN)
    const at = `${path}/executions/${body.id}`
    assert.deepEqual(askedOf((await api.ask('GET', at)).body), ALL_SHOWN)
    assert.deepEqual(askedOf((await api.ask('GET', `${path}/executions`)).body.executions[0]), ALL_SHOWN)
    for (const operation of ['CANCEL', 'RETRY'])
      assert.deepEqual(askedOf((await api.ask('PATCH', at, { operation })).body), ALL_SHOWN, operation)
  })

  test('says of nothing that it was asked for', async () => {
    const path = await promoting('acme/app:1')
    const nulls = Object.fromEntries(Object.keys(NOTHING).map((name) => [name, null]))
    for (const body of [undefined, {}, nulls]) {
      const answer = await api.ask('POST', `${path}/executions`, body)
      assert.deepEqual(askedOf(answer.body), NOTHING)
    }
  })

  test('may have its tag as a text, and keeps nothing that nobody knows', async () => {
    const path = await promoting('acme/app:1')
    const sent = { tag: 'v2', branch: { name: 'b', id: 7 }, to_revision: { revision: 'HEAD', x: 1 } }
    const { body } = await api.ask('POST', `${path}/executions`, sent)
    assert.deepEqual(askedOf(body), {
      ...NOTHING,
      tag: { ...NO_URLS, name: 'v2' },
      branch: { ...NO_URLS, name: 'b', default: null },
      to_revision: { ...NO_URLS, revision: 'HEAD', ...UNKNOWN },
    })
  })

  test('is refused where something is of a wrong type, by its name, planned or run', async () => {
    const path = await promoting('acme/app:1')
    const wrong: readonly [object, string][] = [
      [{ branch: 'main' }, 'branch'],
      [{ branch: {} }, 'branch.name'],
      [{ branch: { name: 7 } }, 'branch.name'],
      [{ tag: 7 }, 'tag'],
      [{ tag: { name: '' } }, 'tag.name'],
      [{ pull_request: { name: [] } }, 'pull_request.name'],
      [{ from_revision: 'HEAD' }, 'from_revision'],
      [{ from_revision: {} }, 'from_revision.revision'],
      [{ to_revision: { revision: 1 } }, 'to_revision.revision'],
      [{ refresh: 'true' }, 'refresh'],
      [{ clear_cache: 1 }, 'clear_cache'],
      [{ environment: 3 }, 'environment'],
      [{ package_version: { name: 'a' } }, 'package_version'],
      [{ branch: { name: 'x'.repeat(256) } }, 'branch.name'],
    ]
    for (const [body, field] of wrong)
      for (const place of ['executions', 'plan'])
        assert.deepEqual(refused(await api.ask('POST', `${path}/${place}`, body)), [400, field], field)
  })

  test('lets its actions name what it was asked for with, in a plan as in the run', async () => {
    const path = await promoting('acme/$BUDDY_RUN_BRANCH:$BUDDY_RUN_TAG')
    const asked = { branch: { name: 'main' }, tag: { name: 'v3' } }
    const { body } = await api.ask('POST', `${path}/plan`, asked)
    assert.equal(body.plan[0].source, 'docker.io/acme/main:v3')
    const none = await api.ask('POST', `${path}/plan`)
    assert.equal(none.body.plan[0].error_code, 'VARIABLE_UNDEFINED')
    const run = await api.ask('POST', `${path}/executions`, asked)
    const { executions } = api.open.store
    const id = Number(path.split('/').at(-1)) as never
    const kept = await executions.find(id, run.body.id)
    const told = kept?.variables.filter(({ scope }) => scope === 'run') ?? []
    assert.deepEqual(Object.fromEntries(told.map(({ key, value }) => [key, value.reveal()])), {
      BUDDY_RUN_BRANCH: 'main',
      BUDDY_RUN_TAG: 'v3',
    })
  })

  test('knows each by its new name and the older ones, but HEAD, which is no revision', async () => {
    const names: Readonly<Record<string, string>> = {
      ...{ BUDDY_RUN_BRANCH: 'main', BUDDY_EXECUTION_BRANCH: 'main' },
      ...{ BUDDY_RUN_TAG: 'v1.2', BUDDY_EXECUTION_TAG: 'v1.2' },
      ...{ BUDDY_RUN_COMMIT: 'bbb2', BUDDY_EXECUTION_REVISION: 'bbb2' },
      ...{ BUDDY_RUN_PRE_COMMIT: 'aaa1', BUDDY_EXECUTION_PREVIOUS_REVISION: 'aaa1' },
      ...{ BUDDY_RUN_PR_NO: '7', BUDDY_EXECUTION_PULL_REQUEST_NO: '7' },
    }
    const asked = { ...ALL, pull_request: { name: '7' } }
    const path = await promoting('acme/app:1')
    const [first] = (await api.ask('GET', `${path}/actions`)).body.actions
    for (const [name, value] of Object.entries(names)) {
      const src = { ...ACTION.src, image: `acme/app:$${name}` }
      await api.ask('PATCH', `${path}/actions/${first.id}`, { src })
      const { body } = await api.ask('POST', `${path}/plan`, asked)
      assert.equal(body.plan[0].source, `docker.io/acme/app:${value}`, name)
    }
    await api.ask('PATCH', `${path}/actions/${first.id}`, {
      src: { ...ACTION.src, image: 'acme/app:$BUDDY_RUN_COMMIT' },
    })
    const head = await api.ask('POST', `${path}/plan`, { to_revision: { revision: 'HEAD' } })
    assert.equal(head.body.plan[0].error_code, 'VARIABLE_UNDEFINED')
  })

  test('tells it before a variable of the same name that is passed beside it', async () => {
    const path = await promoting('acme/app:$BUDDY_RUN_TAG')
    const variables = [{ key: 'BUDDY_RUN_TAG', value: 'passed' }]
    const { body } = await api.ask('POST', `${path}/plan`, { tag: { name: 'asked' }, variables })
    assert.equal(body.plan[0].source, 'docker.io/acme/app:asked')
  })

  test('says so in each of the runs that a loop makes of it', async () => {
    const path = await promoting('acme/$APP:$BUDDY_RUN_TAG', {
      loop: ['APP'],
      variables: [{ key: 'APP', value: 'a, b' }],
    })
    await api.ask('POST', `${path}/executions`, { tag: { name: 'v1' } })
    const { executions } = (await api.ask('GET', `${path}/executions`)).body
    assert.deepEqual(
      executions.map(({ tag }: { tag: { name: string } }) => tag.name),
      ['v1', 'v1'],
    )
  })
})
