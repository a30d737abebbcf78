import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { ImageDraft } from '#engine'
import { type IntegrationSecrets, Secret } from '#model'
import { AMAZON_KEYS, Amazon, type AmazonOptions } from '#support/amazon'
import { hello, push } from '#support/images'
import { faults } from '#support/registry'
import { type Stage, setStage } from './stage.ts'

const HOST = '123456789012.dkr.ecr.eu-west-1.amazonaws.com'
const KEYS = { accessKey: new Secret(AMAZON_KEYS.accessKey), secretKey: new Secret(AMAZON_KEYS.secretKey) }
const ROLE = 'arn:aws:iam::123456789012:role/push'
const image = hello()

/** A target that is ECR: the vendor gives out its password, and no repository is made by pushing to it. */
async function stageWith(
  secrets: IntegrationSecrets,
  options: AmazonOptions = {},
): Promise<Stage & { readonly amazon: Amazon }> {
  const amazon = await Amazon.start(options)
  const stage = await setStage({
    target: { auth: { kind: 'basic', username: 'AWS', password: 'password-1', realm: `https://${HOST}/` } },
    network: ({ target }) => ({
      endpoints: new Map([...amazon.endpoints('eu-west-1'), [HOST, new URL(target.url)]]),
    }),
  })
  stage.target.fault(
    { path: /^\/v2\/.*\/blobs\/uploads\// },
    {
      before: async (exchange, hold) => {
        const [, name = ''] = /^\/v2\/(.*)\/blobs\/uploads\//.exec(exchange.record.path) ?? []
        return amazon.repositories.has(name)
          ? undefined
          : faults
              .respondError(404, 'NAME_UNKNOWN', `The repository with name '${name}' does not exist`)
              .before?.(exchange, hold)
      },
    },
  )
  await push(stage.source.url, 'team/app', '1', image)
  await stage.integration('aws', secrets, { type: 'amazon' })
  return {
    ...stage,
    amazon,
    async [Symbol.asyncDispose]() {
      await stage[Symbol.asyncDispose]()
      await amazon[Symbol.asyncDispose]()
    },
  }
}

const ECR = { kind: 'amazon-ecr', registry: undefined, integration: 'aws' } as const

async function promoted(stage: Stage, to: Partial<ImageDraft>) {
  const execution = await stage.ended((await stage.start(await stage.pipeline({ to }))).id)
  return { ...execution, failure: execution.actions[0]?.failure, log: await stage.log(execution) }
}

suite('a promotion to ECR', { timeout: 60_000 }, () => {
  test('finds the registry of the account in the region of the image, or of the integration', async () => {
    await using stage = await stageWith({ ...KEYS, region: new Secret('eu-west-1') })
    stage.amazon.repositories.add('live/app').add('live/other')
    for (const [region, name] of [
      ['eu-west-1', 'live/app'],
      [undefined, 'live/other'],
    ] as const) {
      const { status, failure, log } = await promoted(stage, { ...ECR, region, image: name })
      assert.equal(status, 'succeeded', failure?.message ?? '')
      assert.match(log[0] ?? '', new RegExp(`to ${HOST}/${name}:prod`))
      assert.equal(stage.target.getManifest(name, 'prod')?.digest, image.top.digest)
    }
    assert.deepEqual(stage.amazon.operations, ['GetAuthorizationToken'], 'one token for both executions')
  })

  test('says that a region is missing, or that the integration is no help', async () => {
    await using stage = await stageWith(KEYS)
    await stage.integration('hub', { username: new Secret('u'), password: new Secret('p') })
    for (const [integration, why] of [
      ['aws', /integration aws: has no region/],
      ['hub', /integration hub: is not of Amazon/],
    ] as const) {
      const { failure } = await promoted(stage, { ...ECR, integration })
      assert.deepEqual([failure?.code, failure?.side], ['INTEGRATION_INCOMPLETE', 'target'])
      assert.match(failure?.message ?? '', why)
    }
    assert.equal(stage.amazon.asked.length, 0)
  })

  test('takes on the roles of the integration', async () => {
    const roles = new Secret(JSON.stringify([{ arn: ROLE, externalId: 'x' }]))
    await using stage = await stageWith(
      { ...KEYS, roles },
      { roles: { [ROLE]: { trusts: AMAZON_KEYS.accessKey, externalId: 'x' } }, may: (name) => name === ROLE },
    )
    stage.amazon.repositories.add('live/app')
    const { status, failure } = await promoted(stage, { ...ECR, registry: HOST })
    assert.equal(status, 'succeeded', failure?.message ?? '')
    assert.deepEqual(stage.amazon.operations, ['AssumeRole', 'GetAuthorizationToken'])
  })

  test('makes a missing repository only where it is asked to, and once', async () => {
    await using stage = await stageWith(KEYS)
    const to = { ...ECR, region: 'eu-west-1', image: 'new/app' }
    const refused = await promoted(stage, to)
    assert.deepEqual([refused.failure?.code, refused.failure?.side], ['NAME_UNKNOWN', 'target'])
    assert.deepEqual([...stage.amazon.repositories], [])
    for (const tag of ['prod', 'next']) {
      const { status, failure } = await promoted(stage, { ...to, tag, createRepository: true })
      assert.equal(status, 'succeeded', failure?.message ?? '')
      assert.equal(stage.target.getManifest('new/app', tag)?.digest, image.top.digest)
    }
    assert.deepEqual(stage.amazon.operations, ['GetAuthorizationToken', 'CreateRepository'])
  })

  test('says what Amazon says when the keys may not make it', async () => {
    const granted = [true, false]
    await using stage = await stageWith(KEYS, { may: () => granted.shift() ?? false })
    const to = { ...ECR, region: 'eu-west-1', image: 'new/app', createRepository: true }
    const { failure } = await promoted(stage, to)
    assert.deepEqual([failure?.code, failure?.side], ['UNAUTHORIZED', 'target'])
    assert.match(failure?.message ?? '', /repository new\/app not created .*AccessDeniedException/)
  })

  test('fails with the words of Amazon when the keys are wrong, and shows none of them', async () => {
    await using stage = await stageWith({ ...KEYS, secretKey: new Secret('wrong-c4n4ry') })
    const { failure, log } = await promoted(stage, { ...ECR, registry: HOST })
    assert.deepEqual([failure?.code, failure?.side], ['UNAUTHORIZED', 'target'])
    assert.match(failure?.message ?? '', /api\.ecr\.eu-west-1\.amazonaws\.com: .*InvalidSignatureException/)
    assert.doesNotMatch(JSON.stringify([failure, log]), /c4n4ry/)
  })
})
