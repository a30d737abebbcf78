import assert from 'node:assert/strict'
import { copyFile, readFile, stat, writeFile } from 'node:fs/promises'
import { after, before, describe, test } from 'node:test'
import pg from 'pg'
import { type ActionDraft, type PersonId, type PipelineId, Secret, type WebhookId } from '#model'
import { type OpenStore, openStore, rotateKeys } from '#store'
import {
  draftAction,
  draftExecution,
  makePipeline,
  promotionOf,
  startStore,
  type TestStore,
} from '#support/store'
import { SEALED } from '../../src/store/sealed.ts'

let open: TestStore
let client: pg.Client
let kept: Awaited<ReturnType<typeof keepSecrets>>
before(async () => {
  open = await startStore({ ownKey: true })
  client = new pg.Client({ connectionString: open.url })
  await client.connect()
  kept = await keepSecrets()
})
after(async () => {
  await client.end()
  await open.close()
})

/** One secret of each kind that there is. */
async function keepSecrets() {
  const { store } = open
  const { workspace, pipeline } = await makePipeline(open, 'kept')
  const integration = await store.integrations.create({
    ...{ workspaceId: workspace.id, identifier: 'hub', name: 'Hub', type: 'docker-hub' },
    ...{ authType: 'DEFAULT', scope: 'workspace', projectName: undefined, extras: {} },
    secrets: { password: new Secret('integration') },
  })
  const draft = draftAction(pipeline.id)
  const source = { ...draft.promotion.source, username: 'ada', password: new Secret('action') }
  const promotion = { ...draft.promotion, source }
  const action = await store.actions.create({ ...draft, promotion } satisfies ActionDraft)
  const webhook = await store.webhooks.create({
    ...{ workspaceId: workspace.id, targetUrl: 'https://hook.example', events: [], projects: [] },
    secrets: { secretKey: undefined, signing: new Secret('webhook'), before: undefined },
  })
  const token = new Secret('token')
  await store.triggerKeys.save(pipeline.id, {
    token,
    totp: new Secret('AAAA'),
    secret: new Secret('trigger'),
  })
  const variable = await store.variables.create({
    ...{ workspaceId: workspace.id, projectId: undefined, pipelineId: undefined, actionId: undefined },
    ...{ key: 'V', kind: 'var', value: new Secret('variable'), encrypted: true, settable: false },
    ...{ runOnlySettable: false, description: undefined, passphrase: undefined, password: undefined },
    file: { place: 'none', path: undefined, chmod: undefined },
    derived: { checksum: undefined, publicValue: undefined, fingerprint: undefined },
  })
  const { id: creatorId } = await store.tokens.owner()
  const binding = { key: 'V', encrypted: true, settable: false, actionId: undefined, scope: 'run' as const }
  const execution = await store.executions.create(
    {
      ...draftExecution(pipeline, [], creatorId as PersonId),
      actions: [{ action, loop: [{ ...binding, value: new Secret('loop') }], pinned: undefined }],
      variables: [{ ...binding, value: new Secret('run') }],
    },
    new Date(),
  )
  return { workspace, pipeline, integration, action, webhook, token, variable, execution }
}

async function readSecrets({ store }: Pick<OpenStore, 'store'>) {
  const { workspace, pipeline, integration, action, webhook, token, variable, execution } = kept
  const run = await store.executions.findById(execution.id)
  return [
    (await store.integrations.find(workspace.id, integration.hash))?.secrets.password,
    promotionOf(await store.actions.find(pipeline.id, action.id)).source.password,
    (await store.webhooks.find(workspace.id, webhook.id))?.secrets.signing,
    (await store.triggerKeys.find(pipeline.id, token))?.secret,
    (await store.variables.find(workspace.id, variable.id))?.value,
    run?.variables[0]?.value,
    run?.actions[0]?.loop[0]?.value,
    promotionOf(run?.actions[0]?.action).source.password,
  ].map((secret) => secret?.reveal())
}

const ALL = ['integration', 'action', 'webhook', 'trigger', 'variable', 'run', 'loop', 'action']

const rotate = (tell: (step: string) => void = () => {}, masterKeyFile = open.keyFile) =>
  rotateKeys({ database: { kind: 'url', url: open.url }, masterKeyFile }, tell, {
    answerMs: 2_000,
    settleMs: 20,
  })

const openAnother = (masterKeyFile: string) =>
  openStore({ database: { kind: 'url', url: open.url }, masterKeyFile })

/** Every column of the schema in which something sealed stands, and the keys of it. */
async function findSealed() {
  const { rows: columns } = await client.query(
    `select table_name as table, column_name as column from information_schema.columns
     where table_schema = current_schema() and data_type in ('json', 'jsonb', 'text')`,
  )
  const found: { place: string; keys: string[] }[] = []
  for (const { table, column } of columns) {
    const { rows } = await client.query(
      `select distinct m[1] as key from ${table}, regexp_matches(${column}::text, 'v1\\.([0-9a-f]{8})\\.[\\w-]{38,}', 'g') m`,
    )
    if (rows.length > 0) found.push({ place: `${table}.${column}`, keys: rows.map(({ key }) => key) })
  }
  return found.sort((a, b) => a.place.localeCompare(b.place))
}

const keysInUse = async () => [...new Set((await findSealed()).flatMap(({ keys }) => keys))]
const lines = async (file: string) => (await readFile(file, 'utf8')).trim().split('\n')

describe('keys that are rotated', { timeout: 60_000 }, () => {
  test('are those of every column in which a secret rests, each guarded by the database', async () => {
    const places = SEALED.map(({ table, column }) => `${table}.${column}`)
    assert.deepEqual(
      (await findSealed()).map(({ place }) => place),
      [...places, 'settings.value'].sort((a, b) => a.localeCompare(b)),
    )
    const { rows } = await client.query("select tgname from pg_trigger where tgname like '%_one_key'")
    assert.deepEqual(
      rows.map(({ tgname }) => tgname).sort(),
      SEALED.map(({ table }) => `${table}_one_key`).sort(),
    )
  })

  test('leave nothing that the old key opens, while others read and write all the time', async () => {
    const [old = ''] = await keysInUse()
    const before = await lines(open.keyFile)
    await using beside = disposable(await openAnother(open.keyFile))
    let going = true
    const traffic = (async () => {
      for (let n = 0; going; n++) {
        const { integration, pipeline } = kept
        for (const each of [open, beside]) {
          assert.deepEqual(await readSecrets(each), ALL)
          await each.store.integrations.save({ ...integration, name: `Hub ${n}` })
        }
        await makeRun(pipeline.id)
      }
    })()
    const { keyId, rows, unreadable, keptIn = [] } = await rotate()
    going = false
    await traffic
    assert.notEqual(keyId, old)
    assert.ok(rows >= 6)
    assert.deepEqual(unreadable, [])
    assert.deepEqual(await keysInUse(), [keyId])
    for (const each of [open, beside]) assert.deepEqual(await readSecrets(each), ALL)

    assert.deepEqual([await lines(String(keptIn[0])), keptIn.length], [before, 1])
    assert.equal((await stat(String(keptIn[0]))).mode & 0o777, 0o600)
    assert.equal((await stat(open.keyFile)).mode & 0o777, 0o600)
    assert.equal((await lines(open.keyFile)).length, 1)
    await assert.rejects(
      openAnother(String(keptIn[0])),
      /not the one that this database's secrets were sealed with/,
    )
  })

  test('are whole after the next try, wherever the first was broken off', async () => {
    for (let at = 1; ; at++) {
      let step = 0
      const broken = await rotate(() => {
        step += 1
        if (step === at) throw new Error('killed')
      }).catch((error: Error) => error)
      assert.deepEqual(await readSecrets(open), ALL)
      if (!(broken instanceof Error)) return assert.ok(at > 5)
      assert.equal(broken.message, 'killed')
      const { keyId } = await rotate()
      assert.deepEqual(
        [await keysInUse(), (await lines(open.keyFile)).length],
        [[keyId], 1],
        `broken off at ${at}`,
      )
    }
  })

  test('are not, while a process does not have the new one; its machine is given the file, and then they are', async () => {
    const elsewhere = `${open.keyFile}.elsewhere`
    await copyFile(open.keyFile, elsewhere)
    await using other = disposable(await openAnother(elsewhere))
    const inUse = await keysInUse()
    await assert.rejects(rotate(), /does not have the new key .* nothing has been sealed with it yet/)
    assert.deepEqual(await keysInUse(), inUse)
    assert.deepEqual(await readSecrets(other), ALL)
    await copyFile(open.keyFile, elsewhere)
    const { keyId } = await rotate()
    assert.deepEqual(await keysInUse(), [keyId])
    assert.deepEqual(await readSecrets(other), ALL)
    const { workspace } = kept
    const webhook = await other.store.webhooks.find(workspace.id, kept.webhook.id)
    assert.ok(webhook)
    await other.store.webhooks.save(webhook)
    assert.deepEqual(await keysInUse(), [keyId])
  })

  test('do not let anybody write what the old one sealed, however late it comes', async () => {
    const { rows } = await client.query('select definition::text as text from variables')
    await rotate()
    const late = client.query('update variables set definition = $1', [rows[0].text])
    await assert.rejects(late, /sealed with a key that has been retired/)
    assert.deepEqual(await readSecrets(open), ALL)
  })

  test('leave what opens with no key as it is, name it, and see to all else', async () => {
    const { webhook, workspace } = kept
    const other = await open.store.webhooks.create({ ...webhook, events: ['push'] })
    const read = async (id: WebhookId) => {
      const { rows } = await client.query('select secrets::text as text from webhooks where id = $1', [id])
      return rows[0].text as string
    }
    await client.query('update webhooks set secrets = $1 where id = $2', [await read(webhook.id), other.id])
    const { unreadable, keyId } = await rotate()
    assert.deepEqual(unreadable, [`webhooks/${other.id}/secrets`])
    assert.deepEqual(await readSecrets(open), ALL)
    assert.ok((await keysInUse()).includes(keyId))
    const found = await open.store.webhooks.find(workspace.id, other.id)
    assert.throws(() => found?.secrets.signing.reveal(), { code: 'SECRET_UNREADABLE' })
    await open.store.webhooks.remove(other.id)
  })

  test('go to a key that was put there by hand', async () => {
    const [first] = await lines(open.keyFile)
    await writeFile(open.keyFile, `${'5a'.repeat(32)}\n${first}\n`)
    const { rows } = await rotate()
    assert.ok(rows > 0)
    assert.deepEqual(await lines(open.keyFile), ['5a'.repeat(32)])
  })
})

async function makeRun(pipelineId: PipelineId): Promise<void> {
  const { id } = await open.store.tokens.owner()
  const value = new Secret('passed to the run')
  const binding = {
    key: 'V',
    encrypted: true,
    settable: false,
    actionId: undefined,
    scope: 'run' as const,
    value,
  }
  const draft = draftExecution({ ...kept.pipeline, id: pipelineId }, [kept.action], id, {
    variables: [binding],
  })
  await open.store.executions.create(draft, new Date())
}

function disposable(store: OpenStore): OpenStore & AsyncDisposable {
  return { ...store, [Symbol.asyncDispose]: () => store.close() }
}
