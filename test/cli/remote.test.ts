import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { getManifestRaw } from '#support/client'
import { hello, push } from '#support/images'
import { faults, type Registry, startRegistry } from '#support/registry'
import { TestService } from '#support/service'
import { startTagboat, tagboat } from './tagboat.ts'

describe('a command that works through the API', { timeout: 120_000 }, () => {
  let registry: Registry
  let service: TestService
  let env: Readonly<Record<string, string>>
  const image = hello()
  let folder: string
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tagboat-remote-'))
    registry = await startRegistry()
    await push(registry.url, 'team/app', 'staging', image)
    service = await TestService.start({ TAGBOAT_ALLOW_ADDRESSES: registry.host })
    env = {
      TAGBOAT_URL: service.url,
      TAGBOAT_TOKEN: service.token,
      TAGBOAT_WORKSPACE: 'acme',
      TAGBOAT_PROJECT: 'shop',
    }
    const pipelines = '/workspaces/acme/projects/shop/pipelines'
    await service.call('POST', '/workspaces', { domain: 'acme' })
    await service.call('POST', '/workspaces/acme/projects', { name: 'shop' })
    await service.call('POST', '/workspaces/acme/integrations', {
      name: 'GitHub',
      identifier: 'gh',
      type: 'GIT_HUB',
      token: 'gh-canary',
    })
    for (const [identifier, tag] of [
      ['good', 'staging'],
      ['bad', 'missing'],
    ]) {
      const { body } = await service.call('POST', pipelines, {
        name: `To production (${identifier})`,
        identifier,
      })
      const src = { docker_registry: 'OTHER', registry: registry.url, image: 'team/app', tag }
      await service.call('POST', `${pipelines}/${body.id}/actions`, {
        name: 'Promote',
        type: 'PROMOTE_IMAGE',
        src,
        dest: { tag: 'production' },
      })
    }
  })
  after(async () => {
    await service[Symbol.asyncDispose]()
    await registry.close()
    await rm(folder, { recursive: true })
  })

  test('shows pipelines and integrations, for people and for programs', async () => {
    const pipelines = await tagboat(['pipelines'], { env })
    assert.equal(pipelines.code, 0, pipelines.stderr)
    assert.match(pipelines.stdout, /^PIPELINE +LAST RUN +NAME\ngood +INITIAL +To production \(good\)$/m)
    const json = JSON.parse((await tagboat(['pipelines', '--json'], { env })).stdout)
    assert.deepEqual(
      json.pipelines.map(({ identifier }: { identifier: string }) => identifier),
      ['good', 'bad'],
    )
    const integrations = await tagboat(['integrations'], { env })
    assert.match(integrations.stdout, /^gh +GIT_HUB +WORKSPACE +GitHub$/m)
    assert.doesNotMatch(integrations.stdout, /canary/)
  })

  test('runs a pipeline, follows it, and ends as it does', async () => {
    const run = await tagboat(['run', 'good', '--wait', '--comment', 'Release'], { env })
    assert.equal(run.code, 0, run.stderr)
    const [url, ...log] = run.stdout.trimEnd().split('\n')
    assert.match(url ?? '', new RegExp(`^${service.url}/ui/`))
    assert.ok(
      log.some((text) => text.startsWith('Promote: pinned sha256:')),
      run.stdout,
    )
    assert.match(run.stderr, /^Promote is SUCCESSFUL$/m)
    assert.match(run.stderr, /^SUCCESSFUL {2}http/m)
    assert.equal((await getManifestRaw(registry.url, 'team/app', 'production')).digest, image.top.digest)

    const bad = await tagboat(['run', 'bad', '--wait', '--json'], { env })
    assert.equal(bad.code, 1)
    const { status, execution } = JSON.parse(bad.stdout)
    assert.deepEqual([status, execution.status], ['failed', 'FAILED'])
    assert.match(bad.stderr, /^Promote is FAILED: MANIFEST_UNKNOWN source/m)
    // It is over, and is shown from its beginning all the same.
    const again = await tagboat(['follow', 'good', '1'], { env })
    assert.equal(again.code, 0, again.stderr)
    assert.match(again.stdout, /^Promote: pinned sha256:/m)
  })

  test('applies a file, shows beforehand what it would change, and prints it again', async () => {
    const text = `- pipeline: applied\n  actions:\n  - {action: ask, type: WAIT_FOR_APPLY, comment: "Sure?"}\n`
    const tried = await tagboat(['apply', '-', '--dry-run'], { env, stdin: text })
    assert.equal(tried.code, 0, tried.stderr)
    assert.match(tried.stdout, /^@@ -1 \+1 @@\n\+- pipeline: applied\n/)
    assert.equal((await tagboat(['export', 'applied'], { env })).code, 1)
    const applied = await tagboat(['apply', '-'], { env, stdin: text })
    assert.match(applied.stdout, /^applied {2}http/, applied.stderr)
    const exported = await tagboat(['export', 'applied'], { env })
    assert.match(exported.stdout, /^- pipeline: applied\n {2}actions:\n {4}- action: ask$/m)
    const file = join(folder, 'buddy.yml')
    await writeFile(file, exported.stdout)
    const same = await tagboat(['apply', file, '--dry-run', '--json'], { env })
    assert.deepEqual(JSON.parse(same.stdout), { status: 'done', changed: false, diff: '' })
    await writeFile(file, exported.stdout.replace('WAIT_FOR_APPLY', 'WAIT'))
    const wrong = await tagboat(['apply', file], { env })
    assert.equal(wrong.code, 1)
    assert.match(wrong.stderr, /line 4, column 13: 0\.actions\.0\.type: is to be one of PROMOTE_IMAGE, /)
    assert.equal((await tagboat(['apply', join(folder, 'none')], { env })).code, 2)
    assert.ok((await tagboat(['export'], { env })).stdout.includes(exported.stdout))
  })

  test('shows what is asked, and says yes to it', async () => {
    const text = `- pipeline: asking
  actions:
  - {action: ask, type: WAIT_FOR_APPLY, comment: "Ship it?"}
  - action: ship
    type: PROMOTE_IMAGE
    src: {docker_registry: OTHER, registry: "${registry.url}", image: team/app, tag: staging}
    dest: {tag: shipped}
  - {action: name, type: WAIT_FOR_VARIABLES, variables: [{key: WHO, value: ""}]}
`
    assert.equal((await tagboat(['apply', '-'], { env, stdin: text })).code, 0)
    const follower = startTagboat(['run', 'asking', '--wait'], { env })
    await follower.printed(/waits for an answer: tagboat approve asking 1/)
    const approved = await tagboat(['approve', 'asking', '--comment', 'Fine', '--json'], { env })
    assert.equal(approved.code, 0, approved.stderr)
    assert.match(
      approved.stderr,
      new RegExp(
        `^ask: Ship it\\?\n {2}ship: .*/team/app:staging → .*/team/app:shipped: ${image.top.digest}$`,
        'm',
      ),
    )
    const [ask] = JSON.parse(approved.stdout).execution.action_executions
    assert.equal(ask.approval_comment, 'Fine')
    await follower.printed(/name is WAITING_FOR_VARIABLES/)
    const answered = await tagboat(['approve', 'asking', '1', '--variable', 'WHO=me'], { env })
    assert.equal(answered.code, 0, answered.stderr)
    const { code, stderr } = await follower.finished
    assert.equal(code, 0, stderr)
    assert.equal((await getManifestRaw(registry.url, 'team/app', 'shipped')).digest, image.top.digest)
  })

  test('calls off what runs, whoever follows it', async () => {
    const held = registry.fault({ method: 'GET' }, faults.gate())
    const run = await tagboat(['run', 'good', '--json'], { env })
    const { id } = JSON.parse(run.stdout).execution
    await held.reached
    const follower = startTagboat(['follow', 'good'], { env })
    const cancelled = await tagboat(['cancel', 'good', String(id)], { env })
    assert.equal(cancelled.code, 0, cancelled.stderr)
    assert.match(cancelled.stdout, /^TERMINAT(ING|ED) {2}http/)
    const followed = await follower.finished
    assert.equal(followed.code, 1)
    assert.match(followed.stderr, /^TERMINATED {2}http/m)
    held.remove()
    held.release()
    const late = await tagboat(['cancel', 'good', String(id), '--json'], { env })
    assert.deepEqual([late.code, JSON.parse(late.stdout).execution.status], [0, 'TERMINATED'])
  })

  test('says what is missing, and what to do now', async () => {
    const cases: [readonly string[], Readonly<Record<string, string>>, number, RegExp][] = [
      [['pipelines'], { TAGBOAT_TOKEN: '' }, 2, /TAGBOAT_TOKEN is not set: tagboat token create/],
      [['pipelines'], { TAGBOAT_PROJECT: '' }, 2, /--project NAME or TAGBOAT_PROJECT/],
      [['pipelines'], { TAGBOAT_TOKEN: 'tb_nobody' }, 1, /UNAUTHENTICATED: .*\n.*TAGBOAT_TOKEN/],
      [['pipelines'], { TAGBOAT_URL: 'http://127.0.0.1:9' }, 1, /UNREACHABLE: .*\n.*TAGBOAT_URL/],
      [['pipelines'], { TAGBOAT_URL: registry.url }, 1, /NOT_THE_API: /],
      [['pipelines', '--workspace', 'nobody'], {}, 1, /NOT_FOUND: .*\n.*--workspace/],
      [['run', 'nobody'], {}, 1, /NOT_FOUND: there is no pipeline "nobody" in acme\/shop/],
      [['run', 'good', '--variable', 'x'], {}, 2, /--variable takes KEY=VALUE/],
      [['run', 'good', '--secret-variable', 'x'], {}, 2, /standard input has no/],
      [['follow', 'good', 'x'], {}, 2, /EXECUTION is a number/],
      [['follow', 'good', '99'], {}, 1, /NOT_FOUND/],
      [['follow', 'good', '1', '2'], {}, 2, /no more/],
      [['run'], {}, 2, /PIPELINE is missing/],
    ]
    const runs = cases.map(([args, more]) => tagboat(args, { env: { ...env, ...more } }))
    for (const [index, run] of (await Promise.all(runs)).entries()) {
      const [args, , code, why] = cases[index] ?? assert.fail()
      assert.equal(run.code, code, `${args.join(' ')}: ${run.stderr}`)
      assert.match(run.stderr, why)
      assert.equal(run.stdout, '')
    }
    const json = await tagboat(['pipelines', '--json', '--project', 'nobody'], { env })
    assert.equal(json.code, 1)
    assert.deepEqual(JSON.parse(json.stdout), {
      status: 'failed',
      error: { code: 'NOT_FOUND', message: 'Not found', retryable: false },
    })
  })
})
