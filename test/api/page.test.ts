import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startApi } from './api.ts'

// The documented example, to the letter.
const REQUEST = `{
  "name": "Promote to production tag",
  "type": "PROMOTE_IMAGE",
  "trigger_time": "ON_EVERY_EXECUTION",
  "same_location": true,
  "src": {
    "docker_registry": "DOCKER_HUB",
    "image": "mycompany/myapp:latest",
    "integration": "docker_hub_integration"
  },
  "dest": {
    "docker_registry": "GOOGLE_ARTIFACT_REGISTRY",
    "registry": "us-central1-docker.pkg.dev",
    "image": "my-gcp-project/my-repo/myapp:production",
    "integration": "google_service_account"
  }
}`

test('the documented request is answered 200 with src and dest as sent and same_location false, and tells no secret', async () => {
  await using api = await startApi()
  const make = async (path: string, body: object): Promise<number> => {
    const answer = await api.ask('POST', path, body)
    assert.equal(answer.status, 201, answer.text)
    return answer.body.id
  }
  await make('/workspaces', { domain: 'mycompany' })
  const integrations = '/workspaces/mycompany/integrations'
  const hub = { name: 'Hub', identifier: 'docker_hub_integration', type: 'DOCKER_HUB' }
  await make(integrations, { ...hub, username: 'user-canary', password: 'password-canary' })
  const google = { name: 'Google', identifier: 'google_service_account', type: 'GOOGLE_SERVICE_ACCOUNT' }
  await make(integrations, { ...google, api_key: '{"private_key":"key-canary"}' })
  await make('/workspaces/mycompany/projects', { display_name: 'Shop' })
  const project = '/workspaces/mycompany/projects/shop'
  const pipeline = `${project}/pipelines/${await make(`${project}/pipelines`, { name: 'To production' })}`

  // Exactly as the integrations were called, and not before they are there: a name that nobody has is refused.
  const unknown = await api.ask('POST', `${pipeline}/actions`, REQUEST.replace('docker_hub_int', 'other_int'))
  assert.deepEqual([unknown.status, unknown.body.errors[0].field], [400, 'src.integration'])

  for (const prefix of ['', '/api']) {
    const { status, body, text, headers } = await api.ask('POST', `${prefix}${pipeline}/actions`, REQUEST)
    assert.equal(status, 200, text)
    const { id, url, html_url, pipeline: short, ...rest } = body
    const { same_location: _, ...sent } = JSON.parse(REQUEST)
    const { name, type, trigger_time, src, dest } = rest
    assert.deepEqual({ name, type, trigger_time, src, dest }, sent)
    assert.equal(rest.same_location, false)
    assert.equal(Number.isInteger(id), true)
    assert.equal(url, `http://127.0.0.1:7070${pipeline}/actions/${id}`)
    assert.match(html_url, /^http:\/\/127\.0\.0\.1:7070\/ui\//)
    assert.equal(short.url, `http://127.0.0.1:7070${pipeline}`)
    assert.equal(text.includes('canary'), false)
    for (const name of ['limit', 'remaining', 'reset'])
      assert.match(String(headers[`x-rate-limit-${name}`]), /^\d+$/)
  }
  const { body } = await api.ask('GET', `${pipeline}/actions`)
  assert.equal(body.actions.length, 2)
})
