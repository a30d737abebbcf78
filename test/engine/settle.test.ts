import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import fc from 'fast-check'
import { draftPromotion, type ImageDraft, locate, locatePromotion, NOTHING, settlePromotion } from '#engine'
import { ModelError, type RegistryKind, Secret } from '#model'
import { formatReference, sameRepository } from '#oci'

const image = (draft: Partial<ImageDraft>): ImageDraft => ({ ...NOTHING, ...draft })

function settle(source: Partial<ImageDraft>, target: Partial<ImageDraft>, sameLocation?: boolean) {
  return settlePromotion({ sameLocation, source: image(source), target: image(target) })
}

/** `source → target (same|elsewhere)` in full references. */
function settled(source: Partial<ImageDraft>, target: Partial<ImageDraft>, sameLocation?: boolean): string {
  const definition = settle(source, target, sameLocation)
  const places = locatePromotion(definition)
  const how = definition.sameLocation ? 'same' : 'elsewhere'
  return `${formatReference(places.source)} → ${formatReference(places.target)} (${how})`
}

function refusal(source: Partial<ImageDraft>, target: Partial<ImageDraft>, sameLocation?: boolean): string {
  try {
    settle(source, target, sameLocation)
  } catch (error) {
    if (error instanceof ModelError && error.code === 'INVALID') return error.field ?? 'no field'
    throw error
  }
  return 'none'
}

const where = (kind: RegistryKind, text: string, registry?: string): string =>
  formatReference(locate({ ...image({ registry }), kind, image: text }, 'src'))

const hub = { kind: 'docker-hub', image: 'acme/app:1' } as const

suite('where an image is', () => {
  const cases: [RegistryKind, string, string | undefined, string][] = [
    ['docker-hub', 'acme/app:1', undefined, 'docker.io/acme/app:1'],
    ['docker-hub', 'redis', undefined, 'docker.io/library/redis'],
    ['docker-hub', 'index.docker.io/acme/app', undefined, 'docker.io/acme/app'],
    ['docker-hub', 'acme/app', 'https://index.docker.io/v1/', 'docker.io/acme/app'],
    ['github', 'acme/app:1', undefined, 'ghcr.io/acme/app:1'],
    ['digital-ocean', 'acme/app', undefined, 'registry.digitalocean.com/acme/app'],
    ['google-gcr', 'p/app', undefined, 'gcr.io/p/app'],
    ['google-gcr', 'p/app', 'eu.gcr.io', 'eu.gcr.io/p/app'],
    [
      'google-artifact-registry',
      'p/r/app',
      'us-central1-docker.pkg.dev',
      'us-central1-docker.pkg.dev/p/r/app',
    ],
    [
      'google-artifact-registry',
      'us-central1-docker.pkg.dev/p/r/app:2',
      'us-central1-docker.pkg.dev',
      'us-central1-docker.pkg.dev/p/r/app:2',
    ],
    [
      'amazon-ecr',
      '1.dkr.ecr.eu-west-1.amazonaws.com/app',
      undefined,
      '1.dkr.ecr.eu-west-1.amazonaws.com/app',
    ],
    ['other', 'team/app', 'http://registry.example:5000/', 'http://registry.example:5000/team/app'],
    ['other', 'app', 'localhost:5000', 'localhost:5000/app'],
    ['other', 'app', 'registry', 'https://registry/app'],
    ['none', 'registry.example/app', undefined, 'registry.example/app'],
  ]
  for (const [kind, text, registry, expected] of cases) {
    test(`${kind} ${text}${registry === undefined ? '' : ` with ${registry}`} is ${expected}`, () => {
      assert.equal(where(kind, text, registry), expected)
    })
  }

  test('a kind without a place of its own needs a host', () => {
    const target = { kind: 'github', image: 'acme/app' } as const
    assert.equal(refusal({ kind: 'google-artifact-registry', image: 'p/r/app' }, target), 'src.registry')
    assert.equal(refusal({ kind: 'amazon-ecr', image: 'app' }, target), 'src.registry')
    assert.equal(refusal({ kind: 'other', image: 'team/app' }, target), 'src.registry')
    assert.equal(refusal({ kind: 'artifact-registry', image: 'team/app' }, target), 'src.registry')
    assert.equal(refusal({ kind: 'none', image: 'team/app' }, target), 'src.image')
  })

  test('two hosts, or a host that is not of the kind, are refused', () => {
    const target = { kind: 'github', image: 'acme/app' } as const
    assert.equal(
      refusal({ kind: 'other', image: 'a.example/app', registry: 'b.example' }, target),
      'src.registry',
    )
    assert.equal(refusal({ kind: 'docker-hub', image: 'ghcr.io/acme/app' }, target), 'src.image')
    assert.equal(refusal({ kind: 'github', image: 'a/app', registry: 'ghcr.example' }, hub), 'src.registry')
    assert.equal(refusal({ kind: 'other', image: 'app', registry: 'a.example/team' }, target), 'src.registry')
  })
})

suite('an image of ECR', () => {
  const aws = { kind: 'amazon-ecr', image: 'team/app:1', integration: 'aws', region: 'eu-west-1' } as const

  test('may leave its registry to the keys of its integration, and is compared all the same', () => {
    const same = settle(aws, { tag: 'live' })
    assert.deepEqual(
      [same.sameLocation, same.target.integration, same.target.region],
      [true, 'aws', 'eu-west-1'],
    )
    assert.equal(settle(aws, { ...aws, image: 'team/app:2' }).sameLocation, true)
    for (const other of [{ region: 'us-east-1' }, { integration: 'AWS' }, { image: 'live/app' }])
      assert.equal(settle(aws, { ...aws, ...other }).sameLocation, false)
    assert.deepEqual(settlePromotion(draftPromotion(same)), same)
  })

  test('needs a region that is one, and the one in the name of its registry', () => {
    const image = '123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/app:1'
    assert.equal(settle({ ...aws, image }, { tag: '2' }).sameLocation, true)
    assert.equal(refusal({ ...aws, image, region: 'us-east-1' }, { tag: '2' }), 'src.region')
    for (const region of ['eu-west', 'eu-west-1.evil.example', 'x/../y', 'EU-WEST-1'])
      assert.equal(refusal({ ...aws, region }, { tag: '2' }), 'src.region', region)
  })

  test('may have its repository made as a target, and no other may', () => {
    const wanted = { ...aws, createRepository: true }
    assert.equal(settle(hub, wanted).target.createRepository, true)
    assert.equal(refusal(wanted, hub), 'src.create_repository')
    assert.equal(refusal(aws, { ...hub, createRepository: true }), 'dest.create_repository')
  })
})

suite('tags', () => {
  const to = { kind: 'github', image: 'acme/app' } as const

  test('a source without one means latest, and the target takes it over', () => {
    const latest = 'docker.io/acme/app:latest → ghcr.io/acme/app:latest (elsewhere)'
    assert.equal(settled({ kind: 'docker-hub', image: 'acme/app' }, to), latest)
  })

  test('they may stand in the image, apart, or in both places if they agree', () => {
    const one = 'docker.io/acme/app:1 → ghcr.io/acme/app:2 (elsewhere)'
    assert.equal(settled(hub, { ...to, tag: '2' }), one)
    assert.equal(
      settled({ ...hub, image: 'acme/app', tag: '1' }, { kind: 'github', image: 'acme/app:2' }),
      one,
    )
    assert.equal(settled({ ...hub, tag: '1' }, { ...to, tag: '2' }), one)
    assert.equal(refusal({ ...hub, tag: '2' }, to), 'src.tag')
    assert.equal(refusal(hub, { ...to, image: 'acme/app:3', tag: '4' }), 'dest.tag')
  })

  test('a digest names a source, never a target', () => {
    const digest = `sha256:${'a'.repeat(64)}`
    const byDigest = { kind: 'docker-hub', image: `acme/app@${digest}` } as const
    assert.equal(
      settled(byDigest, { ...to, tag: '2' }),
      `docker.io/acme/app@${digest} → ghcr.io/acme/app:2 (elsewhere)`,
    )
    assert.equal(refusal(byDigest, to), 'dest.tag')
    assert.equal(refusal(hub, { ...to, image: `acme/app@${digest}` }), 'dest.image')
    assert.equal(refusal({ ...hub, image: 'acme/app@sha256:beef' }, to), 'src.image')
  })

  test('that are variables are settled as far as they leave anything to settle', () => {
    const open = (source: Partial<ImageDraft>, target: Partial<ImageDraft>, same?: boolean) =>
      settle(source, target, same)
    const retag = open({ ...hub, image: 'acme/app:$VERSION' }, { tag: '$STAGE' })
    assert.equal(retag.sameLocation, true)
    assert.deepEqual([retag.target.image, retag.target.tag], ['acme/app', '$STAGE'])
    assert.equal(open({ ...hub, image: 'acme/app:$V' }, { image: 'acme/app:prod' }).sameLocation, true)
    assert.equal(open({ ...hub, image: 'acme/app:$V' }, to).sameLocation, false)
    assert.equal(open({ ...hub, image: '$IMAGE' }, { ...hub, image: '$IMAGE-prod' }).sameLocation, false)
    // What they leave is as wrong as without them.
    assert.equal(refusal({ ...hub, image: 'Acme/App:$V' }, to), 'src.image')
    assert.equal(refusal(hub, { kind: 'other', image: 'app:$V' }), 'dest.registry')
    assert.equal(refusal({ ...hub, image: 'acme/app:$V', username: 'u' }, to), 'src.password')
    assert.equal(refusal({ ...hub, image: '$IMAGE' }, { kind: 'github' }), 'dest.image')
  })
})

suite('the same location', () => {
  test('is meant by a target that is only a tag, and everything else is taken over', () => {
    const source = { ...hub, integration: 'hub', region: 'here' }
    for (const sameLocation of [true, undefined]) {
      const { target, sameLocation: same } = settle(source, { tag: 'production' }, sameLocation)
      assert.deepEqual(
        { ...target, same },
        { ...NOTHING, ...source, image: 'acme/app', tag: 'production', same: true },
      )
    }
  })

  test('takes over the host of a source whose image carries it', () => {
    const source = { kind: 'other', image: 'http://r.example:5000/team/app:1' } as const
    assert.equal(
      settled(source, { image: 'team/app:prod' }, true),
      'http://r.example:5000/team/app:1 → http://r.example:5000/team/app:prod (same)',
    )
  })

  test('takes over credentials as one: a target with its own keeps them', () => {
    const source = { ...hub, username: 'ann', password: new Secret('a') }
    const mine = settle(source, { tag: '2', integration: 'hub' }, true).target
    assert.deepEqual([mine.integration, mine.username, mine.password], ['hub', undefined, undefined])
    const theirs = settle(source, { tag: '2' }, true).target
    assert.deepEqual([theirs.username, theirs.password?.reveal()], ['ann', 'a'])
  })

  test('is found out when nobody says', () => {
    assert.match(settled(hub, { kind: 'docker-hub', image: 'acme/app', tag: '2' }), /\(same\)$/)
    assert.match(settled(hub, { image: 'acme/app:2' }), /\(same\)$/)
    assert.match(settled(hub, { kind: 'github', image: 'acme/app' }), /\(elsewhere\)$/)
  })

  test('gives way to a target that names another place: no silent retag in the source registry', () => {
    const garden = {
      kind: 'google-artifact-registry',
      registry: 'us-central1-docker.pkg.dev',
      image: 'my-gcp-project/my-repo/myapp:production',
      integration: 'google_service_account',
    } as const
    const source = { kind: 'docker-hub', image: 'mycompany/myapp:latest', integration: 'hub' } as const
    assert.equal(
      settled(source, garden, true),
      'docker.io/mycompany/myapp:latest → us-central1-docker.pkg.dev/my-gcp-project/my-repo/myapp:production (elsewhere)',
    )
    assert.equal(
      settled(hub, { image: 'acme/other:1' }, true),
      'docker.io/acme/app:1 → docker.io/acme/other:1 (elsewhere)',
    )
  })

  test('never carries credentials into another registry', () => {
    const source = { ...hub, username: 'ann', password: new Secret('a') }
    const { target } = settle(source, { kind: 'github', image: 'acme/app' }, true)
    assert.deepEqual(
      [target.integration, target.username, target.password],
      [undefined, undefined, undefined],
    )
  })

  test('cannot be guessed for another registry without an image', () => {
    assert.equal(refusal(hub, { kind: 'github', tag: '2' }, true), 'dest.image')
    assert.equal(refusal(hub, { tag: '2' }, false), 'dest.image')
    assert.equal(refusal(hub, {}), 'dest.image')
    assert.equal(refusal(hub, { image: 'acme/other:2' }), 'dest.docker_registry')
    assert.equal(refusal(hub, { image: 'acme/app:2' }, false), 'dest.docker_registry')
  })

  test('makes a promotion onto itself pointless', () => {
    assert.equal(refusal(hub, { tag: '1' }, true), 'dest.tag')
    assert.equal(refusal(hub, {}, true), 'dest.tag')
    assert.equal(refusal(hub, hub, false), 'dest.tag')
    assert.equal(refusal({ ...hub, image: 'acme/app' }, { tag: 'latest' }), 'dest.tag')
  })
})

test('a source needs an image and a kind, and a username its password', () => {
  assert.equal(refusal({ image: 'acme/app' }, { tag: '2' }), 'src.docker_registry')
  assert.equal(refusal({ kind: 'docker-hub', image: '' }, { tag: '2' }), 'src.image')
  assert.equal(refusal({ ...hub, username: 'ann' }, { tag: '2' }), 'src.password')
  assert.equal(refusal({ ...hub, password: new Secret('a') }, { tag: '2' }), 'src.username')
})

test('what may be a password is not repeated', () => {
  for (const source of [
    { kind: 'other', image: 'https://ann:hunter2@r.example/app' },
    { kind: 'other', image: 'app', registry: 'https://ann:hunter2@r.example' },
  ] as const) {
    assert.throws(
      () => settle(source, hub),
      (error: Error) => !error.message.includes('hunter2'),
    )
  }
})

test('a target that shares the host is spoken to as the source, also when the image names the host too', () => {
  const plain = { kind: 'google-gcr', image: 'r.example/app:2', registry: 'http://r.example' } as const
  const expected = 'http://r.example/app:2 → http://r.example/app:0 (same)'
  for (const target of [{ tag: '0' }, { image: 'app', tag: '0' }, { image: 'r.example/app', tag: '0' }])
    assert.equal(settled(plain, target), expected)
})

test('an edited source takes its target along where the location is the same', () => {
  const draft = draftPromotion(settle({ ...hub, integration: 'hub' }, { tag: 'production' }))
  const moved = settlePromotion({ ...draft, source: { ...draft.source, image: 'acme/other:3' } })
  assert.equal(formatReference(locatePromotion(moved).target), 'docker.io/acme/other:production')
  assert.equal(moved.sameLocation, true)
})

suite('any draft', () => {
  const text = fc.oneof(
    fc.constantFrom(
      'app',
      'acme/app',
      'acme/app:1',
      'r.example/app:2',
      'http://127.0.0.1:5000/a/b',
      ':x',
      'a@b',
    ),
    fc.string({ maxLength: 12 }),
  )
  const optional = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
    fc.option(arbitrary, { nil: undefined })
  const kinds = [
    'docker-hub',
    'amazon-ecr',
    'google-artifact-registry',
    'google-gcr',
    'github',
    'other',
    'none',
  ]
  const drafts = fc.record({
    kind: optional(fc.constantFrom(...(kinds as RegistryKind[]))),
    image: optional(text),
    registry: optional(fc.constantFrom('r.example', 'http://r.example', 'docker.io', '127.0.0.1:5000', '')),
    tag: optional(fc.oneof(fc.constantFrom('1', '2', ''), fc.string({ maxLength: 4 }))),
    integration: optional(fc.constant('one')),
    region: fc.constant(undefined),
    username: fc.constant(undefined),
    password: fc.constant(undefined),
  })
  const promotions = fc.record({ sameLocation: optional(fc.boolean()), source: drafts, target: drafts })

  test('is settled or refused with a field, says truly whether the location is the same, and settles again to itself', () => {
    let accepted = 0
    fc.assert(
      fc.property(promotions, (draft) => {
        try {
          const definition = settlePromotion(draft)
          const places = locatePromotion(definition)
          accepted += 1
          if (definition.sameLocation) assert.ok(sameRepository(places.source, places.target))
          else if (draft.sameLocation !== false) assert.ok(!sameRepository(places.source, places.target))
          const again = settlePromotion(draftPromotion(definition))
          assert.deepEqual(locatePromotion(again), places)
          assert.equal(again.sameLocation, definition.sameLocation)
          assert.equal(again.target.integration, definition.target.integration)
        } catch (error) {
          if (!(error instanceof ModelError)) throw error
          assert.equal(error.code, 'INVALID')
          assert.match(error.field ?? '', /^(?:src|dest)\.[a-z_]+$/)
        }
      }),
      { numRuns: 3000 },
    )
    assert.ok(accepted > 20, `only ${accepted} drafts were accepted`)
  })
})
