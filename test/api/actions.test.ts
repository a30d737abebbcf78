import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { promotionOf } from '#support/store'
import { ACTION, furnish, startApi, type TestApi } from './api.ts'

let api: TestApi
let actions: string
before(async () => {
  api = await startApi()
  actions = `${await furnish(api, 'acme')}/actions`
})
after(() => api[Symbol.asyncDispose]())

const DEST = ACTION.dest
const add = (changes: object) => api.ask('POST', actions, { ...ACTION, ...changes })

describe('an action that is added', () => {
  test('is answered 200 with what was sent, and where it is', async () => {
    const { status, body } = await add({ same_location: true, trigger_time: 'ON_EVERY_EXECUTION' })
    assert.equal(status, 200)
    const { src, dest, name, type } = ACTION
    assert.deepEqual(
      { src: body.src, dest: body.dest, name: body.name, type: body.type },
      { src, dest, name, type },
    )
    assert.equal(body.same_location, false, 'another registry is never a retag')
    assert.equal(body.url, `http://127.0.0.1:7070${actions}/${body.id}`)
    assert.equal(body.html_url, `http://127.0.0.1:7070/ui/acme/shop/pipelines/action/${body.id}/edit`)
    assert.equal(body.pipeline.name, 'To production')
    assert.equal(body.last_execution_status, 'INITIAL')
    assert.deepEqual((await api.ask('GET', `${actions}/${body.id}`)).body, body)
  })

  test('may name only a tag where the location is the same', async () => {
    for (const same of [{ same_location: true }, {}]) {
      const { status, body } = await add({ ...same, dest: { tag: 'production' } })
      assert.equal(status, 200)
      assert.equal(body.same_location, true)
      assert.equal(body.dest.tag, 'production')
    }
  })

  test('says whether what belongs to the image comes along, and leaves it open otherwise', async () => {
    for (const copy_referrers of [true, false, null, undefined]) {
      const { body } = await add({ copy_referrers })
      assert.equal(body.copy_referrers, copy_referrers ?? null)
      const { body: patched } = await api.ask('PATCH', `${actions}/${body.id}`, { copy_referrers: true })
      assert.equal(patched.copy_referrers, true)
      const { body: renamed } = await api.ask('PATCH', `${actions}/${body.id}`, { name: 'renamed' })
      assert.equal(renamed.copy_referrers, true)
    }
    const { status, body } = await add({ copy_referrers: 'yes' })
    assert.deepEqual([status, body.errors[0].field], [400, 'copy_referrers'])
  })

  test('says which platforms of an index are meant, and all of them otherwise', async () => {
    const { body } = await add({ platforms: ['linux/amd64', 'linux/arm/v7'] })
    assert.deepEqual(body.platforms, ['linux/amd64', 'linux/arm/v7'])
    assert.deepEqual((await add({})).body.platforms, [])
    for (const platforms of [['linux'], [''], 'linux/amd64', [5]]) {
      const { status, body: refused } = await add({ platforms })
      assert.equal(status, 400)
      assert.match(refused.errors[0].field, /^platforms/)
    }
  })

  test('may be in every kind of registry, in every spelling', async () => {
    const kinds = {
      DOCKER_HUB: {},
      AMAZON_ECR: { registry: '1.dkr.ecr.eu-west-1.amazonaws.com', region: 'eu-west-1' },
      GOOGLE_ARTIFACT_REGISTRY: { registry: 'europe-docker.pkg.dev' },
      GOOGLE_GCR: {},
      GIT_HUB_CONTAINER_REGISTRY: {},
      GITHUB_CONTAINER_REGISTRY: {},
      DIGITAL_OCEAN_CONTAINER_REGISTRY: {},
      ARTIFACT_REGISTRY: { registry: 'registry.example' },
      OTHER: { registry: 'registry.example:5000' },
      NONE: { image: 'registry.example/x/y:2' },
    }
    for (const [docker_registry, more] of Object.entries(kinds)) {
      const { status, text, body } = await add({ dest: { docker_registry, image: 'x/y:2', ...more } })
      assert.equal(status, 200, `${docker_registry}: ${text}`)
      const emitted =
        docker_registry === 'GITHUB_CONTAINER_REGISTRY' ? 'GIT_HUB_CONTAINER_REGISTRY' : docker_registry
      assert.equal(body.dest.docker_registry, emitted)
    }
  })

  test('takes an image of ECR without its registry, and a wish to make its repository', async () => {
    const aws = { name: 'Aws', identifier: 'aws', type: 'AMAZON', access_key: 'a', secret_key: 'b' }
    await api.ask('POST', '/workspaces/acme/integrations', aws)
    const ecr = {
      docker_registry: 'AMAZON_ECR',
      image: 'team/app:1',
      integration: 'aws',
      region: 'eu-west-1',
    }
    const { status, body } = await add({ dest: { ...ecr, create_repository: true } })
    assert.equal(status, 200)
    assert.deepEqual([body.dest.registry, body.dest.create_repository], [undefined, true])
    for (const [dest, field] of [
      [{ ...ecr, integration: undefined }, 'dest.registry'],
      [{ ...ecr, region: 'nowhere' }, 'dest.region'],
      [{ ...ACTION.dest, create_repository: true }, 'dest.create_repository'],
      [{ ...ecr, create_repository: 'yes' }, 'dest.create_repository'],
    ] as const) {
      const answer = await add({ dest })
      assert.deepEqual([answer.status, answer.body.errors[0].field], [400, field])
    }
  })

  test('keeps the names of robots as they are, dollars included', async () => {
    for (const login of [
      'robot$acme+ci',
      'acme+robot',
      'gitlab+deploy-token-1',
      '_json_key',
      '00000000-0000',
    ]) {
      const dest = { docker_registry: 'OTHER', registry: 'r.example', image: 'a/b:1', login, password: 'x' }
      const { status, body } = await add({ dest })
      assert.deepEqual([status, body.dest.login], [200, login])
    }
  })

  test('takes an integration by identifier, by object, and by its type where there is one of it', async () => {
    const { body: list } = await api.ask('GET', '/workspaces/acme/integrations')
    const hash_id = list.integrations.find(
      ({ identifier }: { identifier: string }) => identifier === 'hub',
    ).hash_id
    for (const integration of ['hub', { identifier: 'hub' }, { hash_id }, 'DOCKER_HUB']) {
      const { status, body } = await add({ src: { ...ACTION.src, integration } })
      assert.equal(status, 200)
      assert.equal(body.src.integration, 'hub')
    }
  })

  test('never tells its password, and calls the user by both names', async () => {
    const dest = {
      docker_registry: 'OTHER',
      registry: 'registry.example',
      image: 'x:1',
      login: 'ada',
      password: 'canary-1',
    }
    const { status, text, body } = await add({ dest })
    assert.equal(status, 200)
    assert.deepEqual([body.dest.login, body.dest.username], ['ada', 'ada'])
    assert.equal(text.includes('canary-1'), false)
    const pipeline = await api.ask('GET', actions.replace('/actions', ''))
    assert.equal(pipeline.text.includes('canary-1'), false)
  })

  test('keeps what it is to be run like, and drops what nobody knows', async () => {
    const more = {
      timeout: 60,
      retry_count: 2,
      loop: ['A'],
      variables: [{ key: 'A', value: 'b' }],
      nobody_knows: 1,
    }
    const { body } = await add(more)
    assert.deepEqual([body.timeout, body.retry_count, body.loop], [60, 2, ['A']])
    assert.deepEqual(
      body.variables.map(({ key, value }: { key: string; value: string }) => [key, value]),
      [['A', 'b']],
    )
    assert.equal('nobody_knows' in body, false)
  })

  test('stands where it is put', async () => {
    const pipeline = await api.ask('POST', '/workspaces/acme/projects/shop/pipelines', { name: 'Order' })
    const path = `/workspaces/acme/projects/shop/pipelines/${pipeline.body.id}/actions`
    const named = (name: string, after?: number) =>
      api.ask('POST', path, { ...ACTION, name, after_action_id: after })
    const { body: a } = await named('a')
    await named('b')
    await named('c', a.id)
    await named('d', 0)
    const { body } = await api.ask('GET', path)
    assert.deepEqual(
      body.actions.map(({ name }: { name: string }) => name),
      ['d', 'a', 'c', 'b'],
    )
  })
})

describe('bad input', () => {
  const cases: [string, unknown, string][] = [
    ['a name of the wrong type', { ...ACTION, name: 5 }, 'name'],
    ['no src', { ...ACTION, src: undefined }, 'src'],
    ['a src that is null', { ...ACTION, src: null }, 'src'],
    ['a src that is a text', { ...ACTION, src: 'acme/app' }, 'src'],
    ['no dest', { ...ACTION, dest: undefined }, 'dest'],
    ['no type', { ...ACTION, type: undefined }, 'type'],
    ['a type that is not promoted', { ...ACTION, type: 'DOCKER_PUSH' }, 'type'],
    ['a name that is no reference', { ...ACTION, src: { ...ACTION.src, image: 'Acme/App:1' } }, 'src.image'],
    ['a reference with a space', { ...ACTION, dest: { ...DEST, image: 'p/r/a pp:prod' } }, 'dest.image'],
    ['no image', { ...ACTION, src: { docker_registry: 'DOCKER_HUB' } }, 'src.image'],
    [
      'an unknown docker_registry',
      { ...ACTION, src: { ...ACTION.src, docker_registry: 'DOCKER' } },
      'src.docker_registry',
    ],
    [
      'an integration that does not exist',
      { ...ACTION, dest: { ...DEST, integration: 'nobody' } },
      'dest.integration',
    ],
    [
      'an integration of the wrong type',
      { ...ACTION, dest: { ...DEST, integration: 5 } },
      'dest.integration',
    ],
    ['a same_location that is no boolean', { ...ACTION, same_location: 'true' }, 'same_location'],
    ['an unknown trigger_time', { ...ACTION, trigger_time: 'SOMETIMES' }, 'trigger_time'],
    ['two users', { ...ACTION, dest: { ...DEST, username: 'a', login: 'b', password: 'c' } }, 'dest.login'],
    ['two tags', { ...ACTION, dest: { ...DEST, tag: 'other' } }, 'dest.tag'],
    ['an action to follow that is not there', { ...ACTION, after_action_id: 999_999 }, 'after_action_id'],
    ['a list for a body', [ACTION], 'body'],
    ['nothing', '', 'name'],
  ]
  for (const [what, body, field] of cases) {
    test(`${what}: 400 that names ${field}, and nothing changed`, async () => {
      const before = await api.ask('GET', actions)
      const answer = await api.ask('POST', actions, body)
      assert.equal(answer.status, 400, answer.text)
      const [error] = answer.body.errors
      assert.equal(error.field, field)
      assert.ok(error.message.includes(field) || field === 'body', error.message)
      assert.equal(answer.headers['content-type'], 'application/json')
      assert.deepEqual((await api.ask('GET', actions)).body, before.body)
    })
  }

  test('broken JSON: 400', async () => {
    const { status, body } = await api.ask('POST', actions, '{"name":')
    assert.deepEqual([status, body.errors[0].code], [400, 'INVALID'])
  })

  test('names that reach into prototypes do nothing', async () => {
    const evil = `{"__proto__":{"admin":true},"constructor":{"prototype":{"x":1}},${JSON.stringify(ACTION).slice(1)}`
    assert.equal((await api.ask('POST', actions, evil)).status, 200)
    assert.equal('admin' in {}, false)
    assert.equal('x' in {}, false)
  })
})

describe('an action that is changed', () => {
  test('keeps what was not sent', async () => {
    const { body: before } = await add({ trigger_time: 'ON_SUCCESS', timeout: 5 })
    const { status, body } = await api.ask('PATCH', `${actions}/${before.id}`, {
      name: 'Renamed',
      disabled: true,
      timeout: null,
    })
    assert.equal(status, 200)
    assert.deepEqual({ ...body, pipeline: 0 }, { ...before, name: 'Renamed', disabled: true, pipeline: 0 })
  })

  test('has a type for ever', async () => {
    const { body } = await add({})
    const { status, body: answer } = await api.ask('PATCH', `${actions}/${body.id}`, { type: 'SLEEP' })
    assert.deepEqual([status, answer.errors[0].field], [400, 'type'])
  })

  test('keeps a password for the same user at the same registry, and for nobody else', async () => {
    const dest = {
      docker_registry: 'OTHER',
      registry: 'registry.example',
      image: 'x:1',
      username: 'ada',
      password: 'canary-2',
    }
    const { body } = await add({ dest })
    const { password: _, ...without } = dest
    const patch = (changed: object) =>
      api.ask('PATCH', `${actions}/${body.id}`, { dest: { ...without, ...changed } })
    assert.equal((await patch({ image: 'y:2' })).status, 200)
    const moved = await patch({ registry: 'evil.example' })
    assert.deepEqual([moved.status, moved.body.errors[0].field], [400, 'dest.password'])
    const other = await patch({ username: 'eve' })
    assert.deepEqual([other.status, other.body.errors[0].field], [400, 'dest.password'])
    const pipelineId = Number(actions.split('/').at(-2))
    const [kept] = (await api.open.store.actions.list(pipelineId as never)).filter(({ id }) => id === body.id)
    assert.equal(promotionOf(kept).target.password?.reveal(), 'canary-2')
    assert.equal(promotionOf(kept).target.image, 'y:2')
  })

  test('is gone when it was removed', async () => {
    const { body } = await add({})
    const removed = await api.ask('DELETE', `${actions}/${body.id}`, '')
    assert.deepEqual([removed.status, removed.text], [204, ''])
    assert.equal((await api.ask('GET', `${actions}/${body.id}`)).status, 404)
  })
})
