import assert from 'node:assert/strict'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { type Integration, Secret } from '#model'
import { type OpenStore, openStore } from '#store'
import { startProcess } from '#support/process'
import { makePipeline } from '#support/store'

const CANARY = 'c4n4ry-Pa55word'
const HOLDER = `
  import { openStore } from '#store'
  const dataDir = process.argv[1]
  const { store } = await openStore({ database: { kind: 'embedded', dataDir }, masterKeyFile: dataDir + '/master.key' })
  await store.workspaces.create({ domain: 'kept', name: 'Kept' })
  console.log('holding')
  setInterval(() => {}, 60_000)`

let root: string
let dataDir: string
before(async () => {
  // Nobody but its owner may walk through it, as through root's home.
  root = await mkdtemp(join(tmpdir(), 'tagboat-embedded-'))
  await chmod(root, 0o700)
  dataDir = join(root, 'below', 'data')
  await mkdir(join(root, 'below'))
})
after(() => rm(root, { recursive: true, force: true }))

const open = (options: { beside?: boolean; keyFile?: string } = {}): Promise<OpenStore> =>
  openStore({
    database: { kind: 'embedded', dataDir },
    masterKeyFile: options.keyFile ?? join(dataDir, 'master.key'),
    exclusive: !options.beside,
    ...(options.beside && { beside: true }),
  })

function hold() {
  return startProcess(
    process.execPath,
    ['--conditions=tagboat-source', '--input-type=module', '-e', HOLDER, dataDir],
    { cwd: join(import.meta.dirname, '..', '..') },
  )
}

// One after the other: each finds what the one before left.
describe('the embedded PostgreSQL', { timeout: 60_000 }, () => {
  test('lives below a folder that is private, and keeps what was written when its process is killed', async () => {
    const holder = hold()
    await holder.printed(/holding/)
    await assert.rejects(open(), new RegExp(`in use by process ${holder.pid}`))
    holder.kill('SIGKILL')
    await holder.finished
    const from = performance.now()
    await using again = disposable(await open())
    assert.equal((await again.store.workspaces.find('kept'))?.name, 'Kept')
    assert.ok(performance.now() - from < 5_000, 'it is there again within five seconds')
  })

  test('keeps its data over a stop and a start', async () => {
    {
      await using first = disposable(await open())
      await makePipeline(first, 'stopped')
    }
    await using second = disposable(await open())
    assert.equal((await second.store.workspaces.find('stopped'))?.domain, 'stopped')
  })

  test('lets another process in beside the one that has it', async () => {
    await using service = disposable(await open())
    await service.store.workspaces.create({ domain: 'beside', name: 'Beside' })
    await using beside = disposable(await open({ beside: true }))
    assert.equal((await beside.store.workspaces.find('beside'))?.name, 'Beside')
  })

  test('holds no secret in the clear, in no file', async () => {
    await using store = disposable(await open())
    await makeIntegration(store, 'secrets')
    const files = await readdir(join(dataDir, 'postgres'), { recursive: true, withFileTypes: true })
    const canaries = [CANARY, Buffer.from(CANARY).toString('base64'), Buffer.from(CANARY).toString('hex')]
    let read = 0
    for (const file of files.filter((entry) => entry.isFile())) {
      const bytes = await readFile(join(file.parentPath, file.name)).catch(() => undefined)
      if (bytes === undefined) continue
      read += bytes.length
      for (const canary of canaries) assert.equal(bytes.includes(canary), false, file.name)
    }
    assert.ok(read > 10_000_000, 'the database was looked at')
  })

  test('does not open a secret that was moved to another row', async () => {
    await using store = disposable(await open())
    const [one, two] = [await makeIntegration(store, 'moved-1'), await makeIntegration(store, 'moved-2')]
    await query(
      dataDir,
      'update integrations set secrets = (select secrets from integrations where hash = $1) where hash = $2',
      [one.hash, two.hash],
    )
    const found = await store.store.integrations.find(two.workspaceId, two.hash)
    assert.throws(() => found?.secrets.password?.reveal(), { code: 'SECRET_UNREADABLE' })
    assert.equal(
      (await store.store.integrations.find(one.workspaceId, one.hash))?.secrets.password?.reveal(),
      CANARY,
    )
  })

  test('is not opened with another master key, or without it', async () => {
    const keyFile = join(root, 'other.key')
    await assert.rejects(open({ keyFile }), /master key .* is missing/)
    await writeFile(keyFile, 'ab'.repeat(32))
    await assert.rejects(open({ keyFile }), /not the one that this database's secrets were sealed with/)
    await using store = disposable(await open())
    assert.ok(await store.store.workspaces.find('kept'))
  })
})

function disposable(store: OpenStore): OpenStore & AsyncDisposable {
  return { ...store, [Symbol.asyncDispose]: () => store.close() }
}

async function makeIntegration(store: OpenStore, name: string): Promise<Integration> {
  const { workspace } = await makePipeline(store, name)
  return store.store.integrations.create({
    workspaceId: workspace.id,
    identifier: 'hub',
    name: 'Hub',
    type: 'docker-hub',
    authType: 'DEFAULT',
    scope: 'workspace',
    projectName: undefined,
    secrets: { username: new Secret('ada'), password: new Secret(CANARY) },
    extras: {},
  })
}

async function query(dataDir: string, text: string, values: readonly unknown[]): Promise<void> {
  const { default: pg } = await import('pg')
  const { socketDir } = JSON.parse(await readFile(join(dataDir, 'postgres.json'), 'utf8'))
  const client = new pg.Client({ host: socketDir, user: 'tagboat', database: 'tagboat' })
  await client.connect()
  await client.query(text, [...values])
  await client.end()
}
