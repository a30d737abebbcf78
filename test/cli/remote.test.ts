import assert from 'node:assert/strict'
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
  before(async () => {
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
