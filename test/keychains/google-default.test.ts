import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { RegistryError } from '#oci'
import { type Answer, type Asked, startVendor, type Vendor } from '#support/vendor'
import { machine, passwordOf } from './machine.ts'

const registry = 'europe-west1-docker.pkg.dev/acme/images/app'
const usual = '.config/gcloud/application_default_credentials.json'
const user = {
  type: 'authorized_user',
  client_id: 'id.apps.googleusercontent.com',
  client_secret: 'secret-c4n4ry',
  refresh_token: '1//refresh-c4n4ry',
}
const SCOPE = 'https://www.googleapis.com/auth/cloud-platform'
const refuse = (error: string, error_description: string): Answer => ({
  status: 400,
  json: { error, error_description },
})
const give = (access_token: string): Answer => ({
  status: 200,
  json: { access_token, expires_in: 3599, token_type: 'Bearer' },
})

/** What Google's endpoints do for a person's refresh token, a federated token and an impersonation. */
function google({ headers, method, path, body }: Asked): Answer {
  const form = new URLSearchParams(body)
  if (method !== 'POST') return refuse('invalid_request', 'POST it')
  if (path === '/token') {
    if (form.get('grant_type') !== 'refresh_token') return refuse('unsupported_grant_type', '')
    if (form.get('client_id') !== user.client_id || form.get('client_secret') !== user.client_secret)
      return refuse('invalid_client', 'The OAuth client was not found.')
    return form.get('refresh_token') === user.refresh_token
      ? give('ya29.user')
      : refuse('invalid_grant', 'reauth related error (invalid_rapt)')
  }
  if (path === '/v1/token') {
    const wanted = {
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      requested_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
      audience: '//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/ci',
      scope: SCOPE,
      subject_token: 'a.job.token',
    }
    const wrong = Object.entries(wanted).find(([name, value]) => form.get(name) !== value)
    return wrong === undefined ? give('ya29.federated') : refuse('invalid_grant', `not the ${wrong[0]}`)
  }
  if (path !== '/v1/projects/-/serviceAccounts/push@acme.iam.gserviceaccount.com:generateAccessToken')
    return { status: 404, json: {} }
  if (!/^Bearer ya29\.(?:federated|user)$/.test(headers.authorization ?? ''))
    return { status: 403, json: { error: { status: 'PERMISSION_DENIED', message: 'not allowed' } } }
  if (JSON.stringify(JSON.parse(body)) !== JSON.stringify({ scope: [SCOPE] }))
    return { status: 400, json: {} }
  const expireTime = new Date(Date.now() + 3_600_000).toISOString()
  return { status: 200, json: { accessToken: 'ya29.impersonated', expireTime } }
}

async function onMachine(
  vendor: Vendor,
  files: Readonly<Record<string, unknown>>,
  env: (home: string) => Readonly<Record<string, string>> = () => ({}),
) {
  const hosts = [
    'oauth2.googleapis.com',
    'sts.googleapis.com',
    'iamcredentials.googleapis.com',
    'actions.example',
  ]
  return machine({ files, env, endpoints: new Map(hosts.map((host) => [host, vendor.url])) })
}

const impersonation = {
  service_account_impersonation_url:
    'https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/push@acme.iam.gserviceaccount.com:generateAccessToken',
}
const federated = {
  type: 'external_account',
  audience: '//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/ci',
  subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
  token_url: 'https://sts.googleapis.com/v1/token',
}

describe("a machine's tokens for Google", { timeout: 30_000 }, () => {
  test('come from what gcloud left behind, and are kept', async () => {
    await using vendor = await startVendor(google)
    await using here = await onMachine(vendor, { [usual]: user })
    const expected = { kind: 'basic', username: 'oauth2accesstoken', password: 'ya29.user' }
    assert.deepEqual(await here.ask(registry), expected)
    assert.deepEqual(await here.ask('gcr.io/acme/app'), expected)
    assert.equal(vendor.asked.length, 1)
    for (const name of ['pkg.dev.example.com/a/b', 'docker.io/a/b', 'http://gcr.io/a/b'])
      assert.equal(await here.ask(name), undefined, name)
  })

  test('come from the file that the environment names, before any other', async () => {
    await using vendor = await startVendor(google)
    const files = { 'mine.json': user, [usual]: { type: 'nothing' } }
    await using here = await onMachine(vendor, files, (home) => ({
      GOOGLE_APPLICATION_CREDENTIALS: join(home, 'mine.json'),
    }))
    assert.equal(passwordOf(await here.ask(registry)), 'ya29.user')
    const elsewhere = (home: string) => ({ CLOUDSDK_CONFIG: join(home, 'sdk') })
    await using moved = await onMachine(
      vendor,
      { 'sdk/application_default_credentials.json': user },
      elsewhere,
    )
    assert.equal(passwordOf(await moved.ask(registry)), 'ya29.user')
  })

  test("may be a service account's", async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    await using vendor = await startVendor(() => give('ya29.robot'))
    const key = {
      type: 'service_account',
      client_email: 'robot@acme.iam.gserviceaccount.com',
      private_key: String(privateKey.export({ type: 'pkcs8', format: 'pem' })),
      token_uri: 'https://oauth2.googleapis.com/token',
    }
    await using here = await onMachine(vendor, { [usual]: key })
    assert.equal(passwordOf(await here.ask(registry)), 'ya29.robot')
    assert.match(vendor.asked[0]?.body ?? '', /assertion=eyJ/)
  })

  for (const [name, source] of [
    ['a file', { file: 'token' }],
    ['a file of JSON', { file: 'token.json', format: { type: 'json', subject_token_field_name: 'value' } }],
    [
      'a URL',
      {
        url: 'https://actions.example/job?audience=x',
        headers: { Authorization: 'Bearer job' },
        format: { type: 'json', subject_token_field_name: 'value' },
      },
    ],
  ] as const) {
    test(`are exchanged for another provider's, that is had from ${name}`, async () => {
      await using vendor = await startVendor((asked) => {
        if (asked.path !== '/job?audience=x') return google(asked)
        assert.deepEqual([asked.method, asked.headers.authorization], ['GET', 'Bearer job'])
        return { status: 200, json: { value: 'a.job.token' } }
      })
      for (const [more, expected] of [
        [{}, 'ya29.federated'],
        [impersonation, 'ya29.impersonated'],
      ] as const) {
        await using here = await onMachine(vendor, {
          token: 'a.job.token\n',
          'token.json': { value: 'a.job.token' },
        })
        const found = 'file' in source ? { ...source, file: join(here.home, source.file) } : source
        await using again = await onMachine(vendor, {
          [usual]: { ...federated, ...more, credential_source: found },
        })
        assert.equal(passwordOf(await again.ask(registry)), expected, again.warnings.join())
      }
    })
  }

  test('are those of a service account that a person may stand in for', async () => {
    await using vendor = await startVendor(google)
    const file = { type: 'impersonated_service_account', ...impersonation, source_credentials: user }
    await using here = await onMachine(vendor, { [usual]: file })
    assert.equal(passwordOf(await here.ask(registry)), 'ya29.impersonated')
  })

  test('come from the metadata server of the machine, and from nothing that only says so', async () => {
    for (const flavor of ['Google', 'Lemon']) {
      await using server = await startVendor(({ path, headers }) =>
        path === '/computeMetadata/v1/instance/service-accounts/default/token' &&
        headers['metadata-flavor'] === 'Google'
          ? { ...give('ya29.instance'), headers: { 'metadata-flavor': flavor } }
          : { status: 403, text: '' },
      )
      await using here = await onMachine(server, {}, () => ({ GCE_METADATA_HOST: server.url.host }))
      assert.equal(passwordOf(await here.ask(registry)), flavor === 'Google' ? 'ya29.instance' : undefined)
    }
  })

  test('are none where nothing is there', async () => {
    await using vendor = await startVendor(google)
    await using here = await onMachine(vendor, {})
    assert.equal(await here.ask(registry), undefined)
    assert.deepEqual([vendor.asked.length, here.warnings], [0, []])
  })

  for (const [what, file, why] of [
    ['ended', { ...user, refresh_token: 'old-c4n4ry' }, /invalid_grant, reauth related error/],
    ['half there', { ...user, refresh_token: '' }, /it has no refresh_token/],
    ['of a kind that nobody knows', { type: 'gdch_service_account' }, /its type is none/],
    ['no JSON', '{"refresh_token": "c4n4ry', /no JSON object/],
    [
      'to be exchanged in the clear',
      { ...federated, token_url: 'http://sts.example' },
      /its token_url is not an https URL/,
    ],
    [
      'to be had from a program',
      { ...federated, credential_source: { executable: { command: 'x' } } },
      /neither a file nor a URL/,
    ],
  ] as const) {
    test(`that are ${what} are passed over, and it is said why without a word of them`, async () => {
      await using vendor = await startVendor(google)
      await using here = await onMachine(vendor, { [usual]: file })
      assert.equal(await here.ask(registry), undefined)
      assert.equal(here.warnings.length, 1)
      assert.match(here.warnings[0] ?? '', why)
      assert.doesNotMatch(here.warnings.join(), /c4n4ry/)
    })
  }

  test('that the environment names and that are not there are not passed over in silence', async () => {
    await using vendor = await startVendor(google)
    await using here = await onMachine(vendor, {}, () => ({
      GOOGLE_APPLICATION_CREDENTIALS: '/nowhere.json',
    }))
    assert.equal(await here.ask(registry), undefined)
    assert.match(here.warnings.join(), /\/nowhere\.json: .*no such file/)
    assert.ok(!(here.warnings as readonly unknown[]).some((warning) => warning instanceof RegistryError))
  })
})
