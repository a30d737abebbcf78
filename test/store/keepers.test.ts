import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import {
  type ActionId,
  type IntegrationSecrets,
  ModelError,
  Secret,
  type TokenId,
  type WorkspaceId,
} from '#model'
import { draftAction, makePipeline, promotionOf, startStore, type TestStore } from '#support/store'

let open: TestStore
before(async () => {
  open = await startStore()
})
after(() => open.close())

const conflict = (field: string) => (error: unknown) =>
  error instanceof ModelError && error.code === 'CONFLICT' && error.field === field

describe('workspaces, projects and pipelines', () => {
  test('a domain is taken once', async () => {
    await open.store.workspaces.create({ domain: 'taken', name: 'One' })
    await assert.rejects(open.store.workspaces.create({ domain: 'taken', name: 'Two' }), conflict('domain'))
    assert.equal((await open.store.workspaces.find('taken'))?.name, 'One')
    assert.equal(await open.store.workspaces.find('never'), undefined)
  })

  test("a project's name is taken once in its workspace, and free in another", async () => {
    const { workspace, project } = await makePipeline(open, 'names-1')
    const draft = { name: 'shop', displayName: 'Shop', access: 'private' as const }
    await assert.rejects(
      open.store.projects.create({ workspaceId: workspace.id, ...draft }),
      conflict('name'),
    )
    const { project: other } = await makePipeline(open, 'names-2')
    assert.notEqual(other.id, project.id)
    assert.deepEqual(await open.store.projects.findById(project.id), project)
    assert.deepEqual(await open.store.projects.find(workspace.id, 'shop'), project)
  })

  test('a page past the end is empty and knows the count', async () => {
    const { project } = await makePipeline(open, 'pages')
    const page = await open.store.pipelines.list(project.id, { page: 7, perPage: 20 })
    assert.deepEqual(page, { items: [], total: 1 })
  })

  test('a pipeline comes back as it went in', async () => {
    const { project, pipeline } = await makePipeline(open, 'pipelines')
    const saved = await open.store.pipelines.save({
      ...pipeline,
      disabled: true,
      disabledReason: 'because',
      extras: { refs: ['a'], nested: { deep: [1, null] } },
    })
    assert.deepEqual(await open.store.pipelines.find(project.id, pipeline.id), saved)
    assert.equal(saved.disabledReason, 'because')
    assert.deepEqual(saved.extras, { refs: ['a'], nested: { deep: [1, null] } })
  })

  test("what a client sent for others' fields comes back as it was sent, in its order", async () => {
    const { project, pipeline } = await makePipeline(open, 'extras')
    const extras = { zebra: 'x\0y', a: '\ud800', long: 1, odd: { $sealed: 'v1.00000000.AAAA' } }
    await open.store.pipelines.save({ ...pipeline, extras })
    const found = await open.store.pipelines.find(project.id, pipeline.id)
    assert.equal(JSON.stringify(found?.extras), JSON.stringify(extras))
    const { id } = await open.store.actions.create({ ...draftAction(pipeline.id), extras })
    const action = await open.store.actions.find(pipeline.id, id)
    assert.equal(JSON.stringify(action?.extras), JSON.stringify(extras))
  })

  test('removing a workspace removes all that is in it', async () => {
    const { workspace, project, pipeline } = await makePipeline(open, 'removed')
    await open.store.actions.create(draftAction(pipeline.id))
    await open.store.workspaces.remove(workspace.id)
    assert.equal(await open.store.projects.find(workspace.id, 'shop'), undefined)
    assert.equal(await open.store.pipelines.find(project.id, pipeline.id), undefined)
    assert.deepEqual(await open.store.actions.list(pipeline.id), [])
  })
})

describe('actions', () => {
  test('stand in the order in which they were put', async () => {
    const { pipeline } = await makePipeline(open, 'order')
    const names = async () => (await open.store.actions.list(pipeline.id)).map(({ name }) => name)
    const a = await open.store.actions.create(draftAction(pipeline.id, 'a'))
    const b = await open.store.actions.create(draftAction(pipeline.id, 'b'))
    const c = await open.store.actions.create(draftAction(pipeline.id, 'c'), a.id)
    assert.deepEqual(await names(), ['a', 'c', 'b'])
    await open.store.actions.create(draftAction(pipeline.id, 'd'), 'first')
    assert.deepEqual(await names(), ['d', 'a', 'c', 'b'])
    await open.store.actions.save({ ...c, name: 'C' }, b.id)
    assert.deepEqual(await names(), ['d', 'a', 'b', 'C'])
    await open.store.actions.remove(a.id)
    await open.store.actions.create(draftAction(pipeline.id, 'e'))
    assert.deepEqual(await names(), ['d', 'b', 'C', 'e'])
  })

  test('are not put behind an action of another pipeline, and nothing of the try stays', async () => {
    const { pipeline } = await makePipeline(open, 'order-1')
    const { pipeline: other } = await makePipeline(open, 'order-2')
    const foreign = await open.store.actions.create(draftAction(other.id))
    await assert.rejects(
      open.store.actions.create(draftAction(pipeline.id), foreign.id),
      (error: unknown) => error instanceof ModelError && error.field === 'after_action_id',
    )
    assert.deepEqual(await open.store.actions.list(pipeline.id), [])
    assert.equal(await open.store.actions.find(pipeline.id, foreign.id), undefined)
  })

  test('twenty that are made at once have twenty places', async () => {
    const { pipeline } = await makePipeline(open, 'crowd')
    await Promise.all(
      Array.from({ length: 20 }, (_, n) => open.store.actions.create(draftAction(pipeline.id, `${n}`))),
    )
    const positions = (await open.store.actions.list(pipeline.id)).map(({ position }) => position)
    assert.deepEqual(
      positions,
      Array.from({ length: 20 }, (_, n) => n),
    )
  })

  test('keep a password that only reveal shows', async () => {
    const { pipeline } = await makePipeline(open, 'password')
    const draft = draftAction(pipeline.id)
    const { source } = draft.promotion
    const promotion = {
      ...draft.promotion,
      source: { ...source, username: 'ada', password: new Secret('Pa55word') },
    }
    const made = await open.store.actions.create({ ...draft, promotion })
    const found = await open.store.actions.find(pipeline.id, made.id)
    assert.equal(promotionOf(found).source.password?.reveal(), 'Pa55word')
    assert.equal(JSON.stringify(found).includes('Pa55word'), false)
    assert.deepEqual(promotionOf(found).target, { ...draft.promotion.target, createRepository: undefined })
  })
})

describe('integrations', () => {
  const draft = (workspaceId: WorkspaceId, identifier: string, secrets: IntegrationSecrets) => ({
    workspaceId,
    identifier,
    name: 'Hub',
    type: 'docker-hub' as const,
    authType: 'DEFAULT',
    scope: 'workspace' as const,
    projectName: undefined,
    secrets,
    extras: {},
  })

  test('are found by hash and by identifier, in their workspace alone', async () => {
    const { workspace } = await makePipeline(open, 'integrations-1')
    const { workspace: other } = await makePipeline(open, 'integrations-2')
    const secrets = { username: new Secret('ada'), password: new Secret('Pa55word') }
    const made = await open.store.integrations.create(draft(workspace.id, 'hub', secrets))
    assert.match(made.hash, /^[\w-]{24}$/)
    assert.equal((await open.store.integrations.find(workspace.id, made.hash))?.identifier, 'hub')
    const found = await open.store.integrations.findByIdentifier(workspace.id, 'hub')
    assert.equal(found?.secrets.password?.reveal(), 'Pa55word')
    assert.equal(await open.store.integrations.find(other.id, made.hash), undefined)
    assert.equal(await open.store.integrations.findByIdentifier(other.id, 'hub'), undefined)
    await assert.rejects(
      open.store.integrations.create(draft(workspace.id, 'hub', {})),
      conflict('identifier'),
    )
  })

  test('a save replaces the secrets', async () => {
    const { workspace } = await makePipeline(open, 'integrations-3')
    const made = await open.store.integrations.create(
      draft(workspace.id, 'hub', { password: new Secret('old') }),
    )
    const saved = await open.store.integrations.save({
      ...made,
      name: 'New',
      secrets: { password: new Secret('new') },
    })
    assert.equal(saved.name, 'New')
    assert.equal(saved.secrets.password?.reveal(), 'new')
    await open.store.integrations.remove(made.hash)
    assert.equal(await open.store.integrations.find(workspace.id, made.hash), undefined)
  })
})

describe('tokens', () => {
  const now = () => new Date()

  test('open the door until they are revoked', async () => {
    const { id: personId } = await open.store.tokens.owner()
    const scopes = ['EXECUTION_INFO']
    const made = await open.store.tokens.create({
      personId,
      name: 'ci',
      scopes,
      workspaces: ['acme'],
      expiresAt: undefined,
    })
    const caller = await open.store.tokens.authenticate(made.text, now())
    assert.deepEqual(caller?.token, made.token)
    assert.equal(caller?.person.owner, true)
    await open.store.tokens.remove(made.token.id)
    assert.equal(await open.store.tokens.authenticate(made.text, now()), undefined)
  })

  test('expire', async () => {
    const { id: personId } = await open.store.tokens.owner()
    const expiresAt = new Date(Date.now() + 60_000)
    const { text } = await open.store.tokens.create({
      personId,
      name: 'short',
      scopes: [],
      workspaces: [],
      expiresAt,
    })
    assert.ok(await open.store.tokens.authenticate(text, now()))
    assert.equal(await open.store.tokens.authenticate(text, expiresAt), undefined)
  })

  test("the owner's configured token replaces the one before", async () => {
    await open.store.tokens.setOwner(new Secret('a'.repeat(32)))
    await open.store.tokens.setOwner(new Secret('b'.repeat(32)))
    assert.equal(await open.store.tokens.authenticate(new Secret('a'.repeat(32)), now()), undefined)
    assert.ok(await open.store.tokens.authenticate(new Secret('b'.repeat(32)), now()))
    assert.equal(await open.store.tokens.authenticate(new Secret('c'.repeat(32)), now()), undefined)
  })

  test('an id that is none is nobody', async () => {
    const { id: personId } = await open.store.tokens.owner()
    assert.equal(await open.store.tokens.find(personId, "no' uuid" as TokenId), undefined)
    assert.equal(await open.store.actions.find(1 as never, 2_000_000 as ActionId), undefined)
  })
})
