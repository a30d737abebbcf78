import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { hello } from '#support/images'
import { faults, startRegistry } from '#support/registry'
import { tagboat } from './tagboat.ts'

const user = { username: 'ann', password: 'right-canary' }
const image = hello()

async function stand() {
  const registry = await startRegistry({ auth: { kind: 'bearer', ...user } })
  registry.putManifest('team/app', '1.0', image.top.bytes, image.top.mediaType)
  const run = (
    args: readonly string[],
    password = user.password,
    env: Readonly<Record<string, string>> = {},
  ) => tagboat(['doctor', '--username', user.username, ...args], { stdin: `${password}\n`, env })
  return { registry, run, [Symbol.asyncDispose]: () => registry.close() }
}

describe('doctor', { timeout: 60_000 }, () => {
  test('says step by step that nothing is missing', async () => {
    await using set = await stand()
    const { code, stdout, stderr } = await set.run([`${set.registry.host}/team/app:1.0`])
    assert.equal(code, 0, stdout)
    assert.equal(stderr, '')
    const steps = stdout.split('\n').map((line) => line.split(/\s+/, 2).join(' '))
    assert.deepEqual(steps, [
      'name skipped',
      'connection ok',
      'tls skipped',
      'credentials ok',
      'pull ok',
      'push ok',
      'repository ok',
      'quota skipped',
      '',
    ])
  })

  test('says what is missing and what to do now, and fails', async () => {
    await using set = await stand()
    const { code, stdout } = await set.run([`${set.registry.host}/team/app:1.0`], 'wrong-canary')
    assert.equal(code, 1)
    assert.match(
      stdout,
      /^credentials {2}failed {3}UNAUTHORIZED: .*\n +Give credentials that are good for it/m,
    )
    assert.doesNotMatch(stdout, /canary/)
  })

  test('says the same to programs, and the quota of Docker Hub', async () => {
    await using set = await stand()
    set.registry.fault(
      { method: 'HEAD' },
      faults.headers({ 'ratelimit-limit': '200;w=21600', 'ratelimit-remaining': '0;w=21600' }),
    )
    const env = { TAGBOAT_ENDPOINTS: `docker.io=${set.registry.url}` }
    const { code, stdout } = await set.run(
      ['--pull', '--json', 'index.docker.io/team/app:1.0'],
      undefined,
      env,
    )
    assert.equal(code, 1)
    const { status, reference, steps, error } = JSON.parse(stdout)
    assert.deepEqual([status, reference], ['failed', 'docker.io/team/app:1.0'])
    assert.equal(error.code, 'RATE_LIMITED')
    const { advice, ...quota } = steps.at(-1)
    const message = '0 of 200 pulls left in 6 h'
    assert.deepEqual(quota, { step: 'quota', status: 'failed', code: 'RATE_LIMITED', message })
    assert.match(advice, /^Wait/)
    assert.equal(set.registry.count({ method: 'POST' }), 0)
  })
})
