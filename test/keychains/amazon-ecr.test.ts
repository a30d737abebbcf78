import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createEcrRepository, findEcrRegistry, integrationKeychain } from '#keychains'
import {
  type Credentials,
  createAddressGuard,
  Network,
  openRepository,
  parseReference,
  RegistryError,
  type Tag,
} from '#oci'
import { AMAZON_KEYS, Amazon, type AmazonOptions } from '#support/amazon'
import { startVendor } from '#support/vendor'
import { findEcr } from '../../src/keychains/registries.ts'

const registry = parseReference('123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/app')
const elsewhere = parseReference('123456789012.dkr.ecr.us-east-1.amazonaws.com/team/app')
const open = parseReference('public.ecr.aws/acme/app')

describe('the name of an ECR registry', () => {
  for (const [name, region, api] of [
    ['123456789012.dkr.ecr.eu-west-1.amazonaws.com', 'eu-west-1', 'api.ecr.eu-west-1.amazonaws.com'],
    [
      '123456789012.dkr.ecr-fips.us-gov-west-1.amazonaws.com',
      'us-gov-west-1',
      'ecr-fips.us-gov-west-1.amazonaws.com',
    ],
    ['123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn', 'cn-north-1', 'api.ecr.cn-north-1.amazonaws.com.cn'],
    ['123456789012.dkr-ecr.us-west-2.on.aws', 'us-west-2', 'ecr.us-west-2.api.aws'],
    ['public.ecr.aws', 'us-east-1', 'api.ecr-public.us-east-1.amazonaws.com'],
  ] as const) {
    test(`says where its tokens come from: ${name}`, () => {
      const found = findEcr(name)
      assert.deepEqual([found?.region, found?.api], [region, api])
    })
  }
})

interface SetUp extends AsyncDisposable {
  readonly amazon: Amazon
  readonly network: Network
  readonly credential: Parameters<typeof findEcrRegistry>[0]
  readonly keychain: ReturnType<typeof integrationKeychain>
}

async function setUp(
  options: AmazonOptions = {},
  more: Partial<Parameters<typeof findEcrRegistry>[0]> = {},
): Promise<SetUp> {
  const amazon = await Amazon.start(options)
  const network = new Network({
    guard: createAddressGuard({ allow: [] }),
    endpoints: amazon.endpoints('eu-west-1', 'us-east-1'),
    retryBaseMs: 1,
  })
  const credential = { kind: 'amazon', ...AMAZON_KEYS, ...more } as const
  return {
    amazon,
    network,
    credential,
    keychain: integrationKeychain(credential, network),
    async [Symbol.asyncDispose](): Promise<void> {
      await network.close()
      await amazon[Symbol.asyncDispose]()
    },
  }
}

const passwordOf = (found: Credentials | undefined): string | undefined =>
  found?.kind === 'basic' ? found.password : undefined

function refusal(code: string, ...words: readonly RegExp[]) {
  return (error: unknown): boolean => {
    assert.ok(error instanceof RegistryError)
    assert.equal(error.code, code)
    for (const word of words) assert.match(error.message, word)
    assert.doesNotMatch(error.message, /[0-9a-f]{40}|EXAMPLEKEY/)
    return true
  }
}

describe("Amazon's keychain", () => {
  test('asks for the token of the region in the name of the registry, and keeps it', async () => {
    await using set = await setUp()
    const expected = { kind: 'basic', username: 'AWS', password: 'password-1' }
    const asked = [1, 2, 3].map(() => set.keychain.credentials(registry))
    assert.deepEqual(await Promise.all(asked), [expected, expected, expected])
    assert.equal(set.amazon.asked.length, 1)
    assert.deepEqual(await set.keychain.credentials(elsewhere), { ...expected, password: 'password-2' })
    assert.equal(set.amazon.asked.length, 2)
  })

  test('keeps it for all who come with the same keys on the same network, and for nobody else', async () => {
    await using set = await setUp()
    const again = () => integrationKeychain({ ...set.credential }, set.network).credentials(registry)
    assert.equal(passwordOf(await again()), passwordOf(await again()))
    assert.equal(set.amazon.asked.length, 1)
    const other = { ...set.credential, secretKey: 'another' }
    await assert.rejects(integrationKeychain(other, set.network).credentials(registry), RegistryError)
  })

  test('asks again for a token that is about to end', async () => {
    await using set = await setUp({ lifeS: 300 })
    for (const expected of ['password-1', 'password-2'])
      assert.equal(passwordOf(await set.keychain.credentials(registry)), expected)
  })

  test('asks again, once, for a token that the registry did not accept', async () => {
    await using set = await setUp()
    const rejected = await set.keychain.credentials(registry)
    assert.ok(rejected)
    const asked = [1, 2].map(() => set.keychain.credentials({ ...registry, rejected }))
    assert.deepEqual((await Promise.all(asked)).map(passwordOf), ['password-2', 'password-2'])
    assert.equal(set.amazon.asked.length, 2)
  })

  test('has a registry let us in again after it has revoked the token that was kept', async () => {
    await using set = await setUp()
    await using ecr = await startVendor(({ headers }) => {
      const good = `Basic ${Buffer.from(`AWS:${set.amazon.password}`).toString('base64')}`
      const challenge = { 'www-authenticate': 'Basic realm="https://ecr/",service="ecr.amazonaws.com"' }
      if (headers.authorization !== good) return { status: 401, text: 'Not Authorized', headers: challenge }
      return { status: 404, json: { errors: [{ code: 'MANIFEST_UNKNOWN' }] } }
    })
    const endpoints = new Map([...set.amazon.endpoints('eu-west-1'), [registry.registry, ecr.url]])
    const network = new Network({ endpoints, retries: 0 })
    const find = () =>
      openRepository(network, registry, integrationKeychain(set.credential, network)).find('1' as Tag)
    assert.equal(await find(), undefined)
    // Somebody else's token: the stand-in takes the last one alone.
    await set.keychain.credentials(registry)
    assert.equal(await find(), undefined)
    assert.equal(set.amazon.operations.length, 3)
    await network.close()
  })

  test('has a token of its own kind for the public registry', async () => {
    await using set = await setUp()
    const token = Buffer.from('AWS:password-1').toString('base64')
    assert.deepEqual(await set.keychain.credentials(open), { kind: 'bearer', token })
    assert.match(set.amazon.asked[0]?.headers.authorization ?? '', /us-east-1\/ecr-public\/aws4_request/)
  })

  test('shows the token of a session beside its keys', async () => {
    await using set = await setUp()
    const { accessKey, secretKey, sessionToken } = set.amazon.issue('ci')
    const session = { kind: 'amazon', accessKey, secretKey, sessionToken } as const
    assert.equal(
      passwordOf(await integrationKeychain(session, set.network).credentials(registry)),
      'password-1',
    )
    const without = { kind: 'amazon', accessKey, secretKey } as const
    await assert.rejects(
      integrationKeychain(without, set.network).credentials(registry),
      refusal('UNAUTHORIZED', /UnrecognizedClientException/),
    )
  })

  test('says so when the keys may not', async () => {
    await using set = await setUp({ may: () => false })
    await assert.rejects(
      set.keychain.credentials(registry),
      refusal(
        'UNAUTHORIZED',
        /AccessDeniedException, User: AKIDEXAMPLE is not authorized to perform: ecr:Get/,
      ),
    )
  })

  for (const [keys, why] of [
    [{ accessKey: 'AKIDOTHER' }, /UnrecognizedClientException/],
    [{ secretKey: 'wrong' }, /InvalidSignatureException/],
  ] as const) {
    test(`tells what Amazon said to wrong keys: ${why.source}`, async () => {
      await using set = await setUp({}, keys)
      await assert.rejects(set.keychain.credentials(registry), refusal('UNAUTHORIZED', why))
    })
  }

  for (const name of [
    '123456789012.dkr.ecr.eu-west-1.amazonaws.com.example.com/a/b',
    'evil.dkr.ecr.eu-west-1.amazonaws.com/a/b',
    'x123456789012.dkr.ecr.eu-west-1.amazonaws.com/a/b',
    '123456789012.dkr.ecr.eu-west-1.amazonaws.com:5000/a/b',
    '123456789012.dkr.ecr.eu-west-1.evil.amazonaws.com/a/b',
    'http://123456789012.dkr.ecr.eu-west-1.amazonaws.com/a/b',
    'public.ecr.aws.example.com/a/b',
    'notpublic.ecr.aws/a/b',
    'docker.io/a/b',
  ]) {
    test(`shows nothing to ${name}`, async () => {
      await using set = await setUp()
      assert.equal(await set.keychain.credentials(parseReference(name)), undefined)
      assert.equal(set.amazon.asked.length, 0)
    })
  }
})

describe('a role at Amazon', () => {
  const [first, second] = ['arn:aws:iam::123456789012:role/first', 'arn:aws:iam::210987654321:role/second']
  const roles = {
    [first]: { trusts: AMAZON_KEYS.accessKey, externalId: 'x/1' },
    [second]: { trusts: first },
  }
  const wanted = [
    { arn: first, externalId: 'x/1' },
    { arn: second, durationS: 900 },
  ]

  test('is taken on with the keys, the next with those of the first, and the last asks for the token', async () => {
    await using set = await setUp({ roles, may: (name) => name === second }, { roles: wanted })
    assert.equal(passwordOf(await set.keychain.credentials(registry)), 'password-1')
    assert.deepEqual(set.amazon.operations, ['AssumeRole', 'AssumeRole', 'GetAuthorizationToken'])
    assert.match(set.amazon.asked[1]?.body ?? '', /DurationSeconds=900/)
    assert.match(set.amazon.asked[0]?.headers.host ?? '', /^sts\.eu-west-1\./)
  })

  test('is kept while its keys are good', async () => {
    await using set = await setUp({ roles, lifeS: 1 }, { roles: wanted })
    for (const expected of ['password-1', 'password-2'])
      assert.equal(passwordOf(await set.keychain.credentials(registry)), expected)
    assert.equal(set.amazon.operations.filter((name) => name === 'AssumeRole').length, 2)
  })

  for (const [why, taken, words] of [
    ['to whom it does not trust', [{ arn: second }], /AccessDenied, User: AKIDEXAMPLE is not authorized/],
    ['without what it asks for', [{ arn: first }], /AccessDenied/],
    ['that does not exist', [{ arn: `${first}-not` }], /AccessDenied/],
  ] as const) {
    test(`is not given ${why}, and the role is named`, async () => {
      await using set = await setUp({ roles }, { roles: taken })
      const role = new RegExp(`role ${taken[0].arn} not taken on`)
      await assert.rejects(set.keychain.credentials(registry), refusal('UNAUTHORIZED', words, role))
    })
  }
})

describe('ECR', () => {
  test('says which registry is the one of the keys', async () => {
    await using set = await setUp()
    assert.equal(await findEcrRegistry(set.credential, 'eu-west-1', set.network), registry.registry)
    await set.keychain.credentials(registry)
    assert.equal(set.amazon.asked.length, 1, 'the same token serves')
  })

  test('makes a repository, and does not mind one that is there', async () => {
    await using set = await setUp()
    for (let n = 0; n < 2; n++) await createEcrRepository(set.credential, registry, set.network)
    await createEcrRepository(set.credential, parseReference('public.ecr.aws/acme/open'), set.network)
    assert.deepEqual([...set.amazon.repositories], ['team/app', 'acme/open'])
  })

  test('says why it makes none', async () => {
    await using set = await setUp({ may: () => false })
    await assert.rejects(
      createEcrRepository(set.credential, registry, set.network),
      refusal('UNAUTHORIZED', /repository team\/app not created \(status 400, AccessDeniedException/),
    )
  })
})

describe('an endpoint of Amazon', () => {
  const answered = async (...answers: readonly object[]) => {
    let count = 0
    const vendor = await startVendor(() => {
      const json = answers[Math.min(count++, answers.length - 1)] ?? {}
      return { status: 'status' in json ? Number(json.status) : 200, json }
    })
    const endpoints = new Map([['api.ecr.eu-west-1.amazonaws.com', vendor.url]])
    const network = new Network({ endpoints, retryBaseMs: 1 })
    return {
      vendor,
      found: () => integrationKeychain({ kind: 'amazon', ...AMAZON_KEYS }, network).credentials(registry),
      async [Symbol.asyncDispose](): Promise<void> {
        await network.close()
        await vendor[Symbol.asyncDispose]()
      },
    }
  }
  const good = { authorizationData: [{ authorizationToken: 'QVdTOmdvb2Q=', expiresAt: 4e9 }] }

  for (const busy of [
    { status: 429 },
    { status: 503 },
    { status: 400, __type: 'ThrottlingException', message: 'Rate exceeded' },
  ]) {
    test(`that is busy is asked again: ${JSON.stringify(busy)}`, async () => {
      await using set = await answered(busy, good)
      assert.equal(passwordOf(await set.found()), 'good')
      assert.equal(set.vendor.asked.length, 2)
    })
  }

  for (const json of [
    {},
    { authorizationData: [] },
    { authorizationData: [{ authorizationToken: 'QVdTOg==' }] },
  ]) {
    test(`that gives no token is not believed: ${JSON.stringify(json)}`, async () => {
      await using set = await answered(json)
      await assert.rejects(set.found(), /holds no token/)
    })
  }
})
