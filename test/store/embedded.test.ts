import assert from 'node:assert/strict'
import { chmod, chown, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import pg from 'pg'
import { type Integration, Secret } from '#model'
import { type OpenStore, openStore } from '#store'
import { runProcess, startProcess } from '#support/process'
import { draftAction, draftExecution, makePipeline } from '#support/store'

const CANARY = 'c4n4ry/Pa55 w\u00f6rd+with&all'
const HOLDER = `
  import { openStore } from '#store'
  const dataDir = process.argv[1]
  const { store } = await openStore({ database: { kind: 'embedded', dataDir }, masterKeyFile: dataDir + '/master.key' })
  if (!(await store.workspaces.find('kept'))) await store.workspaces.create({ domain: 'kept', name: 'Kept' })
  console.log('holding')
  setInterval(() => {}, 60_000)`

/** Gives up being root before anything else. */
const ORDINARY = `
  const [uid, gid, dataDir] = process.argv.slice(1)
  process.umask(0o077)
  process.setgroups([])
  process.setgid(Number(gid))
  process.setuid(Number(uid))
  const { openStore } = await import('#store')
  const open = await openStore({ database: { kind: 'embedded', dataDir }, masterKeyFile: dataDir + '/master.key' })
  await open.store.workspaces.create({ domain: 'ordinary', name: 'Ordinary' })
  await open.close()
  console.log('closed as ' + process.getuid())`

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

function hold(where = dataDir, env = process.env) {
  return startProcess(
    process.execPath,
    ['--conditions=tagboat-source', '--input-type=module', '-e', HOLDER, where],
    { cwd: join(import.meta.dirname, '..', '..'), env },
  )
}

// Where tests do not run as root, all the others show this.
test('the embedded PostgreSQL serves an ordinary user', {
  timeout: 30_000,
  skip: process.getuid?.() !== 0 && 'not root',
}, async () => {
  const home = await mkdtemp(join(tmpdir(), 'tagboat-ordinary-'))
  try {
    const nobody = (await readFile('/etc/passwd', 'utf8')).split('\n').find((line) => /^nobody:/.test(line))
    const [, , uid = '', gid = ''] = nobody?.split(':') ?? []
    await chown(home, Number(uid), Number(gid))
    const args = ['--conditions=tagboat-source', '--input-type=module', '-e', ORDINARY]
    const cwd = join(import.meta.dirname, '..', '..')
    const ran = await runProcess(process.execPath, [...args, uid, gid, join(home, 'data')], { cwd })
    assert.match(ran.stdout, new RegExp(`closed as ${uid}`), ran.stderr)
    const files = await readdir(join(home, 'data'), { withFileTypes: true })
    for (const { name } of files) assert.equal((await stat(join(home, 'data', name))).mode & 0o077, 0, name)
  } finally {
    await rm(home, { recursive: true, force: true })
  }
})

test('the embedded PostgreSQL comes up where the folder for temporary files is private', {
  timeout: 30_000,
}, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tagboat-private-'))
  try {
    await chmod(folder, 0o700)
    const holder = hold(join(folder, 'data'), { ...process.env, TMPDIR: folder })
    await holder.printed(/holding/)
    holder.kill('SIGKILL')
    await holder.finished
    const masterKeyFile = join(folder, 'data', 'master.key')
    await using again = disposable(
      await openStore({ database: { kind: 'embedded', dataDir: join(folder, 'data') }, masterKeyFile }),
    )
    assert.ok(await again.store.workspaces.find('kept'))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})

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

  test('holds no secret in the clear, in no file: not of integrations, actions or frozen executions, no token', async () => {
    await using open_ = disposable(await open())
    const { store } = open_
    await makeIntegration(open_, 'secrets')
    const { pipeline } = await makePipeline(open_, 'secret-actions')
    const draft = draftAction(pipeline.id)
    const source = { ...draft.promotion.source, username: 'ada', password: new Secret(CANARY) }
    const action = await store.actions.create({ ...draft, promotion: { ...draft.promotion, source } })
    const { id: creatorId } = await store.tokens.owner()
    const passed = { scope: 'run', actionId: undefined, key: 'K', encrypted: true, settable: false } as const
    const variables = [{ ...passed, value: new Secret(CANARY) }]
    const frozen = draftExecution(pipeline, [action], creatorId, { variables })
    await store.transaction(async (within) => {
      const { id } = await within.executions.create(frozen, new Date())
      await within.queue.enqueue(id)
    })
    const { text } = await store.tokens.create({
      personId: creatorId,
      ...{ name: 'ci', scopes: [], workspaces: [], expiresAt: undefined },
    })
    await query(dataDir, 'checkpoint')
    const canaries = [CANARY, text.reveal()].flatMap((secret) => [
      secret,
      Buffer.from(secret).toString('base64').replace(/=+$/, ''),
      Buffer.from(secret).toString('hex'),
      encodeURIComponent(secret),
    ])
    const { bytes, found } = await search(dataDir, [...canaries, 'two.example/app:1'])
    // The image's name shows that the search finds what is there.
    assert.deepEqual(found, ['two.example/app:1'])
    assert.ok(bytes > 10_000_000, 'the database and its log were looked at')
  })

  test('does not lose what it acknowledged when the power fails', async () => {
    await using store = disposable(await open())
    assert.ok(store)
    const rows = await query(
      dataDir,
      "select name, setting from pg_settings where name in ('fsync', 'synchronous_commit', 'full_page_writes') order by 1",
    )
    assert.deepEqual(rows, [
      { name: 'fsync', setting: 'on' },
      { name: 'full_page_writes', setting: 'on' },
      { name: 'synchronous_commit', setting: 'on' },
    ])
  })

  test('listens on no network, and lets in nobody but its owner', async () => {
    await using store = disposable(await open())
    assert.ok(store)
    assert.deepEqual(await query(dataDir, 'show listen_addresses'), [{ listen_addresses: '' }])
    const hba = await query(dataDir, 'select type, auth_method from pg_hba_file_rules')
    assert.deepEqual(hba, [{ type: 'local', auth_method: 'peer' }])
  })

  test('comes up when it was killed together with the process that held it', async () => {
    const holder = hold()
    await holder.printed(/holding/)
    const note = await readFile(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8')
    process.kill(Number.parseInt(note, 10), 'SIGKILL')
    holder.kill('SIGKILL')
    await holder.finished
    await using store = disposable(await open())
    assert.equal((await store.store.workspaces.find('kept'))?.name, 'Kept')
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

async function query(
  dataDir: string,
  text: string,
  values: readonly unknown[] = [],
): Promise<readonly unknown[]> {
  const { socketDir } = JSON.parse(await readFile(join(dataDir, 'postgres.json'), 'utf8'))
  const client = new pg.Client({ host: socketDir, user: 'tagboat', database: 'tagboat' })
  await client.connect()
  const { rows } = await client.query(text, [...values]).finally(() => client.end())
  return rows
}

/** Which of the texts stand in any file of the data directory, but for the key's own. */
async function search(
  dataDir: string,
  texts: readonly string[],
): Promise<{ readonly bytes: number; readonly found: readonly string[] }> {
  const found = new Set<string>()
  let bytes = 0
  const entries = await readdir(dataDir, { recursive: true, withFileTypes: true })
  for (const entry of entries.filter((each) => each.isFile())) {
    const content = await readFile(join(entry.parentPath, entry.name)).catch(() => undefined)
    if (content === undefined) continue
    bytes += content.length
    for (const text of texts) if (content.includes(text)) found.add(text)
  }
  return { bytes, found: [...found] }
}
