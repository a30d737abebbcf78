import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { tagboat } from './tagboat.ts'

describe('the command line', { timeout: 60_000 }, () => {
  for (const [args, why] of [
    [['copy'], /SOURCE is missing/],
    [['copy', 'a'], /TARGET is missing/],
    [['copy', 'a', 'b', 'c'], /no more/],
    [['copy', 'a', 'b', '--fast'], /Unknown option '--fast'/],
    [['copy', '--tags'], /--tags/],
    [['copy', '--json', '--json', 'a', 'b'], /twice/],
    [['copy', 'docker.io/UPPER', 'b'], /not the name/],
    [['copy', 'a', 'b@sha256:0'], /digest/],
    [['copy', 'a', `b@sha256:${'0'.repeat(64)}`], /TARGET has no digest/],
    [['copy', '--tags', '[a', '127.0.0.1:1/a', '127.0.0.1:1/b'], /not closed/],
    [['inspect'], /REFERENCE is missing/],
    [['cpy', 'a', 'b'], /no such command: "cpy"; the nearest is copy/],
  ] as const) {
    test(`is refused with 2 and a reason: ${args.join(' ').slice(0, 60)}`, async () => {
      const run = await tagboat(args)
      assert.equal(run.code, 2)
      assert.match(run.stderr, why)
      assert.equal(run.stdout, '')
    })
  }

  test('does not repeat a password that was written into a reference', async () => {
    const run = await tagboat(['copy', 'https://me:hunter2@r.example/a', 'b'])
    assert.equal(run.code, 2)
    assert.doesNotMatch(run.stderr, /hunter2/)
  })

  test('helps when it is asked, and when it is given nothing', async () => {
    for (const args of [['--help'], ['help'], ['help', 'copy'], ['copy', '--help']]) {
      const run = await tagboat(args)
      assert.equal(run.code, 0)
      assert.match(run.stdout, /^Usage: tagboat /)
    }
    const bare = await tagboat([])
    assert.equal(bare.code, 2)
    assert.match(bare.stderr, /^Usage: tagboat /)
  })

  test('tells its version', async () => {
    assert.match((await tagboat(['--version'])).stdout, /^\d+\.\d+\.\d+\n$/)
  })

  test('shows every setting, where it came from, and no secret', async () => {
    const run = await tagboat(['config'], {
      env: { TAGBOAT_ADMIN_TOKEN: 'hunter2hunter2hunter2hunter2hunter2', TAGBOAT_RETRIES: '7' },
    })
    assert.equal(run.code, 0, run.stderr)
    assert.match(run.stdout, /^TAGBOAT_RETRIES +7 +environment$/m)
    assert.match(run.stdout, /^TAGBOAT_LISTEN +127\.0\.0\.1:7070 +default$/m)
    assert.match(run.stdout, /^TAGBOAT_ADMIN_TOKEN +\[secret\] +environment$/m)
    assert.doesNotMatch(run.stdout, /hunter2/)
  })

  test('does not start with a setting that does not exist', async () => {
    for (const args of [['copy', '127.0.0.1:1/a', '127.0.0.1:1/b'], ['config']]) {
      const run = await tagboat(args, { env: { TAGBOAT_RETRY: '1' } })
      assert.equal(run.code, 2)
      assert.match(run.stderr, /TAGBOAT_RETRY: no such setting; the nearest is TAGBOAT_RETRIES/)
    }
  })
})
