import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { RegistryError, withRetries } from '#oci'
import { parseRetryAfter, Tries } from '../../../src/oci/http/retry.ts'

const POLICY = { retries: 2, retryBaseMs: 1, retryAfterMaxMs: 1000 }
const passing = (more = {}) => new RegistryError('REGISTRY_UNAVAILABLE', 'busy', { retryable: true, ...more })

describe('what fails in a way that can pass', () => {
  test('is tried as often as was said, and who waits is told before', async () => {
    const told: number[] = []
    let tried = 0
    const fail = async () => {
      tried += 1
      throw passing({ status: tried })
    }
    const work = withRetries(POLICY, fail, {
      onRetry: (_, attempt) => told.push(attempt),
    })
    await assert.rejects(work, { status: 3 })
    assert.deepEqual([tried, told], [3, [1, 2]])
  })

  test('is not tried again further out when its tries are used up, in whatever it is wrapped', async () => {
    let tried = 0
    const inner = () =>
      withRetries(POLICY, async () => {
        tried += 1
        throw passing()
      }).catch((cause) => {
        throw Object.assign(new Error('wrapped', { cause }), { retryable: true })
      })
    await assert.rejects(withRetries(POLICY, inner), /wrapped/)
    assert.equal(tried, 3)
  })

  test('is tried again further out when nobody has tried it again yet', async () => {
    let tried = 0
    await assert.rejects(
      withRetries(POLICY, async () => {
        tried += 1
        throw passing()
      }),
    )
    assert.equal(tried, 3)
  })

  test('is not waited for longer than was said', async () => {
    const tries = new Tries(POLICY)
    await assert.rejects(tries.again(passing({ retryAfterMs: 1001 })), { retryAfterMs: 1001 })
  })

  test('is waited for as long as it asks', async () => {
    const from = Date.now()
    await new Tries(POLICY).again(passing({ retryAfterMs: 100 }))
    assert.ok(Date.now() - from >= 100)
  })
})

describe('what asks to be left alone', () => {
  const now = Date.parse('2026-11-24T12:00:00Z')
  const read = (text: string, date?: string) =>
    parseRetryAfter(new Map([['retry-after', text], ...(date ? [['date', date] as const] : [])]), now)

  const cases: [string, number | undefined][] = [
    ['2', 2000],
    ['0', 0],
    ['86400', 86_400_000],
    ['999999999999', 999_999_999_999_000],
    ['Tue, 24 Nov 2026 12:00:05 GMT', 5000],
    ['Tuesday, 24-Nov-26 12:00:05 GMT', 5000],
    ['Tue Nov 24 12:00:05 2026', 5000],
    ['Tue, 24 Nov 2020 12:00:05 GMT', 0],
    ['Tue, 99 Nov 2026 12:00:05 GMT', undefined],
    ['2026-11-24T12:00:05Z', undefined],
    ['soon', undefined],
    ['-1', undefined],
    ['1.5', undefined],
    ['2, 3', undefined],
    ['', undefined],
  ]
  for (const [text, ms] of cases)
    test(`for ${JSON.stringify(text)}: ${ms} ms`, () => assert.equal(read(text), ms))

  test('is measured by its own clock where it tells it', () => {
    assert.equal(read('Tue, 24 Nov 2026 15:00:05 GMT', 'Tue, 24 Nov 2026 15:00:00 GMT'), 5000)
    assert.equal(read('Tue, 24 Nov 2026 12:00:05 GMT', 'no date'), 5000)
  })
})
