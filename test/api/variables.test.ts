import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { ACTION, furnish, startApi, type TestApi } from './api.ts'

// Public halves alone: nobody has the private one.
const PUBLIC = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDk3iSsIXlj6aQKG+pqgpWPRXqKjfE261lUMHhiwf5G2'
const FINGERPRINT = 'SHA256:Dx7LPo4FZOhPYLabx87/JTW24R1bLwHfcFPPJEehbzg'

/** As ssh-keygen writes a key with a passphrase: the public half is in the clear, what follows nobody can read. */
function openSsh(publicValue: string): string {
  const text = (bytes: Buffer | string): Buffer => {
    const length = Buffer.alloc(4)
    length.writeUInt32BE(bytes.length)
    return Buffer.concat([length, Buffer.from(bytes)])
  }
  const blob = Buffer.from(publicValue.split(' ')[1] ?? '', 'base64')
  const parts = [text('aes256-ctr'), text('bcrypt'), text(Buffer.alloc(24)), Buffer.from([0, 0, 0, 1])]
  const bytes = Buffer.concat([
    Buffer.from('openssh-key-v1\0'),
    ...parts,
    text(blob),
    text(Buffer.alloc(160, 'c4n4ry')),
  ])
  const lines = bytes.toString('base64').match(/.{1,70}/g) ?? []
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${lines.join('\n')}\n-----END OPENSSH PRIVATE KEY-----\n`
}

let api: TestApi
let pipeline: string
before(async () => {
  api = await startApi()
  pipeline = await furnish(api, 'acme')
  await furnish(api, 'other')
})
after(() => api[Symbol.asyncDispose]())

const VARIABLES = '/workspaces/acme/variables'
const add = (body: object) => api.ask('POST', VARIABLES, body)
const keys = async (query = '') =>
  (await api.ask('GET', `${VARIABLES}${query}`)).body.variables.map(({ key }: { key: string }) => key)

describe('variables', () => {
  test('are made, read, changed and removed', async () => {
    const made = await add({ key: 'REGION', value: 'eu', description: 'where', settable: true })
    assert.equal(made.status, 201, made.text)
    const { id, url, html_url } = made.body
    assert.equal(url, `http://127.0.0.1:7070${VARIABLES}/${id}`)
    assert.equal(html_url, `http://127.0.0.1:7070/ui/acme/-/environment-variables/edit/${id}`)
    assert.deepEqual(
      [made.body.type, made.body.value, made.body.encrypted, made.body.settable, made.body.file_path],
      ['VAR', 'eu', false, true, null],
    )
    const path = `${VARIABLES}/${id}`
    assert.deepEqual((await api.ask('GET', path)).body, made.body)
    const { status, body } = await api.ask('PATCH', path, { value: 'us' })
    assert.deepEqual([status, body], [200, { ...made.body, value: 'us' }])
    assert.equal((await api.ask('GET', `/workspaces/other/variables/${id}`)).status, 404)
    assert.equal((await api.ask('DELETE', path)).status, 204)
    assert.equal((await api.ask('GET', path)).status, 404)
  })

  test('say what they are of, and not what that is in', async () => {
    const action = (await api.ask('POST', `${pipeline}/actions`, ACTION)).body.id
    const id = Number(pipeline.split('/').at(-1))
    const none = { project: null, pipeline: null, action: null, environment: null }
    const scopes: readonly [object, object, string][] = [
      [{}, {}, ''],
      [{ project: { name: 'shop' } }, { project: { name: 'shop' } }, '?projectName=shop'],
      [{ pipeline: { id } }, { pipeline: { id } }, `?pipelineId=${id}`],
      [{ project: { name: 'shop' }, pipeline: { id } }, { pipeline: { id } }, `?pipelineId=${id}`],
      [{ action: { id: action } }, { action: { id: action } }, `?actionId=${action}`],
    ]
    for (const [index, [scope, shown, query]] of scopes.entries()) {
      const key = `OF_${index}`
      const made = (await add({ key, value: 'x', ...scope })).body
      const path = `${VARIABLES}/${made.id}`
      const all = (await api.ask('GET', `${VARIABLES}${query}`)).body.variables
      const views = [
        made,
        (await api.ask('GET', path)).body,
        (await api.ask('PATCH', path, { value: 'y' })).body,
        all.find((one: { key: string }) => one.key === key),
      ]
      for (const { project, pipeline, action, environment } of views)
        assert.deepEqual({ project, pipeline, action, environment }, { ...none, ...shown })
      assert.equal((await api.ask('DELETE', path)).status, 204)
    }
  })

  test('have a key once in each scope, and are listed by scope in both spellings', async () => {
    const action = (await api.ask('POST', `${pipeline}/actions`, ACTION)).body.id
    const id = Number(pipeline.split('/').at(-1))
    const scopes = [{}, { project: { name: 'shop' } }, { pipeline: { id } }, { action: { id: action } }]
    for (const [index, scope] of scopes.entries()) {
      const named = { key: 'SCOPE', value: 'x', ...scope }
      assert.equal((await add(named)).status, 201)
      const again = await add(named)
      assert.deepEqual([again.status, again.body.errors[0].field], [409, 'key'])
      await add({ ...named, key: `ONLY_${index}` })
    }
    assert.deepEqual(await keys(), ['SCOPE', 'ONLY_0'])
    for (const query of ['project_name=shop', 'projectName=shop'])
      assert.deepEqual(await keys(`?${query}`), ['SCOPE', 'ONLY_1'])
    for (const query of [`pipeline_id=${id}`, `pipelineId=${id}`])
      assert.deepEqual(await keys(`?${query}`), ['SCOPE', 'ONLY_2'])
    for (const query of [`action_id=${action}`, `actionId=${action}&pipelineId=${id}&projectName=shop`])
      assert.deepEqual(await keys(`?${query}`), ['SCOPE', 'ONLY_3'])
    for (const query of ['project_name=none', 'pipeline_id=4000000', 'pipelineId=x', 'environment_id=e'])
      assert.deepEqual(await keys(`?${query}`), [])
    const inAction = (await api.ask('GET', `${pipeline}/actions/${action}`)).body.variables
    assert.deepEqual(
      inAction.map(({ key }: { key: string }) => key),
      ['SCOPE', 'ONLY_3'],
    )
  })

  test('that are secret are shown to nobody, and stay when they come back as they were shown', async () => {
    const { body, text } = await add({ key: 'TOKEN', value: 'c4n4ry', encrypted: true })
    assert.equal(text.includes('c4n4ry'), false)
    assert.match(body.value, /^!encrypted [A-Za-z0-9+/=]+$/)
    const path = `${VARIABLES}/${body.id}`
    const { body: patched } = await api.ask('PATCH', path, { value: body.value, description: 'd' })
    assert.deepEqual(patched, { ...body, description: 'd' })
    const { id: workspaceId } = (await api.open.store.workspaces.find('acme')) ?? assert.fail()
    const kept = await api.open.store.variables.find(workspaceId, body.id)
    assert.equal(kept?.value.reveal(), 'c4n4ry')
    const open = await api.ask('PATCH', path, { encrypted: false })
    assert.deepEqual([open.status, open.body.errors[0].field], [400, 'encrypted'])
    const other = await api.ask('PATCH', path, { encrypted: false, value: 'plain' })
    assert.deepEqual([other.status, other.body.value], [200, 'plain'])
  })

  test('that are keys tell what can be told of them', async () => {
    const { body } = await add({
      key: 'DEPLOY',
      type: 'SSH_KEY',
      value: openSsh(PUBLIC),
      file_place: 'CONTAINER',
    })
    assert.deepEqual([body.encrypted, body.type, body.file_place], [true, 'SSH_KEY', 'CONTAINER'])
    assert.deepEqual([body.public_value, body.key_fingerprint], [PUBLIC, FINGERPRINT])
    assert.match(body.checksum, /^[0-9a-f]{64}$/)
    const shown = await add({ key: 'PUB', type: 'SSH_PUBLIC_KEY', value: `${PUBLIC} ada@example` })
    assert.deepEqual([shown.body.key_fingerprint, shown.body.encrypted], [FINGERPRINT, false])
    const passphrase = 'open-c4n4ry'
    const sealed = { format: 'pem', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase } as const
    const options = {
      publicKeyEncoding: { format: 'pem', type: 'spki' },
      privateKeyEncoding: sealed,
    } as const
    for (const [index, { privateKey: value }] of [
      generateKeyPairSync('rsa', { modulusLength: 2048, ...options }),
      generateKeyPairSync('ec', { namedCurve: 'P-256', ...options }),
    ].entries()) {
      const made = await add({ key: `PEM_${index}`, type: 'SSH_KEY', value, passphrase })
      assert.match(made.body.public_value, /^(?:ssh-rsa|ecdsa-sha2-nistp256) AAAA/)
      assert.match(made.body.key_fingerprint, /^SHA256:[A-Za-z0-9+/]{43}$/)
      assert.equal(made.text.includes('c4n4ry'), false)
      const blind = await add({ key: `BLIND_${index}`, type: 'SSH_KEY', value })
      assert.deepEqual([blind.status, blind.body.public_value], [201, null])
    }
    const none = await add({ key: 'NO_KEY', type: 'SSH_KEY', value: 'not a key' })
    assert.deepEqual([none.status, none.body.public_value, none.body.key_fingerprint], [201, null, null])
    const file = await add({
      key: 'FILE',
      type: 'FILE',
      value: 'content',
      file_path: '/a',
      file_chmod: '600',
    })
    assert.equal(file.body.checksum, 'ed7002b439e9ac845f22357d822bac1444730fbdb6016d3ec9432297b9ec9f73')
  })

  test('that are not right: 400 that names the field', async () => {
    const cases: [object, string][] = [
      [{ key: '1A', value: 'x' }, 'key'],
      [{ key: 'A B', value: 'x' }, 'key'],
      [{ key: 'A'.repeat(256), value: 'x' }, 'key'],
      [{ value: 'x' }, 'key'],
      [{ key: 'A' }, 'value'],
      [{ key: 'A', value: 5 }, 'value'],
      [{ key: 'A', value: 'x', type: 'SECRET' }, 'type'],
      [{ key: 'A', value: 'x', type: 'FILE', run_only_settable: true }, 'run_only_settable'],
      [{ key: 'A', value: '!encrypted abc' }, 'value'],
      [{ key: 'A', value: 'x', project: { name: 'none' } }, 'project.name'],
      [{ key: 'A', value: 'x', pipeline: { id: 4_000_000 } }, 'pipeline.id'],
      [{ key: 'A', value: 'x', action: { id: 4_000_000 } }, 'action.id'],
      [{ key: 'A', value: 'x', environment: { id: 'e' } }, 'environment'],
    ]
    for (const [body, field] of cases) {
      const { status, body: answer, text } = await add(body)
      assert.deepEqual([status, answer.errors?.[0].field], [400, field], text)
    }
    const { body } = await add({ key: 'TYPED', value: 'x' })
    const { status, body: answer } = await api.ask('PATCH', `${VARIABLES}/${body.id}`, { type: 'FILE' })
    assert.deepEqual([status, answer.errors[0].field], [400, 'type'])
  })

  test('of a pipeline come with it, and are replaced by those that are sent', async () => {
    const shop = '/workspaces/acme/projects/shop/pipelines'
    const variables = [
      { key: 'A', value: '1', settable: true },
      { key: 'B', value: 'c4n4ry', encrypted: true },
    ]
    const made = await api.ask('POST', shop, { name: 'With variables', variables })
    assert.equal(made.status, 201, made.text)
    const path = `${shop}/${made.body.id}`
    const [a, b] = made.body.variables
    assert.deepEqual([a.value, a.settable, b.encrypted], ['1', true, true])
    const { body } = await api.ask('PATCH', path, { variables: [{ key: 'B', value: b.value }, { key: 'C' }] })
    assert.deepEqual(
      body.variables.map(({ key, id }: { key: string; id: number }) => [key, id === b.id]),
      [
        ['B', true],
        ['C', false],
      ],
    )
    assert.equal((await api.ask('PATCH', path, { name: 'Renamed' })).body.variables.length, 2)
    const twice = await api.ask('PATCH', path, { variables: [{ key: 'D' }, { key: 'D' }] })
    assert.deepEqual([twice.status, twice.body.errors[0].field], [400, 'variables.1.key'])
    assert.equal((await api.ask('GET', path)).body.variables.length, 2, 'nothing was changed')
  })
})
