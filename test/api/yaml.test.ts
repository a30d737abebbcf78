import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import fc from 'fast-check'
import { ACTION, type Answer, furnish, startApi, type TestApi } from './api.ts'
import { valuesOf } from './values.ts'

const TEXT = `- pipeline: promote_prod
  name: Promote to production
  events: [{type: WEBHOOK, totp: false}]
  priority: HIGH
  variables:
  - {key: VERSION, value: 1.10, settable: true}
  - {key: TOKEN, value: hunter2-canary, encrypted: true}
  actions:
  - action: approve
    type: WAIT_FOR_APPLY
    comment: Ship $VERSION?
    permissions: {others: DENIED, users: {}}
  - action: retag
    name: Retag it
    type: PROMOTE_IMAGE
    same_location: true
    src: {docker_registry: GITHUB_CONTAINER_REGISTRY, image: acme/app, tag: 1.10, integration: gh}
    dest: {tag: production}
  - action: copy
    type: PROMOTE_IMAGE
    src: {docker_registry: DOCKER_HUB, image: "acme/app:1", integration: DOCKER_HUB}
    dest: {docker_registry: OTHER, registry: r.example, image: prod/app, tag: 1, username: me, password: pass-canary}
    timeout: 60
`

const encode = (text: string) => ({ yaml: Buffer.from(text).toString('base64') })
const decode = ({ body }: Answer, name = 'yaml') => Buffer.from(body[name], 'base64').toString()

describe('pipelines as text', () => {
  let api: TestApi
  const shop = '/workspaces/acme/projects/shop/pipelines'
  before(async () => {
    api = await startApi()
    await furnish(api, 'acme')
    await api.ask('POST', '/workspaces/acme/integrations', {
      name: 'GH',
      identifier: 'gh',
      type: 'GIT_HUB',
      token: 't',
    })
  })
  after(() => api[Symbol.asyncDispose]())

  const apply = async (text: string, project = shop): Promise<Answer> => {
    const answer = await api.ask('POST', `${project}/yaml`, encode(text))
    assert.equal(answer.status, 201, answer.text)
    return answer
  }
  const exported = async (path: string) => {
    const answer = await api.ask('GET', `${path}?yaml=true`)
    assert.equal(answer.status, 200, answer.text)
    return decode(answer)
  }

  test('make what they say, and are the same once more when they are applied again', async () => {
    const first = (await apply(TEXT)).body
    assert.deepEqual(
      [first.identifier, first.name, first.priority, first.events],
      ['promote_prod', 'Promote to production', 'HIGH', [{ type: 'WEBHOOK', totp: false }]],
    )
    assert.deepEqual(
      first.actions.map(({ name, type }: { name: string; type: string }) => [name, type]),
      [
        ['approve', 'WAIT_FOR_APPLY'],
        ['Retag it', 'PROMOTE_IMAGE'],
        ['copy', 'PROMOTE_IMAGE'],
      ],
    )
    assert.equal(first.actions[1].src.tag, '1.10')
    assert.equal(first.variables[0].value, '1.10')
    const text = await exported(`${shop}/${first.id}`)
    const second = (await apply(TEXT)).body
    assert.deepEqual(second, first)
    assert.equal(await exported(`${shop}/${first.id}`), text)
    assert.deepEqual((await apply(text)).body, first)
  })

  test('are given back in the words in which they were given, without anything secret', async () => {
    const { id } = (await apply(TEXT)).body
    const text = await exported(`${shop}/${id}`)
    assert.doesNotMatch(text, /canary|password/)
    assert.match(text, /^ {8}docker_registry: GITHUB_CONTAINER_REGISTRY$/m)
    assert.match(text, /^ {8}integration: gh$/m)
    assert.match(text, /^ {6}dest:\n {8}tag: production$/m)
    assert.match(text, /^ {8}username: me$/m)
    assert.doesNotMatch(text, /login/)
    assert.match(text, /^ {6}value: !encrypted \S+$/m)
    // What nobody said is not said.
    assert.doesNotMatch(text, /disabled|retry|run_next|paused|^ *on:/m)
    const same = await api.ask('GET', `${shop}/${id}/yaml`)
    assert.deepEqual(Object.keys(same.body), ['url', 'html_url', 'yaml'])
    assert.equal(decode(same), text)
    assert.ok((await exported(shop)).includes(text))
    assert.equal(decode(await api.ask('GET', `${shop}?yaml=True&page=2`)), await exported(shop))
  })

  test('keep what is secret while they are about the same', async () => {
    const { id } = (await apply(TEXT)).body
    await apply((await exported(`${shop}/${id}`)).replace('timeout: 60', 'timeout: 61'))
    const actions = await api.open.store.actions.list(id)
    const [copy] = actions.filter((action) => action.type === 'promote-image').slice(-1)
    assert.equal(copy?.promotion.target.password?.reveal(), 'pass-canary')
    assert.equal(copy?.timeoutMs, 61_000)
    const scope = { workspaceId: (await api.open.store.workspaces.find('acme'))?.id ?? assert.fail() }
    const all = await api.open.store.variables.seenBy({ ...scope, projectId: 1 as never, pipelineId: id })
    assert.equal(all.find(({ key }) => key === 'TOKEN')?.value.reveal(), 'hunter2-canary')
    const elsewhere = (await exported(`${shop}/${id}`)).replace('r.example', 'other.example')
    const { status, body } = await api.ask('POST', `${shop}/yaml`, encode(elsewhere))
    assert.deepEqual([status, body.errors[0].field], [400, 'yaml.0.actions.2.dest.password'])
  })

  test('set the order, take away what they leave out, and put one action in the place of another', async () => {
    const { id, actions: before } = (await apply(TEXT)).body
    const [approve, retag, copy] = before
    const { actions } = (
      await apply(`- pipeline: promote_prod
  actions:
  - {action: copy, type: WAIT_FOR_APPROVE}
  - {action: new, name: New, type: PROMOTE_IMAGE, src: {docker_registry: DOCKER_HUB, image: a/b}, dest: {tag: x}}
  - {action: approve, type: WAIT_FOR_APPLY, disabled: true}
`)
    ).body
    assert.deepEqual(
      actions.map(({ name }: { name: string }) => name),
      ['copy', 'New', 'approve'],
    )
    assert.equal(actions[2].id, approve.id)
    assert.deepEqual([actions[2].comment, actions[2].disabled], [null, true])
    const ids = actions.map((action: { id: number }) => action.id)
    assert.ok(!ids.includes(retag.id) && !ids.includes(copy.id))
    const pipeline = (await api.ask('GET', `${shop}/${id}`)).body
    // What is not said of variables is kept: there is no other place for what is secret.
    assert.deepEqual([pipeline.priority, pipeline.events, pipeline.variables.length], ['NORMAL', [], 2])
  })

  test('know what was made without them by a name of their own', async () => {
    const made = (await api.ask('POST', shop, { name: 'By hand' })).body
    const own = `${shop}/${made.id}`
    for (const name of ['Promote', 'Promote', 'promote_2', 'プ'])
      assert.equal((await api.ask('POST', `${own}/actions`, { ...ACTION, name })).status, 200)
    const before = (await api.ask('GET', `${own}/actions`)).body.actions
    const text = await exported(own)
    assert.deepEqual(
      [...text.matchAll(/- action: (.*)/g)].map(([, name]) => name),
      ['promote', 'promote_2', 'promote_2_2', 'action'],
    )
    await apply(text)
    const after = (await api.ask('GET', `${own}/actions`)).body.actions
    assert.deepEqual(
      after.map(({ id }: { id: number }) => id),
      before.map(({ id }: { id: number }) => id),
    )
    assert.equal(await exported(own), text)
  })

  test('can be tried: what there is and what there would be, and nothing changes', async () => {
    await apply(TEXT)
    const before = await exported(shop)
    const changed = `${TEXT.replace('HIGH', 'LOW')}- {pipeline: another}\n`
    const answer = await api.ask('POST', `${shop}/yaml/dry_run`, encode(changed))
    assert.deepEqual([answer.status, answer.body.changed], [200, true])
    assert.match(decode(answer), /priority: LOW[\s\S]*pipeline: another/)
    assert.match(decode(answer, 'previous_yaml'), /priority: HIGH/)
    assert.doesNotMatch(decode(answer, 'previous_yaml'), /another/)
    assert.match(answer.body.diff, /^-.*priority: HIGH\n\+.*priority: LOW$/m)
    assert.equal(await exported(shop), before)
    const same = await api.ask('POST', `${shop}/yaml/dry_run`, encode(TEXT))
    assert.equal(same.body.changed, false, decode(same))
  })

  test('change one pipeline, whatever it is to be called', async () => {
    const { id } = (await api.ask('POST', shop, { name: 'One' })).body
    const tried = await api.ask('POST', `${shop}/${id}/yaml/dry_run`, encode('- {pipeline: two, name: One}'))
    assert.match(tried.body.diff, /^-- pipeline: one\n\+- pipeline: two$/m)
    for (const [path, name] of [
      [`${shop}/${id}/yaml`, 'two'],
      [`${shop}/${id}`, 'three'],
    ] as const) {
      const answer = await api.ask('PATCH', path, encode(`- {pipeline: ${name}, priority: LOW}`))
      assert.deepEqual([answer.status, answer.body.identifier, answer.body.id], [200, name, id], answer.text)
    }
    const several = encode('- {pipeline: x}\n- {pipeline: three, name: Three}')
    assert.equal((await api.ask('PATCH', `${shop}/${id}/yaml`, several)).body.name, 'Three')
    const others = await api.ask('PATCH', `${shop}/${id}/yaml`, encode('- {pipeline: x}\n- {pipeline: y}'))
    assert.deepEqual([others.status, others.body.errors[0].field], [400, 'yaml'])
    const taken = await api.ask('PATCH', `${shop}/${id}/yaml`, encode('- {pipeline: promote_prod}'))
    assert.deepEqual([taken.status, taken.body.errors[0].field], [409, 'yaml.0.pipeline'])
  })

  test('name people by their addresses for those who may see them', async () => {
    const { store } = api.open
    const { id: workspaceId } = (await store.workspaces.find('acme')) ?? assert.fail()
    const ada = { workspaceId, email: 'ada@example.com', admin: false, autoAssign: undefined }
    const { id } = (await store.members.add(ada)).person
    const text = `- pipeline: guarded
  permissions: {others: READ_ONLY, users: {ada@example.com: READ_WRITE}}
  actions:
  - action: ask
    type: WAIT_FOR_APPLY
    permissions: {others: DENIED, users: {ADA@example.com: ALLOWED}}
`
    const made = (await apply(text)).body
    assert.deepEqual(made.permissions.users, [{ id, access_level: 'READ_WRITE' }])
    assert.deepEqual(made.actions[0].permissions.users, [{ id, access_level: 'ALLOWED' }])
    const shown = await exported(`${shop}/${made.id}`)
    assert.match(shown, /ada@example.com: READ_WRITE/)
    assert.match(shown, /ada@example.com: ALLOWED/)
    const authorization = `Bearer ${await api.tokenFor(['EXECUTION_MANAGE'])}`
    const hidden = decode(await api.ask('GET', `${shop}/${made.id}/yaml`, undefined, { authorization }))
    assert.doesNotMatch(hidden, /ada@/)
    await apply(hidden)
    assert.equal(await exported(`${shop}/${made.id}`), shown)
    const nobody = await api.ask('POST', `${shop}/yaml`, encode(text.replaceAll('ada@', 'bob@')))
    assert.deepEqual(nobody.body.errors[0].field, 'yaml.0.permissions.users.bob@example.com')
  })

  test('are for those alone who may change pipelines', async () => {
    const authorization = `Bearer ${await api.tokenFor(['EXECUTION_RUN'])}`
    for (const path of [`${shop}?yaml=true`, `${shop}/1?yaml=true`, `${shop}/yaml`])
      assert.equal((await api.ask('GET', path, undefined, { authorization })).status, 403, path)
    for (const path of [`${shop}/yaml`, `${shop}/yaml/dry_run`])
      assert.equal((await api.ask('POST', path, encode(TEXT), { authorization })).status, 403, path)
  })

  const action = (fields: string) => `- pipeline: wrong\n  actions:\n  - action: a\n    ${fields}\n`
  for (const [why, text, field, line, column] of [
    ['no YAML', '- pipeline: [', 'yaml', 2, 1],
    ['a key that is there twice', '- pipeline: a\n  pipeline: b', 'yaml', 2, 3],
    ['no list', 'pipeline: a', 'yaml', 1, 1],
    ['a type that is not known', action('type: BUILD'), 'yaml.0.actions.0.type', 4, 11],
    ['no type', action('name: x'), 'yaml.0.actions.0.type', 3, 5],
    [
      'a text for a boolean',
      action('type: WAIT_FOR_APPLY\n    disabled: "yes"'),
      'yaml.0.actions.0.disabled',
      5,
      15,
    ],
    ['a list for a text', '- pipeline: wrong\n  name: [a]', 'yaml.0.name', 2, 9],
    ['a bad identifier', '- pipeline: "a b"', 'yaml.0.pipeline', 1, 13],
    ['no image', action('type: PROMOTE_IMAGE'), 'yaml.0.actions.0.src', 3, 5],
    [
      'a bad reference',
      action('type: PROMOTE_IMAGE\n    src: {docker_registry: DOCKER_HUB, image: A B}\n    dest: {tag: x}'),
      'yaml.0.actions.0.src.image',
      5,
      47,
    ],
    [
      'an integration that is not there',
      action(
        'type: PROMOTE_IMAGE\n    src: {docker_registry: DOCKER_HUB, image: a/b, integration: no}\n    dest: {tag: x}',
      ),
      'yaml.0.actions.0.src.integration',
      5,
      65,
    ],
    [
      'a password that nobody has',
      action(
        'type: PROMOTE_IMAGE\n    src: {docker_registry: DOCKER_HUB, image: a/b, username: u}\n    dest: {tag: x}',
      ),
      'yaml.0.actions.0.src.password',
      5,
      10,
    ],
    [
      'a secret that is not known here',
      '- pipeline: wrong\n  variables: [{key: A, value: !encrypted abc}]',
      'yaml.0.variables.0.value',
      2,
      42,
    ],
    [
      'a variable with a NUL',
      '- pipeline: wrong\n  variables: [{key: A, value: "\\0"}]',
      'yaml.0.variables.0.value',
      2,
      31,
    ],
  ] as const) {
    test(`are refused with line and column, and change nothing: ${why}`, async () => {
      const before = await exported(shop)
      const { status, body } = await api.ask('POST', `${shop}/yaml`, encode(`${text}\n`))
      const [error] = body.errors
      assert.deepEqual([status, error.field], [400, field], JSON.stringify(body))
      if (column > 1 || line === 1)
        assert.deepEqual([error.line, error.column], [line, column], error.message)
      assert.match(error.message, new RegExp(`^line ${error.line}, column ${error.column}: `))
      assert.equal(await exported(shop), before)
    })
  }

  test('are refused for all that is wrong at once, and as what they are sent', async () => {
    const text = `- pipeline: "a b"\n  actions:\n  - {action: x, type: NO}\n  - {action: y, type: WAIT_FOR_APPLY, timeout: -1}\n- {pipeline: c, name: []}\n`
    const { body } = await api.ask('POST', `${shop}/yaml`, encode(text))
    assert.deepEqual(
      body.errors.map(({ line }: { line: number }) => line),
      [3, 4, 5],
    )
    for (const yaml of ['%%%', 'YQ=a', Buffer.from([0xff, 0xfe]).toString('base64'), '', 5, undefined]) {
      const { status, body } = await api.ask('POST', `${shop}/yaml`, { yaml })
      assert.deepEqual([status, body.errors[0].field], [400, 'yaml'])
    }
    const wrapped = { yaml: encode('- {pipeline: wrapped}').yaml.replace(/(.{10})/g, '$1\n') }
    assert.equal((await api.ask('POST', `${shop}/yaml`, wrapped)).status, 201)
  })

  test('say all of a pipeline, whatever was said of it: it is the same again in another project', async () => {
    await api.ask('POST', '/workspaces/acme/projects', { name: 'copies' })
    const copies = '/workspaces/acme/projects/copies/pipelines'
    const { body: description } = await api.ask('GET', '/openapi.json')
    const words = [
      'acme/app:1',
      'hub',
      'gh',
      'latest',
      'VERSION',
      'r.example',
      'Europe/Warsaw',
      '2030-01-01T00:00:00Z',
    ]
    const schemaOf = (path: string) =>
      description.paths[path].post.requestBody.content['application/json'].schema
    const template = '/workspaces/{workspace}/projects/{project}/pipelines'
    const bodies = (path: string) =>
      valuesOf(schemaOf(path), description.components.schemas, words) as fc.Arbitrary<object>
    /** Makes it without what is refused of it. */
    const fitted = async (path: string, body: object): Promise<Answer> => {
      const answer = await api.ask('POST', path, body)
      const [member] = answer.body?.errors?.[0]?.field?.split('.') ?? []
      if (answer.status !== 400 || !Object.hasOwn(body, member)) return answer
      return fitted(path, Object.fromEntries(Object.entries(body).filter(([name]) => name !== member)))
    }
    let compared = 0
    const made = fc.tuple(
      bodies(template),
      fc.array(bodies(`${template}/{pipeline}/actions`), { minLength: 1, maxLength: 3 }),
    )
    for (const [index, [pipeline, actions]] of fc.sample(made, { seed: 20_261_124, numRuns: 16 }).entries()) {
      const { status, body } = await fitted(shop, { ...pipeline, identifier: `any_${index}`, name: 'Any' })
      if (status !== 201) continue
      for (const action of actions)
        await fitted(`${shop}/${body.id}/actions`, {
          ...ACTION,
          ...action,
          name: 'Any',
          after_action_id: undefined,
        })
      const text = await exported(`${shop}/${body.id}`)
      const view = (await api.ask('GET', `${shop}/${body.id}`)).body
      assert.deepEqual(plain((await apply(text)).body), plain(view))
      assert.equal(await exported(`${shop}/${body.id}`), text)
      // What is secret stays where it is.
      if (/!encrypted|username/.test(text)) continue
      const again = (await apply(text, copies)).body
      assert.equal(await exported(`${copies}/${again.id}`), text)
      compared += 1
    }
    assert.ok(compared > 8, `${compared} compared`)
  })
})

/** What is the same of two views of one pipeline: a text says nothing of what is empty, and actions have names in it that they had not. */
function plain(view: object) {
  const texts = new Set(['identifier', 'description', 'file_path', 'file_chmod', 'pipelines'])
  return JSON.parse(JSON.stringify(view), (name, value) => (texts.has(name) ? undefined : value))
}
