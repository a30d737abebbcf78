import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Secret } from '#model'
import { createLog } from '../../src/serve/log.ts'

function written(details: object, message = 'it happened'): string {
  let text = ''
  createLog('info', { write: (line) => (text += line) }).info(details, message)
  return text
}

test('a line is one JSON object with a time, a level and the message', () => {
  const line = written({ execution: 7 }, 'two\nlines')
  assert.equal(line.indexOf('\n'), line.length - 1)
  const { time, level, execution, msg } = JSON.parse(line)
  assert.ok(Math.abs(Date.parse(time) - Date.now()) < 10_000)
  assert.deepEqual([level, execution, msg], ['info', 7, 'two\nlines'])
})

test('no credential gets into a line, wherever it stands', () => {
  const canary = 'c4n4ry-c4n4ry'
  const error = Object.assign(new Error(`GET https://ann:${canary}@r.example/v2/?sig=${canary}: no`), {
    parameters: [canary],
    cause: new Error(`sent Authorization: Bearer ${canary}`),
  })
  const lines = [
    written({ err: error }),
    written({ headers: { authorization: canary }, password: canary, deep: { er: { token: canary } } }),
    written({ value: new Secret(canary) }),
    written({}, `Basic ${canary} at http://r.example/x?a=b&c=${canary}`),
  ]
  for (const line of lines) {
    assert.ok(!line.includes(canary), line)
    JSON.parse(line)
  }
  assert.match(lines[0] ?? '', /r\.example\/v2\//)
})
