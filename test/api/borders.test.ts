import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { type Answer, furnish, startApi, type TestApi } from './api.ts'
import { base64, bodiesFor } from './bodies.ts'
import { operationOf, type Schema } from './description.ts'
import { Dump } from './dump.ts'
import { Everything } from './everything.ts'
import { type Description, partsOf, pathOf } from './operations.ts'

interface Route {
  readonly method: string
  /** With `{names}`, as the description has it. */
  readonly path: string
}
type Keys = ReadonlyMap<string, string | number>
/** Somebody who asks. */
type Ask = (method: string, path: string, body?: unknown) => Promise<Answer>

let api: TestApi
let registry: Server
/** Connections to registries. */
let dialled = 0
let database: Dump
let routes: readonly Route[]
let description: Description
/** A workspace of the callers, a project beside theirs in it, and somebody else's workspace. */
let mine: Everything
let sibling: Everything
let theirs: Everything
/** What the URLs that start pipelines are known by. */
const triggerTokens = { mine: '', theirs: '' }
let nobody: string
let owner: Ask
/** A token for one workspace, and an admin of one workspace. */
let restricted: readonly Ask[]

before(async () => {
  registry = createServer((socket) => {
    dialled += 1
    socket.destroy()
  }).listen(0, '127.0.0.1')
  await once(registry, 'listening')
  const endpoint = new URL(`http://127.0.0.1:${(registry.address() as AddressInfo).port}`)
  const hosts = ['docker.io', 'us-central1-docker.pkg.dev', 'ghcr.io', 'r.example']
  api = await startApi({}, { endpoints: new Map(hosts.map((host) => [host, endpoint])) })
  database = await Dump.open(api.open.url)
  description = (await api.ask('GET', '/openapi.json')).body
  routes = routesOf(api.app.printRoutes({ commonPrefix: false }))

  await furnish(api, 'mine', 'hall')
  await furnish(api, 'theirs', 'porch')
  const places = ['mine', 'mine', 'theirs'].map((workspace) => new Everything(api, { workspace }))
  for (const place of places) for (const name of ['project', 'pipeline']) await place.renew(name)
  // Executions count from one in each pipeline: no number is to be there in two of them.
  await database.query('update pipelines set executions = id * 10')
  for (const place of places) await place.fill()
  ;[mine, sibling, theirs] = places as [Everything, Everything, Everything]
  const add = async (name: string, body: object) => {
    const { body: made } = await api.ask('POST', `${mine.pipeline}/actions`, { name, ...body })
    mine.keys.set(name, made.id)
  }
  await add('question', { type: 'WAIT_FOR_APPLY' })
  await add('next', { type: 'RUN_NEXT_PIPELINE', next_pipeline_name: 'n' })
  theirs.keys.set('next', theirs.keys.get('action') ?? '')
  mine.keys.set('otherPipeline', sibling.keys.get('pipeline') ?? '')
  theirs.keys.set('otherPipeline', theirs.keys.get('pipeline') ?? '')
  triggerTokens.mine = await mine.makeTriggers()
  triggerTokens.theirs = await theirs.makeTriggers()

  const as =
    (token: string): Ask =>
    (method, path, body) =>
      api.ask(method, path, body, { authorization: `Bearer ${token}` })
  owner = as(api.token)
  const { scopes } = (await owner('GET', '/user/token')).body
  const { id } = (await owner('POST', '/workspaces/mine/members', { email: 'admin@example.com' })).body
  await owner('PATCH', `/workspaces/mine/members/${id}`, { admin: true })
  const { token } = (await owner('POST', `/workspaces/mine/members/${id}/tokens`, { name: 't' })).body
  restricted = [as(await api.tokenFor(scopes, ['mine'])), as(token)]
  nobody = (await owner('GET', '/workspaces/nobody')).text
})
after(async () => {
  await database[Symbol.asyncDispose]()
  registry.close()
  await api[Symbol.asyncDispose]()
})

/** Every route of the server itself, whether or not it is described. */
function routesOf(tree: string): readonly Route[] {
  const branch: string[] = []
  return tree.split('\n').flatMap((line) => {
    const [, indent = '', part = '', methods = ''] = /^([│ ]*)[├└]── (\S+)(?: \((.+)\))?$/.exec(line) ?? []
    if (part === '') return []
    branch.splice(indent.length / 4, branch.length, part)
    const path = branch
      .join('')
      .replace(/^\/\//, '/')
      .replaceAll(/:(\w+)/g, '{$1}')
    return methods.split(', ').map((method) => ({ method, path }))
  })
}

/** Every way to put keys of two places together that leads to none of them in whole: some of one and some of the other. */
function mixturesOf(route: Route, own: Keys, foreign: Keys): readonly Keys[] {
  const parts = partsOf(route.path).filter((name) => own.get(name) !== foreign.get(name))
  return Array.from({ length: 2 ** parts.length }, (_, chosen) => {
    const others = parts.filter((_, index) => chosen & (1 << index))
    return new Map([...own, ...others.map((name) => [name, foreign.get(name) ?? ''] as const)])
  }).slice(1)
}

const fill = ({ path }: Pick<Route, 'path'>, keys: Keys) =>
  pathOf(path, (name) => keys.get(name) ?? assert.fail(name))

/** Asks along each path with a body that would be taken, and expects to hear what is said of what nobody has. */
async function expectNothing(ask: Ask, route: Route, mixtures: readonly Keys[]): Promise<void> {
  const operation = operationOf(description.paths, route.method, route.path)
  const isKeyed = /\/(?:trigger|registry)-webhook$/.test(route.path)
  for (const keys of mixtures) {
    const body = ['POST', 'PATCH'].includes(route.method)
      ? (bodiesFor(keys)[operation?.operationId ?? ''] ?? {})
      : undefined
    const path = fill(route, keys)
    const tokens = isKeyed ? Object.values(triggerTokens) : ['']
    for (const token of tokens) {
      // This one would be its own.
      if (isKeyed && keys.get('pipeline') === theirs.keys.get('pipeline') && token === triggerTokens.theirs)
        continue
      const { status, text } = await ask(route.method, token === '' ? path : `${path}?token=${token}`, body)
      assert.deepEqual([status, text], [404, nobody], `${route.method} ${path}`)
    }
  }
}

/** Nothing of what is done changes a row, or asks a registry. */
async function withoutTrace(work: () => Promise<void>): Promise<void> {
  const [before, asked] = [await database.read(), dialled]
  await work()
  assert.deepEqual(await database.read(), before)
  assert.equal(dialled, asked)
}

/** HEAD is GET with less of an answer. */
const named = () => routes.filter((route) => route.method !== 'HEAD' && partsOf(route.path).length > 0)

describe('the routes of the server', () => {
  test('are all here, and lead somewhere with what is there', async () => {
    const known = new Set(routes.map(({ method, path }) => `${method} ${path}`))
    const described = Object.entries(description.paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
    )
    assert.deepEqual(
      described.filter((operation) => !known.has(operation)),
      [],
    )
    for (const place of [mine, sibling, theirs]) {
      for (const route of named().filter(({ method }) => method === 'GET')) {
        if (/\/events$|-webhook$/.test(route.path)) continue
        const { status } = await owner('GET', fill(route, place.keys))
        assert.equal(status, 200, fill(route, place.keys))
      }
    }
  })

  test('say what is there to nobody who is of another workspace, in whatever way it is mixed with their own', async () => {
    await withoutTrace(async () => {
      for (const ask of restricted)
        await Promise.all(
          named().map((route) => expectNothing(ask, route, mixturesOf(route, mine.keys, theirs.keys))),
        )
    })
  })

  test('lead to nothing but by the things that it is in, for the owner of all too', async () => {
    await withoutTrace(async () => {
      for (const foreign of [theirs, sibling])
        await Promise.all(
          named().map((route) => {
            // All of the other's is the other's.
            const mixtures = mixturesOf(route, mine.keys, foreign.keys).slice(0, -1)
            return expectNothing(owner, route, mixtures)
          }),
        )
    })
  })
})

/**
 * Where a body, or a query, names something: by operation, place and noun. `body` is the rest of the body; `action` the action of the path, where
 * it is to be of another kind; `wrap` makes a text of the name.
 */
interface Reference {
  readonly operations: string
  readonly field: string
  readonly noun: string
  readonly body?: object
  readonly action?: string
  readonly wrap?: (name: unknown) => string
}

const assigned = { auto_assign_to_new_projects: true }
const inYaml = (action: string) => (name: unknown) =>
  base64(`- {pipeline: y, actions: [{action: a, ${action.replace('NAME', String(name))}}]}`)
const yaml = { operations: 'tryPipelines tryPipeline applyPipeline applyPipelines', field: 'yaml' }
const REFERENCES: readonly Reference[] = [
  {
    operations: 'addMember editMember addGroup editGroup',
    field: 'auto_assign_permission_set_id',
    ...{ noun: 'set', body: assigned },
  },
  { operations: 'addGroupMember addProjectMember', field: 'id', noun: 'member' },
  { operations: 'addProjectGroup', field: 'id', noun: 'group' },
  {
    operations: 'addProjectMember addProjectGroup editProjectMember editProjectGroup',
    ...{ field: 'permission_set.id', noun: 'set' },
  },
  { operations: 'addProject editProject', field: 'integration.hash_id', noun: 'integration' },
  ...['member users id', 'group groups id', 'email users email', 'groupName groups name'].flatMap((row) => {
    const [noun = '', many, key] = row.split(' ')
    const named = { field: `permissions.${many}.0.${key}`, noun }
    const allows = (access_level: string) => ({ permissions: { [`${many}`]: [{ access_level }] } })
    const asks = { ...named, body: { type: 'WAIT_FOR_APPLY', ...allows('DENIED') } }
    const ofPipelines = { operations: 'addPipeline editPipeline', ...named, body: allows('RUN_ONLY') }
    const ofIntegrations = { operations: 'addIntegration editIntegration', ...named, body: allows('MANAGE') }
    return [
      ...(key === 'id' ? [ofPipelines, ofIntegrations] : []),
      { operations: 'addAction', ...asks },
      { operations: 'editAction', ...asks, action: 'question' },
    ]
  }),
  { operations: 'addIntegration editIntegration', field: 'allowed_pipelines.0.id', noun: 'pipeline' },
  {
    operations: 'addIntegration editIntegration',
    ...{ field: 'project_name', noun: 'project', body: { scope: 'PROJECT' } },
  },
  ...['src', 'dest'].flatMap((side) => [
    { operations: 'addAction editAction', field: `${side}.integration`, noun: 'integrationName' },
    { operations: 'addAction editAction', field: `${side}.integration.identifier`, noun: 'integrationName' },
    { operations: 'addAction editAction', field: `${side}.integration.hash_id`, noun: 'integration' },
  ]),
  {
    ...{ operations: 'addAction', field: 'next_pipeline_id', noun: 'otherPipeline' },
    body: { name: 'N', type: 'RUN_NEXT_PIPELINE' },
  },
  {
    ...{ operations: 'editAction', field: 'next_pipeline_id', noun: 'otherPipeline', action: 'next' },
    body: { type: 'RUN_NEXT_PIPELINE' },
  },
  { operations: 'addAction editAction', field: 'after_action_id', noun: 'next' },
  { operations: 'runPipeline planPipeline', field: 'actions_to_run.0', noun: 'action' },
  {
    ...{ operations: 'runPipeline planPipeline', field: 'expected.0.action_id', noun: 'action' },
    body: { expected: [{ digest: `sha256:${'a'.repeat(64)}` }] },
  },
  {
    ...{ operations: 'runPipeline planPipeline', field: 'rollback.action_id', noun: 'action' },
    body: { rollback: { digest: `sha256:${'a'.repeat(64)}` } },
  },
  { operations: 'addVariable', field: 'project.name', noun: 'project' },
  { operations: 'addVariable', field: 'pipeline.id', noun: 'pipeline' },
  { operations: 'addVariable', field: 'action.id', noun: 'action', body: { project: undefined } },
  { operations: 'addWebhook editWebhook', field: 'projects.0', noun: 'project' },
  { operations: 'addToken', field: 'workspace_restrictions.0', noun: 'workspace' },
  { ...yaml, noun: 'email', wrap: inYaml('type: WAIT_FOR_APPLY, permissions: {users: {NAME: DENIED}}') },
  { ...yaml, noun: 'groupName', wrap: inYaml('type: WAIT_FOR_APPLY, permissions: {groups: {NAME: DENIED}}') },
  {
    ...{ ...yaml, noun: 'integrationName' },
    wrap: inYaml(
      'type: PROMOTE_IMAGE, same_location: true, src: {docker_registry: DOCKER_HUB, image: "a/b:1", integration: NAME}, dest: {tag: c}',
    ),
  },
  { operations: 'listVariables', field: 'project_name', noun: 'project' },
  { operations: 'listVariables', field: 'projectName', noun: 'project' },
  { operations: 'listVariables', field: 'pipeline_id', noun: 'pipeline' },
  { operations: 'listVariables', field: 'pipelineId', noun: 'pipeline' },
  { operations: 'listVariables', field: 'action_id', noun: 'action' },
  { operations: 'listVariables', field: 'actionId', noun: 'action' },
  { operations: 'getIdentifiers', field: 'project', noun: 'project' },
]

/** Ends like one that names a thing, and names none that is kept, or none before a pipeline of this workspace runs. */
const NAMES_NOTHING =
  /^(?:name|display_name|identifier|(?:external|git_lab)_project_id|custom_repo_ssh_key_id|app_id|tenant_id|access_key_id|environment\.id|email)$|\.(?:external_id|zone_id)$|ip_restrictions|(?:trigger|next|remote)_\w+_name$|^approve_action_id$|^(?:branch|tag|pull_request)\.name$/

/** The places in a schema where something may be named. */
function namingFields(schema: Schema, path: readonly string[] = []): readonly string[] {
  const { $ref, anyOf = [], items, properties = {} } = schema
  if ($ref !== undefined)
    return namingFields(description.components.schemas[$ref.slice($ref.lastIndexOf('/') + 1)] ?? {}, path)
  const own = path.join('.')
  const names = /(?:^|[._])(?:id|integration|identifier|email|name|projects\.0|to_run\.0|restrictions\.0)$/
  return [
    ...(names.test(own) && Object.keys(properties).length === 0 ? [own] : []),
    ...anyOf.flatMap((one) => namingFields(one, path)),
    ...(items === undefined ? [] : namingFields(items, [...path, '0'])),
    ...Object.entries(properties).flatMap(([name, one]) => namingFields(one, [...path, name])),
  ]
}

function withField(value: unknown, [name, ...rest]: readonly string[], field: unknown): unknown {
  if (name === undefined) return field
  const inside = typeof value === 'object' ? (value as Record<string, unknown>) : {}
  if (name === '0') return [withField(Object.values(inside)[0], rest, field)]
  return { ...inside, [name]: withField(inside[name], rest, field) }
}

/** A name that nobody has, as long as this one. */
function nobodyLike(name: unknown): unknown {
  return typeof name === 'number' ? 987_654_321 : 'n'.repeat(String(name).length)
}

describe('a body, or a query', () => {
  const operations = () =>
    Object.entries(description.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({
        path,
        method: method.toUpperCase(),
        operation,
      })),
    )

  test('is looked at here in every place that names something', () => {
    const known = new Set(
      REFERENCES.flatMap(({ operations, field }) => operations.split(' ').map((one) => `${one} ${field}`)),
    )
    const fields = operations().flatMap(({ operation: { operationId, requestBody } }) => {
      const { schema } = requestBody?.content['application/json'] ?? {}
      return schema === undefined
        ? []
        : namingFields(schema)
            .filter((field) => !NAMES_NOTHING.test(field))
            .map((field) => `${operationId} ${field}`)
    })
    assert.deepEqual(
      [...new Set(fields)].filter((field) => !known.has(field)),
      [],
    )
  })

  test("that names what is another's is answered like one that names what nobody has, and does nothing", async () => {
    const all = operations()
    const cases = REFERENCES.flatMap((reference) =>
      reference.operations.split(' ').map((id) => ({
        ...reference,
        ...(all.find(({ operation }) => operation.operationId === id) ?? assert.fail(id)),
      })),
    )
    type Case = (typeof cases)[number]
    /** The answer, without the name in it. */
    const answerOf = async (ask: Ask, one: Case, name: unknown): Promise<string> => {
      const { operation, method, noun, field, body, action = 'action', wrap = String } = one
      const keys = new Map([...mine.keys, ['action', mine.keys.get(action) ?? '']] as const)
      const path = fill(one, keys)
      const value = one.wrap === undefined ? name : wrap(name)
      const sent = { ...bodiesFor(mine.keys)[operation.operationId], ...body }
      const { status, text } =
        method === 'GET'
          ? await ask('GET', `${path}?${field}=${name}`)
          : await ask(method, path, withField(sent, field.split('.'), value))
      assert.ok(status < 500, `${operation.operationId} ${field}: ${text}`)
      return `${status} ${text.replaceAll(String(name), noun)}`
    }
    await withoutTrace(async () => {
      for (const one of cases) {
        const foreign = theirs.keys.get(one.noun)
        const none = nobodyLike(foreign)
        for (const ask of restricted) {
          const said = await answerOf(ask, one, foreign)
          assert.equal(said, await answerOf(ask, one, none), `${one.operation.operationId} ${one.field}`)
          assert.match(said, one.method === 'GET' ? /^(?:200|404) / : /^4\d\d .*"field"/)
        }
      }
    })
    // Otherwise nothing would have been shown.
    const [ask = owner] = restricted
    for (const one of cases) {
      const name = mine.keys.get(one.noun)
      const own = await answerOf(ask, one, name)
      const none = await answerOf(ask, one, nobodyLike(name))
      assert.notEqual(own, none, `${one.operation.operationId} ${one.field}`)
    }
  })

  test('is one with a scope whose parts belong together', async () => {
    const names = { project: 'name', pipeline: 'id', action: 'id' }
    await withoutTrace(async () => {
      for (const [noun, key] of Object.entries(names)) {
        for (const foreign of [theirs, sibling]) {
          const scope = Object.keys(names).map((each) => [
            each,
            { [names[each as keyof typeof names]]: (each === noun ? foreign : mine).keys.get(each) },
          ])
          const { status, body } = await owner('POST', '/workspaces/mine/variables', {
            ...{ key: 'K', value: 'v' },
            ...Object.fromEntries(scope),
          })
          assert.deepEqual([status, body.errors?.[0].field], [400, 'action.id'], `${noun} ${key}`)
        }
      }
    })
  })
})
