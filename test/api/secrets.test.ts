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

  test('in variables are kept where nobody reads them', async () => {
    const variables = [
      { key: 'A', value: 'plain', encrypted: false },
      { key: 'B', value: 'canary', encrypted: true, description: 'told' },
      { key: 'D', type: 'SSH_KEY', value: 'canary', passphrase: 'canary', password: 'canary' },
      { key: 'E', type: 'SSH_PUBLIC_KEY', value: 'public' },
    ]
    const added = await api.ask('POST', `${mine}/actions`, { ...ACTION, variables })
    const { body: pipeline, text } = await api.ask('POST', mine.slice(0, mine.lastIndexOf('/')), {
      name: 'Variables',
      variables,
    })
    assert.equal(/canary/.test(text), false)
    const action = `${mine}/actions/${added.body.id}`
    const answers = [added, await api.ask('PATCH', action, { variables }), await api.ask('GET', action)]
    for (const { body } of [...answers, { body: pipeline }]) {
      const values = body.variables.map(({ value }: { value: string }) => value.slice(0, 11))
      assert.deepEqual(values, ['plain', '!encrypted ', '!encrypted ', 'public'])
    }
    const { id: workspaceId } = (await api.open.store.workspaces.find('mine')) ?? assert.fail()
    const [pipelineId, actionId] = [Number(mine.split('/').at(-1)), added.body.id]
    const found = await api.open.store.actions.find(pipelineId as never, actionId as never)
    const project = await api.open.store.projects.find(workspaceId, 'shop')
    const scope = { workspaceId, projectId: project?.id as never, pipelineId: pipelineId as never, actionId }
    const [, secret] = await api.open.store.variables.list(scope)
    assert.equal(secret?.value.reveal(), 'canary')
    assert.equal(/canary/.test(JSON.stringify([found, secret])), false)
    assert.equal((await api.ask('DELETE', action)).status, 204)
    assert.deepEqual(await api.open.store.variables.list(scope), [])
  })

  test('stand in no answer', async () => {
    const paths = ['/workspaces/mine/integrations', mine, `${mine}/actions`, '/openapi.json', '/user/tokens']
    for (const path of paths) {
      const { text } = await api.ask('GET', path)
      assert.equal(/canary/.test(text), false, path)
    }
  })
})
