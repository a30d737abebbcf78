import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { RegistryError } from '#oci'
import { AMAZON_KEYS, Amazon } from '#support/amazon'
import { startVendor } from '#support/vendor'
import { parseIni } from '../../src/keychains/amazon-files.ts'
import { machine, passwordOf } from './machine.ts'

const registry = '123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/app'
const [dev, prod, web] = ['dev', 'prod', 'web'].map((name) => `arn:aws:iam::123456789012:role/${name}`)

let amazon: Amazon
before(async () => {
  amazon = await Amazon.start({
    roles: {
      [dev ?? '']: { trusts: AMAZON_KEYS.accessKey },
      [prod ?? '']: { trusts: dev ?? '', externalId: 'ticket-1' },
      [web ?? '']: { trusts: 'nobody' },
    },
    webIdentity: 'vouched for',
  })
})
after(() => amazon[Symbol.asyncDispose]())

/** A machine that asks this Amazon, and whom it was when it asked for the token. */
async function onMachine(
  options: Omit<Parameters<typeof machine>[0], 'endpoints'> & { readonly endpoints?: Map<string, URL> },
) {
  const endpoints = new Map([...amazon.endpoints('eu-west-1'), ...(options.endpoints ?? [])])
  return machine({ ...options, endpoints })
}

/** Asks for credentials, with how the token was come by. */
async function asked(options: Parameters<typeof onMachine>[0]): Promise<readonly string[]> {
  await using here = await onMachine(options)
  const before = amazon.operations.length
  assert.match(passwordOf(await here.ask(registry)) ?? '', /^password-\d+$/)
  return amazon.operations.slice(before)
}

const refusing =
  (...words: readonly RegExp[]) =>
  (error: unknown) => {
    assert.ok(error instanceof RegistryError && error.code === 'UNAUTHORIZED', String(error))
    for (const word of words) assert.match(error.message, word)
    assert.doesNotMatch(error.message, /c4n4ry/)
    return true
  }

const ini = (section: string, entries: Readonly<Record<string, string>>): string =>
  `[${section}]\n${Object.entries(entries)
    .map(([key, value]) => `${key} = ${value}\n`)
    .join('')}\n`
const KEYS = { aws_access_key_id: AMAZON_KEYS.accessKey, aws_secret_access_key: AMAZON_KEYS.secretKey }
const WRONG = { aws_access_key_id: 'AKIDWRONG', aws_secret_access_key: 'c4n4ry' }
const ENV = { AWS_ACCESS_KEY_ID: AMAZON_KEYS.accessKey, AWS_SECRET_ACCESS_KEY: AMAZON_KEYS.secretKey }

describe("a machine's keys for Amazon", { timeout: 30_000 }, () => {
  test('are looked for when a registry of Amazon asks, and not before', async () => {
    await using here = await onMachine({ files: { '.aws/config': ini('default', WRONG) } })
    assert.equal(await here.ask('docker.io/a/b'), undefined)
    assert.equal(await here.ask(`http://${registry}`), undefined)
    await assert.rejects(here.ask(registry), refusing(/UnrecognizedClientException/))
  })

  test('come from the environment first', async () => {
    const files = { '.aws/credentials': ini('default', WRONG) }
    assert.deepEqual(await asked({ env: () => ENV, files }), ['GetAuthorizationToken'])
    const { accessKey, secretKey, sessionToken } = amazon.issue('session')
    const session = {
      AWS_ACCESS_KEY_ID: accessKey,
      AWS_SECRET_ACCESS_KEY: secretKey,
      AWS_SESSION_TOKEN: sessionToken,
    }
    assert.deepEqual(await asked({ env: () => session }), ['GetAuthorizationToken'])
  })

  test('are those of a role that a web identity token is good for', async () => {
    const env = (home: string) => ({
      AWS_ROLE_ARN: web ?? '',
      AWS_WEB_IDENTITY_TOKEN_FILE: join(home, 'token'),
    })
    const operations = await asked({ env, files: { token: 'vouched for\n' } })
    assert.deepEqual(operations, ['AssumeRoleWithWebIdentity', 'GetAuthorizationToken'])
    await using here = await onMachine({ env, files: { token: 'forged' } })
    await assert.rejects(here.ask(registry), refusing(/role arn:.*web not taken on .*InvalidIdentityToken/))
  })

  test('come from the credentials file, of the profile that the environment names', async () => {
    const files = { '.aws/credentials': ini('default', WRONG) + ini('work', KEYS) }
    assert.deepEqual(await asked({ files, env: () => ({ AWS_PROFILE: 'work' }) }), ['GetAuthorizationToken'])
    const elsewhere = (home: string) => ({ AWS_SHARED_CREDENTIALS_FILE: join(home, 'mine') })
    assert.deepEqual(await asked({ files: { mine: ini('default', KEYS) }, env: elsewhere }), [
      'GetAuthorizationToken',
    ])
    await using here = await onMachine({ files, env: () => ({ AWS_PROFILE: 'wrok' }) })
    await assert.rejects(here.ask(registry), refusing(/AWS profile wrok: .*no such profile/))
  })

  test('are those of a chain of roles in the config file', async () => {
    const config =
      ini('profile prod', { role_arn: prod ?? '', source_profile: 'dev', external_id: 'ticket-1' }) +
      ini('profile dev', { role_arn: dev ?? '', source_profile: 'base', duration_seconds: '900' }) +
      ini('profile base', KEYS)
    const operations = await asked({
      files: { '.aws/config': config },
      env: () => ({ AWS_PROFILE: 'prod' }),
    })
    assert.deepEqual(operations, ['AssumeRole', 'AssumeRole', 'GetAuthorizationToken'])
  })

  test('of a profile may be taken on with its own keys, or those in the environment', async () => {
    const own = ini('default', { ...KEYS, role_arn: dev ?? '', source_profile: 'default' })
    const roles = ['AssumeRole', 'GetAuthorizationToken']
    assert.deepEqual(await asked({ files: { '.aws/config': own } }), roles)
  })

  for (const [why, config, words] of [
    [
      'that lead in a circle',
      ini('default', { role_arn: dev ?? '', source_profile: 'a' }) +
        ini('profile a', { role_arn: dev ?? '', source_profile: 'default' }),
      /AWS profile default: .*its own source/,
    ],
    [
      'that want a code from a device',
      ini('default', { ...KEYS, role_arn: dev ?? '', source_profile: 'default', mfa_serial: 'arn:x' }),
      /AWS profile default: .*code from a device/,
    ],
    [
      'that nobody has keys for',
      ini('default', { role_arn: dev ?? '', credential_source: 'Environment' }),
      /AWS profile default: .*no keys to take it on with/,
    ],
  ] as const) {
    test(`say what is wrong with roles ${why}`, async () => {
      await using here = await onMachine({ files: { '.aws/config': config } })
      await assert.rejects(here.ask(registry), refusing(words))
    })
  }

  test('come from a program that the profile names, and nothing that it prints is told', async () => {
    const printed = { Version: 1, AccessKeyId: AMAZON_KEYS.accessKey, SecretAccessKey: AMAZON_KEYS.secretKey }
    const config = (command: string) => ({ '.aws/config': ini('default', { credential_process: command }) })
    const files = { ...config('cat "$HOME/keys.json"'), 'keys.json': printed }
    assert.deepEqual(await asked({ files, env: (home) => ({ HOME: home }) }), ['GetAuthorizationToken'])
    for (const [command, why] of [
      [
        'echo c4n4ry; exit 3',
        /credential_process of AWS profile default: no keys \(it ended with status 3\)/,
      ],
      ['echo c4n4ry', /no JSON object/],
      ["echo '{}'", /holds no keys/],
    ] as const) {
      await using here = await onMachine({ files: config(command) })
      await assert.rejects(here.ask(registry), refusing(why))
    }
  })

  test('come from being signed on, and say so when nobody is', async () => {
    const { accessKey, secretKey, sessionToken } = amazon.issue('sso')
    await using portal = await startVendor(({ path, headers }) => {
      if (headers['x-amz-sso_bearer_token'] !== 'signed on')
        return { status: 401, json: { message: 'Session token not found or invalid' } }
      assert.equal(path, '/federation/credentials?role_name=Push&account_id=123456789012')
      const roleCredentials = { accessKeyId: accessKey, secretAccessKey: secretKey, sessionToken }
      return {
        status: 200,
        json: { roleCredentials: { ...roleCredentials, expiration: Date.now() + 3.6e6 } },
      }
    })
    const endpoints = new Map([['portal.sso.eu-central-1.amazonaws.com', portal.url]])
    const config =
      ini('default', { sso_session: 'acme', sso_account_id: '123456789012', sso_role_name: 'Push' }) +
      ini('sso-session acme', {
        sso_start_url: 'https://acme.awsapps.com/start',
        sso_region: 'eu-central-1',
      })
    const cache = `.aws/sso/cache/${createHash('sha1').update('acme').digest('hex')}.json`
    const token = (accessToken: string, ms: number) => ({
      '.aws/config': config,
      [cache]: { accessToken, expiresAt: new Date(Date.now() + ms).toISOString() },
    })
    assert.deepEqual(await asked({ files: token('signed on', 60_000), endpoints }), ['GetAuthorizationToken'])
    for (const [files, why] of [
      [token('signed on', -1), /nobody is signed on: aws sso login --profile default/],
      [{ '.aws/config': config }, /nobody is signed on/],
      [token('c4n4ry', 60_000), /no keys for Push in 123456789012 \(status 401, Session token not found/],
    ] as const) {
      await using here = await onMachine({ files, endpoints })
      await assert.rejects(here.ask(registry), refusing(why))
    }
  })

  test('come from the container, with the token that it has for that', async () => {
    const { accessKey, secretKey, sessionToken, expiration } = amazon.issue('task')
    await using agent = await startVendor(({ method, headers }) =>
      method === 'GET' && headers.authorization === 'pod token'
        ? {
            status: 200,
            json: {
              AccessKeyId: accessKey,
              SecretAccessKey: secretKey,
              Token: sessionToken,
              Expiration: expiration,
            },
          }
        : { status: 403, json: { message: 'no c4n4ryc4n4ryc4n4ryc4n4ryc4n4ry' } },
    )
    const full = { AWS_CONTAINER_CREDENTIALS_FULL_URI: `${agent.url}v1/credentials` }
    const env = (home: string) => ({ ...full, AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: join(home, 'token') })
    assert.deepEqual(await asked({ env, files: { token: 'pod token\n' } }), ['GetAuthorizationToken'])
    const plain = { ...full, AWS_CONTAINER_AUTHORIZATION_TOKEN: 'pod token' }
    assert.deepEqual(await asked({ env: () => plain }), ['GetAuthorizationToken'])
    await using without = await onMachine({ env: () => full })
    await assert.rejects(without.ask(registry), refusing(/no keys for the container \(status 403/))
    const far = { AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://example.com/keys' }
    await using elsewhere = await onMachine({ env: () => far })
    await assert.rejects(elsewhere.ask(registry), refusing(/may not be asked over http/))
  })

  test("come from the instance's role, by version 2 of its metadata service", async () => {
    const { accessKey, secretKey, sessionToken, expiration } = amazon.issue('instance')
    await using service = await startVendor(({ method, path, headers }) => {
      if (method === 'PUT' && path === '/latest/api/token')
        return headers['x-aws-ec2-metadata-token-ttl-seconds'] === '21600'
          ? { status: 200, text: 'imds' }
          : { status: 400, text: '' }
      if (headers['x-aws-ec2-metadata-token'] !== 'imds') return { status: 401, text: '' }
      if (path === '/latest/meta-data/iam/security-credentials/') return { status: 200, text: 'push-role' }
      if (path !== '/latest/meta-data/iam/security-credentials/push-role') return { status: 404, text: '' }
      const keys = { AccessKeyId: accessKey, SecretAccessKey: secretKey, Token: sessionToken }
      return { status: 200, json: { Code: 'Success', ...keys, Expiration: expiration } }
    })
    const env = () => ({
      AWS_EC2_METADATA_DISABLED: 'false',
      AWS_EC2_METADATA_SERVICE_ENDPOINT: service.url.href,
    })
    assert.deepEqual(await asked({ env }), ['GetAuthorizationToken'])
    assert.equal(service.asked.length, 3)
    const config = ini('default', { role_arn: dev ?? '', credential_source: 'Ec2InstanceMetadata' })
    await using here = await onMachine({ env, files: { '.aws/config': config } })
    await assert.rejects(here.ask(registry), refusing(/User: instance is not authorized/))
  })

  test('are none where nothing is there, and that is found out at once', async () => {
    await using silent = await startVendor(() => ({ status: 404, text: '' }))
    const env = () => ({
      AWS_EC2_METADATA_DISABLED: 'false',
      AWS_EC2_METADATA_SERVICE_ENDPOINT: silent.url.href,
    })
    await using here = await onMachine({ env })
    assert.equal(await here.ask(registry), undefined)
  })

  test('that are of no use are passed over at the public registry, and it is said why', async () => {
    const { accessKey } = AMAZON_KEYS
    await using here = await onMachine({
      env: () => ({ AWS_ACCESS_KEY_ID: accessKey, AWS_SECRET_ACCESS_KEY: 'x' }),
    })
    assert.equal(await here.ask('public.ecr.aws/acme/app'), undefined)
    assert.match(here.warnings.join(), /InvalidSignatureException/)
    await assert.rejects(here.ask(registry), refusing(/InvalidSignatureException/))
  })

  test('are looked for anew after they could not be had', async () => {
    await using here = await onMachine({ env: () => ({ AWS_PROFILE: 'late' }) })
    await assert.rejects(here.ask(registry), refusing(/no such profile/))
    await mkdir(join(here.home, '.aws'))
    await writeFile(join(here.home, '.aws', 'credentials'), ini('late', KEYS))
    assert.match(passwordOf(await here.ask(registry)) ?? '', /^password-/)
  })
})

describe('a file of profiles', () => {
  test('is read with its comments, blanks and nested settings', () => {
    const text = `# said
[ default ]
Region=eu-west-1 ; here
key = a#b = c

[profile   work]   # the other
s3 =
  max_concurrent_requests = 20
output = json
[default]
last = 1
nonsense
`
    const sections = [...parseIni(text)].map(([name, section]) => [name, Object.fromEntries(section)])
    assert.deepEqual(sections, [
      ['default', { region: 'eu-west-1', key: 'a#b = c', last: '1' }],
      ['profile work', { s3: '', output: 'json' }],
    ])
  })
})
