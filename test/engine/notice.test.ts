import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { formatReference } from '#oci'
import { readNotice } from '../../src/engine/notice.ts'

// The bodies are as the vendors' own pages print them, but for what is left out where it is long.

const DIGEST = `sha256:${'7f'.repeat(32)}`

const DOCKER_HUB = {
  callback_url:
    'https://registry.hub.docker.com/u/svendowideit/testhook/hook/2141b5bi5i5b02bec211i4eeih0242eg11000a/',
  push_data: { pushed_at: 1417566161, pusher: 'trustedbuilder', tag: 'latest' },
  repository: {
    comment_count: 0,
    date_created: 1417494799,
    description: '',
    is_official: false,
    is_private: true,
    is_trusted: true,
    name: 'testhook',
    namespace: 'svendowideit',
    owner: 'svendowideit',
    repo_name: 'svendowideit/testhook',
    repo_url: 'https://registry.hub.docker.com/u/svendowideit/testhook/',
    star_count: 0,
    status: 'Active',
  },
}

const github = (member: string, tag: object) => ({
  action: 'published',
  [member]: {
    id: 42,
    name: 'hello-world',
    namespace: 'Codertocat',
    ecosystem: 'CONTAINER',
    package_type: 'CONTAINER',
    html_url: 'https://github.com/Codertocat/hello-world/packages/42',
    owner: { login: 'Codertocat', id: 21031067, type: 'User' },
    package_version: {
      id: 7,
      version: DIGEST,
      container_metadata: { tag, labels: { description: '', source: '' }, manifest: { digest: DIGEST } },
      package_url: 'ghcr.io/codertocat/hello-world:v1',
    },
    registry: {
      about_url: 'https://docs.github.com/packages/learn-github-packages/introduction-to-github-packages',
      name: 'GitHub CONTAINER registry',
      type: 'CONTAINER',
      url: 'https://ghcr.io/Codertocat/hello-world',
      vendor: 'GitHub Inc',
    },
  },
  repository: { id: 1, full_name: 'Codertocat/hello-world' },
  sender: { login: 'Codertocat' },
})

const HARBOR = {
  type: 'PUSH_ARTIFACT',
  occur_at: 1586922308,
  operator: 'admin',
  event_data: {
    resources: [
      { digest: DIGEST, tag: 'latest', resource_url: 'hub.harbor.com:8443/test-webhook/debian:latest' },
    ],
    repository: {
      date_created: 1586922308,
      name: 'debian',
      namespace: 'test-webhook',
      repo_full_name: 'test-webhook/debian',
      repo_type: 'private',
    },
  },
}

const HARBOR_CLOUD_EVENT = {
  specversion: '1.0',
  id: '4b2f89a6-548d-4c12-9993-a1f5790b97d2',
  requestid: '46a6fce3-6e5c-4c27-8c4e-ac4a9ef5dd1f',
  source: '/projects/1/webhook/policies/3',
  type: 'harbor.artifact.pushed',
  datacontenttype: 'application/json',
  time: '2023-04-03T06:47:44Z',
  data: HARBOR.event_data,
  operator: 'admin',
}

const DISTRIBUTION = {
  events: [
    {
      id: 'asdf-asdf-asdf-asdf-0',
      timestamp: '2006-01-02T15:04:05Z',
      action: 'push',
      target: {
        mediaType: 'application/vnd.docker.distribution.manifest.v1+json',
        length: 1,
        digest: DIGEST,
        repository: 'library/test',
        url: `http://example.com/v2/library/test/manifests/${DIGEST}`,
        tag: 'v2',
      },
      request: {
        id: 'asdfasdf',
        addr: 'client.local',
        host: 'registrycluster.local',
        method: 'PUT',
        useragent: 'test/0.1',
      },
      actor: { name: 'test-actor' },
      source: { addr: 'hostname.local:port' },
    },
    {
      id: 'asdf-asdf-asdf-asdf-1',
      timestamp: '2006-01-02T15:04:05Z',
      action: 'push',
      target: {
        mediaType: 'application/octet-stream',
        length: 3,
        digest: DIGEST,
        repository: 'library/test',
      },
      request: { id: 'asdfasdf', host: 'registrycluster.local', method: 'PUT' },
    },
    {
      id: 'asdf-asdf-asdf-asdf-2',
      action: 'pull',
      target: { digest: DIGEST, repository: 'library/test', tag: 'v2' },
      request: { host: 'registrycluster.local', method: 'GET' },
    },
  ],
}

const AZURE = {
  id: 'cb8c3971-9adc-488b-xxxx-43cbb4974ff5',
  timestamp: '2017-11-17T16:52:01.343145347Z',
  action: 'push',
  target: {
    mediaType: 'application/vnd.docker.distribution.manifest.v2+json',
    size: 524,
    digest: DIGEST,
    length: 524,
    repository: 'hello-world',
    tag: 'v1',
  },
  request: {
    id: '3cbb6949-7549-4fa1-xxxx-a6d5451dffc7',
    host: 'myregistry.azurecr.io',
    method: 'PUT',
    useragent: 'docker/17.09.0-ce',
  },
}

const AMAZON = {
  version: '0',
  id: '13cde686-328b-6117-af20-0e5566167482',
  'detail-type': 'ECR Image Action',
  source: 'aws.ecr',
  account: '123456789012',
  time: '2019-11-16T01:54:34Z',
  region: 'us-west-2',
  resources: [],
  detail: {
    result: 'SUCCESS',
    'repository-name': 'my-repository-name',
    'image-digest': DIGEST,
    'action-type': 'PUSH',
    'image-tag': 'latest',
  },
}

const google = (told: object) => ({
  message: {
    data: Buffer.from(JSON.stringify(told)).toString('base64'),
    messageId: '2070443601311540',
    publishTime: '2021-02-26T19:13:55.749Z',
  },
  subscription: 'projects/myproject/subscriptions/mysubscription',
})
const GOOGLE = google({
  action: 'INSERT',
  digest: `us-east1-docker.pkg.dev/my-project/my-repo/hello-world@${DIGEST}`,
  tag: 'us-east1-docker.pkg.dev/my-project/my-repo/hello-world:1.1',
})

const QUAY = {
  name: 'repository',
  repository: 'mynamespace/repository',
  namespace: 'mynamespace',
  docker_url: 'quay.io/mynamespace/repository',
  homepage: 'https://quay.io/repository/mynamespace/repository',
  updated_tags: ['latest', 'v3'],
}

const PACKAGE = { 'x-github-event': 'package', 'x-github-delivery': '72d3162e-cc78-11e3-81ab-4c9367dc0958' }

function told(body: unknown, headers = {}): readonly string[] | undefined {
  return readNotice(body, headers)?.map(({ reference }) => formatReference(reference))
}

const CASES: [string, unknown, object, readonly string[]][] = [
  ['Docker Hub', DOCKER_HUB, {}, ['docker.io/svendowideit/testhook:latest']],
  [
    'GitHub, package',
    github('package', { name: 'v1', digest: DIGEST }),
    PACKAGE,
    [`ghcr.io/codertocat/hello-world:v1@${DIGEST}`],
  ],
  [
    'GitHub, registry_package',
    github('registry_package', { name: 'v1', digest: '' }),
    { ...PACKAGE, 'x-github-event': 'registry_package' },
    ['ghcr.io/codertocat/hello-world:v1'],
  ],
  ['Harbor', HARBOR, {}, [`hub.harbor.com:8443/test-webhook/debian:latest@${DIGEST}`]],
  [
    'Harbor by CloudEvents',
    HARBOR_CLOUD_EVENT,
    {},
    [`hub.harbor.com:8443/test-webhook/debian:latest@${DIGEST}`],
  ],
  ['the distribution', DISTRIBUTION, {}, [`registrycluster.local/library/test:v2@${DIGEST}`]],
  ['Azure', AZURE, {}, [`myregistry.azurecr.io/hello-world:v1@${DIGEST}`]],
  [
    'Amazon by EventBridge',
    AMAZON,
    {},
    [`123456789012.dkr.ecr.us-west-2.amazonaws.com/my-repository-name:latest@${DIGEST}`],
  ],
  [
    'Amazon in China',
    { ...AMAZON, region: 'cn-north-1' },
    {},
    [`123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn/my-repository-name:latest@${DIGEST}`],
  ],
  ['Google by Pub/Sub', GOOGLE, {}, [`us-east1-docker.pkg.dev/my-project/my-repo/hello-world:1.1@${DIGEST}`]],
  ['Quay', QUAY, {}, ['quay.io/mynamespace/repository:latest', 'quay.io/mynamespace/repository:v3']],
]

for (const [sender, body, headers, images] of CASES)
  test(`a push is heard of from ${sender}`, () => assert.deepEqual(told(body, headers), images))

test('what is no push of a tag is heard, and comes to nothing', () => {
  const cases: [unknown, object?][] = [
    [{ zen: 'Keep it logically awesome.', hook_id: 1 }, { 'x-github-event': 'ping' }],
    [github('package', { name: '', digest: '' }), PACKAGE],
    [{ ...github('package', { name: 'v1', digest: DIGEST }), action: 'deleted' }, PACKAGE],
    [{ action: 'published', package: { name: 'left-pad', package_type: 'npm' } }, PACKAGE],
    [{ ...HARBOR, type: 'DELETE_ARTIFACT' }],
    [
      {
        ...HARBOR,
        event_data: { resources: [{ digest: DIGEST, tag: DIGEST, resource_url: `h.example/a/b@${DIGEST}` }] },
      },
    ],
    [{ ...AZURE, action: 'delete' }],
    [{ events: [] }],
    [{ ...AMAZON, detail: { ...AMAZON.detail, 'action-type': 'DELETE' } }],
    [{ ...AMAZON, detail: { ...AMAZON.detail, result: 'FAILURE' } }],
    [google({ action: 'DELETE', tag: 'us-east1-docker.pkg.dev/p/r/a:1' })],
    [google({ action: 'INSERT', digest: `us-east1-docker.pkg.dev/p/r/a@${DIGEST}` })],
    [{ ...AZURE, request: {}, target: { ...AZURE.target, url: undefined } }],
    [{ ...DOCKER_HUB, push_data: { tag: 'not a tag' } }],
  ]
  for (const [body, headers] of cases)
    assert.deepEqual(told(body, headers), [], JSON.stringify(body).slice(0, 80))
})

test('a push that is told again has the same key, another one has another', () => {
  const keys = CASES.flatMap(([, body, headers]) =>
    (readNotice(body, headers as never) ?? []).map(({ key }) => key),
  )
  assert.equal(keys.filter((key) => key === undefined).length, 2, 'Quay gives nothing to tell by')
  const again = readNotice(structuredClone(DOCKER_HUB), {})?.[0]?.key
  assert.equal(again, keys[0])
  const later = { ...DOCKER_HUB, push_data: { ...DOCKER_HUB.push_data, pushed_at: 1417566162 } }
  assert.notEqual(readNotice(later, {})?.[0]?.key, again)
})

test('any JSON whatever is read without harm', () => {
  const spoilt = fc
    .constantFrom(...CASES.map(([, body]) => body))
    .chain((body) =>
      fc
        .jsonValue({ maxDepth: 2 })
        .chain((value) =>
          fc
            .constantFrom(...Object.keys(body as object))
            .map((name) => ({ ...(body as object), [name]: value })),
        ),
    )
  fc.assert(
    fc.property(fc.oneof(fc.jsonValue(), spoilt), fc.boolean(), (body, fromGithub) => {
      for (const { reference } of readNotice(body, fromGithub ? PACKAGE : {}) ?? [])
        assert.match(formatReference(reference), /^[\w.:/[\]-]+:[\w.-]+(?:@sha256:[0-9a-f]+)?$/)
    }),
  )
  for (const body of [{}, [], null, 5, 'text', { hello: 1 }]) assert.equal(readNotice(body, {}), undefined)
})
