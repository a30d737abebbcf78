import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import pino from 'pino'
import { ACTION, furnish, startApi, type TestApi } from './api.ts'

let api: TestApi
let mine: string
before(async () => {
  api = await startApi()
  mine = await furnish(api, 'mine')
})
after(() => api[Symbol.asyncDispose]())

describe('secrets', () => {
  test('stand in no log, even when something goes wrong', async () => {
    const lines: string[] = []
    const log = pino({ level: 'trace' }, { write: (line: string) => lines.push(line) })
    const broken = await startApi({ log, ready: () => Promise.reject(new Error('not yet')) })
    await furnish(broken, 'logged')
    await broken.ask('GET', '/ready?access_token=query-canary')
    await broken.ask('GET', '/workspaces/%zz?access_token=query-canary')
    // From here on there is no database.
    await broken.open.close()
    const body = { name: 'x', type: 'GIT_HUB', token: 'body-canary' }
    const answer = await broken.ask('POST', '/workspaces/logged/integrations?token=query-canary', body)
    await broken.app.close()
    assert.deepEqual([answer.status, answer.body.errors[0].code], [500, 'INTERNAL'])
    const text = lines.join('')
    assert.match(text, /a request failed/)
    assert.match(text, /not ready/)
    assert.equal(/canary/.test(text), false)
    assert.equal(text.includes(broken.token), false)
    assert.equal(/postgres|pool|select/i.test(answer.text), false)
  })

  test('in variables are not kept, and what is none is', async () => {
    const variables = [
      { key: 'A', value: 'plain', encrypted: false },
      { key: 'B', value: 'canary', encrypted: true, description: 'told' },
      { key: 'C', value: 'canary', encrypted: 'yes' },
      { key: 'D', type: 'SSH_KEY', value: 'canary', passphrase: 'canary', password: 'canary' },
      { key: 'E', type: 'SSH_PUBLIC_KEY', value: 'public' },
    ]
    const kept = [
      { key: 'A', value: 'plain', encrypted: false },
      { key: 'B', value: null, encrypted: true, description: 'told' },
      { key: 'C', value: null, encrypted: 'yes' },
      { key: 'D', type: 'SSH_KEY', value: null },
      { key: 'E', type: 'SSH_PUBLIC_KEY', value: 'public' },
    ]
    const added = await api.ask('POST', `${mine}/actions`, { ...ACTION, variables })
    const { body: pipeline } = await api.ask('POST', mine.slice(0, mine.lastIndexOf('/')), {
      name: 'Variables',
      variables,
    })
    const action = `${mine}/actions/${added.body.id}`
    const answers = [added, await api.ask('PATCH', action, { variables }), await api.ask('GET', action)]
    for (const { body } of [...answers, { body: pipeline }]) assert.deepEqual(body.variables, kept)
    const stored = await api.open.store.actions.list(Number(mine.split('/').at(-1)) as never)
    assert.equal(/canary/.test(JSON.stringify(stored)), false)
    assert.equal((await api.ask('DELETE', action)).status, 204)
  })

  test('stand in no answer', async () => {
    const paths = ['/workspaces/mine/integrations', mine, `${mine}/actions`, '/openapi.json', '/user/tokens']
    for (const path of paths) {
      const { text } = await api.ask('GET', path)
      assert.equal(/canary/.test(text), false, path)
    }
  })
})
