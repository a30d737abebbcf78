/** Writes docs/openapi.json: the description of the API, as the service gives it. `--check` only compares. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type ApiOptions, createApi } from '#api'
import { settle } from './settle.ts'

const root = join(import.meta.dirname, '..')
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

// Routes are there without anything behind them: nobody asks this one for more than what it could do.
const store = { attempt: (work: () => unknown) => work() }
const options = { version, listen: '127.0.0.1:7070', store, rateLimitPerMinute: 1, now: () => new Date() }
const app = await createApi(options as ApiOptions)
const answer = await app.inject('/openapi.json')
assert.equal(answer.statusCode, 200, answer.body)
settle(join(root, 'docs', 'openapi.json'), `${JSON.stringify(answer.json(), null, 2)}\n`)
await app.close()
