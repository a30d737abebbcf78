import assert from 'node:assert/strict'
import { copyFile, mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { layers, push } from '#support/images'
import { runProcess } from '#support/process'
import { faults, type RequestMatch, startRegistry } from '#support/registry'
import { TAGBOAT, TestService } from '#support/service'
import { type Execution, isOver, makePipeline, PAGE_REQUEST, PIPELINE } from './page.ts'

const MIB = 1024 * 1024
const WORKSPACE = '/workspaces/mycompany'

test('a service whose disk is lost goes on from its backup: in mid copy, waiting for a yes, secrets and all', {
  timeout: 120_000,
}, async () => {
  await using parts = new AsyncDisposableStack()
  const hub = await startRegistry({
    auth: { kind: 'basic', username: 'mycompany', password: 'hub-Pa55word' },
  })
  const artifacts = await startRegistry()
  parts.defer(async () => void (await Promise.all([hub.close(), artifacts.close()])))
  const folder = await mkdtemp(join(tmpdir(), 'tagboat-backup-'))
  parts.defer(() => rm(folder, { recursive: true, force: true }))
  const image = layers(2, 2 * MIB)
  await push(hub.url, 'mycompany/myapp', 'latest', image, { username: 'mycompany', password: 'hub-Pa55word' })
  const env = { TAGBOAT_ENDPOINTS: `docker.io=${hub.url},us-central1-docker.pkg.dev=${artifacts.url}` }
  const lost = await TestService.start(env)
  parts.defer(() => lost[Symbol.asyncDispose]())
  await makePipeline(lost)
  await lost.call('POST', `${PIPELINE}/actions`, PAGE_REQUEST)
  const waiting = `${WORKSPACE}/projects/shop/pipelines/2`
  await lost.call('POST', `${WORKSPACE}/projects/shop/pipelines`, { name: 'Asks first' })
  await lost.call('POST', `${waiting}/actions`, { name: 'Sure?', type: 'WAIT_FOR_APPLY' })
  await lost.call('POST', `${waiting}/actions`, PAGE_REQUEST.replace('myapp:production', 'myapp:asked'))
  const asked = `${waiting}/executions/${(await lost.call<Execution>('POST', `${waiting}/executions`)).body.id}`
  await lost.until<Execution>(asked, ({ status }) => status === 'WAITING_FOR_APPLY')
  const layer: RequestMatch = {
    method: 'PUT',
    path: /\/blobs\/uploads\//,
    when: ({ headers }) => Number(headers['content-length']) > MIB,
  }
  const stalled = artifacts.fault(layer, faults.stallUpload(MIB), { times: 1 })
  const copying = `${PIPELINE}/executions/${(await lost.call<Execution>('POST', `${PIPELINE}/executions`)).body.id}`
  await stalled.reached

  const file = join(folder, 'tagboat.backup')
  const backedUp = await runProcess(TAGBOAT, ['backup', file], { env: lost.env })
  assert.equal(backedUp.code, 0, backedUp.stderr)
  assert.match(
    backedUp.stderr,
    /^Backed up \d+ rows of \d+ tables\. They are sealed with the key [0-9a-f]{8} in /,
  )
  assert.equal((await stat(file)).mode & 0o777, 0o600)
  assert.deepEqual(await readdir(folder), ['tagboat.backup'])
  const paths = [asked, `${WORKSPACE}/integrations`, `${waiting}/actions`]
  const before = await Promise.all(paths.map(async (path) => (await lost.call('GET', path)).text))
  await lost.end('SIGKILL')
  artifacts.clearFaults()

  const dataDir = join(folder, 'data')
  const anew = { ...lost.env, TAGBOAT_DATA_DIR: dataDir }
  await mkdir(dataDir)
  await copyFile(join(lost.dataDir, 'master.key'), join(dataDir, 'master.key'))
  const restored = await runProcess(TAGBOAT, ['restore', file], { env: anew })
  assert.equal(restored.code, 0, restored.stderr)

  await using found = await TestService.start({ ...env, TAGBOAT_DATA_DIR: dataDir })
  const { status, action_executions } = await found.until<Execution>(copying, isOver)
  assert.equal(status, 'SUCCESSFUL', String(action_executions[0]?.error_message))
  assert.equal(artifacts.getManifest('my-gcp-project/my-repo/myapp', 'production')?.digest, image.top.digest)
  const after = await Promise.all(paths.map(async (path) => (await found.call('GET', path)).text))
  const hosts = (texts: readonly string[], { url }: TestService) =>
    texts.map((text) => text.replaceAll(url, ''))
  assert.deepEqual(hosts(after, found), hosts(before, lost))
  const { status: answered } = await found.call('PATCH', asked, { operation: 'APPLY' })
  assert.equal(answered, 200)
  assert.equal((await found.until<Execution>(asked, isOver)).status, 'SUCCESSFUL')
})
