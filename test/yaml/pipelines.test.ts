import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { cpuMs } from '#support/cpu'
import { formatPipelines, parsePipelines, YamlError } from '#yaml'

const PROMOTION = `# from staging to production
- pipeline: promote_prod
  name: Promote to production
  events: [{type: WEBHOOK, totp: false}]
  variables: [{key: VERSION, value: "1.0.0", settable: true}]
  permissions:
    others: DENIED
    users: {ada@example.com: READ_WRITE}
    groups: {release team: RUN_ONLY}
  actions:
  - action: approve
    type: WAIT_FOR_APPLY
    comment: Ship $VERSION?
  - action: retag
    type: PROMOTE_IMAGE
    same_location: true
    src: {docker_registry: GITHUB_CONTAINER_REGISTRY, image: "acme/app:$VERSION", integration: hub}
    dest: {tag: 1.10}
`

function bodies(text: string) {
  return parsePipelines(text).map(({ body, actions }) => ({
    body,
    actions: actions.map(({ body }) => ({ body })),
  }))
}

function failureOf(text: string): YamlError {
  try {
    parsePipelines(text)
  } catch (error) {
    if (error instanceof YamlError) return error
    throw error
  }
  throw new assert.AssertionError({ message: `${text.slice(0, 200)} is taken` })
}

describe('a text of pipelines', () => {
  test('is read in the words of the API', () => {
    const [pipeline] = parsePipelines(PROMOTION)
    assert.deepEqual(pipeline?.body, {
      identifier: 'promote_prod',
      name: 'Promote to production',
      events: [{ type: 'WEBHOOK', totp: false }],
      variables: [{ key: 'VERSION', value: '1.0.0', settable: true }],
      permissions: {
        others: 'DENIED',
        users: [{ email: 'ada@example.com', access_level: 'READ_WRITE' }],
        groups: [{ name: 'release team', access_level: 'RUN_ONLY' }],
      },
    })
    assert.deepEqual(
      pipeline?.actions.map(({ body }) => [body.identifier, body.name, body.type]),
      [
        ['approve', 'approve', 'WAIT_FOR_APPLY'],
        ['retag', 'retag', 'PROMOTE_IMAGE'],
      ],
    )
  })

  test('knows where each of its fields stands, and how it is written', () => {
    const [pipeline] = parsePipelines(PROMOTION)
    const retag = pipeline?.actions[1]
    const at = (field: string) => {
      const { line, column, path } = retag?.problem(field.split('.'), '') ?? assert.fail()
      return [line, column, path]
    }
    assert.deepEqual(at('dest.tag'), [18, 17, '0.actions.1.dest.tag'])
    assert.deepEqual(at('src.image'), [17, 62, '0.actions.1.src.image'])
    assert.deepEqual(at('identifier'), [14, 13, '0.actions.1.action'])
    // What is missing is missed where it would be.
    assert.deepEqual(at('dest.image'), [18, 11, '0.actions.1.dest.image'])
    assert.deepEqual(at('nothing.at.all').slice(0, 2), [14, 5])
    const permission = pipeline?.problem(['permissions', 'users', '0', 'access_level'], '')
    assert.deepEqual(permission?.line, 8)
    assert.equal(permission?.path, '0.permissions.users.ada@example.com')
    assert.equal(retag?.textAt(['dest', 'tag']), '1.10')
    assert.equal(retag?.textAt(['src', 'image']), undefined)
  })

  test('may have anchors, merges and a tag for what only its owner can read', () => {
    const [one] = bodies(`- pipeline: a
  variables:
  - &base {key: A, settable: true}
  - {<<: *base, key: B, value: !encrypted abc+/=}
  - <<: [*base, {encrypted: true}]
    value: "!encrypted x y"
`)
    assert.deepEqual(one?.body.variables, [
      { key: 'A', settable: true },
      { key: 'B', settable: true, value: '!encrypted abc+/=' },
      { key: 'A', settable: true, encrypted: true, value: '!encrypted x y' },
    ])
  })

  test('takes no words for numbers, booleans or dates of older YAML', () => {
    const [one] = bodies('- {pipeline: on, name: yes, refs: [2026-01-01, 0o17, 1_000, .nan, ~]}')
    assert.deepEqual(one?.body, {
      identifier: 'on',
      name: 'yes',
      refs: ['2026-01-01', 15, '1_000', '.nan', null],
    })
  })
})

describe('what is wrong with a text', () => {
  for (const [why, text, code, line, column, message] of [
    ['a flow that is not closed', '- pipeline: a\n  refs: [a\n', 'YAML_SYNTAX', 3, 1, /]/],
    ['a tab as indentation', '- pipeline: a\n\tname: b\n', 'YAML_SYNTAX', 2, 2, /tab/],
    [
      'a key that is there twice',
      '- pipeline: a\n  name: b\n  name: c\n',
      'YAML_SYNTAX',
      3,
      3,
      /name is there twice/,
    ],
    ['a tag that is not known', '- pipeline: !run rm\n', 'YAML_SYNTAX', 1, 18, /!run/],
    ['an alias of nothing', '- pipeline: *a\n', 'YAML_SYNTAX', 1, 13, /&a/],
    ['an anchor in itself', '- pipeline: a\n  refs: &a [*a]\n', 'YAML_SYNTAX', 2, 13, /itself/],
    ['a key that is no text', '- pipeline: a\n  ? [b]\n  : c\n', 'YAML_SYNTAX', 2, 5, /text/],
    ['a merge of what is no map', '- pipeline: a\n  <<: b\n', 'YAML_SYNTAX', 2, 7, /map/],
    ['two documents', '- pipeline: a\n---\n- pipeline: b\n', 'YAML_SYNTAX', 2, 1, /document/],
    ['nothing', '', 'YAML_INVALID', 1, 1, /list/],
    ['an empty list', '[]', 'YAML_INVALID', 1, 1, /no pipeline/],
    ['a map', 'pipeline: a\n', 'YAML_INVALID', 1, 1, /list/],
    ['an item that is no map', '- pipeline: a\n- b\n', 'YAML_INVALID', 2, 3, /map/],
    ['a pipeline without identifier', '- name: a\n', 'YAML_INVALID', 1, 3, /missing/],
    ['an identifier that is no text', '- pipeline: [a]\n', 'YAML_INVALID', 1, 13, /text/],
    ['two of one identifier', '- pipeline: a\n- name: b\n  pipeline: a\n', 'YAML_INVALID', 3, 13, /twice/],
    ['actions that are no list', '- pipeline: a\n  actions: {a: b}\n', 'YAML_INVALID', 2, 12, /list/],
    [
      'an action without identifier',
      '- pipeline: a\n  actions:\n  - type: X\n',
      'YAML_INVALID',
      3,
      5,
      /missing/,
    ],
    [
      'two actions of one identifier',
      '- pipeline: a\n  actions: [{action: a}, {action: a}]\n',
      'YAML_INVALID',
      2,
      35,
      /twice/,
    ],
  ] as const) {
    test(`${why} is told with its place`, () => {
      const error = failureOf(text)
      const [problem] = error.problems
      assert.deepEqual([error.code, problem?.line, problem?.column], [code, line, column], error.message)
      assert.match(problem?.message ?? '', message)
    })
  }

  test('is told all at once', () => {
    const { problems } = failureOf('- pipeline: a\n  a: 1\n  a: 2\n  b: !c d\n  e: *f\n')
    assert.deepEqual(
      problems.map(({ line }) => line),
      [3, 4, 5],
    )
    assert.equal(failureOf('- name: a\n'.repeat(1000)).problems.length, 20)
  })

  const bomb = ['- &a0 x', ...Array.from({ length: 9 }, (_, i) => `- &a${i + 1} [${`*a${i},`.repeat(9)}]`)]
  const deepAliases = ['- &a0 [x]', ...Array.from({ length: 70 }, (_, i) => `- &a${i + 1} [*a${i}]`)]
  for (const [why, text] of [
    ['too long', `- pipeline: a\n  name: ${'a'.repeat(256 * 1024)}`],
    ['nested too deeply in one flow', `- pipeline: ${'['.repeat(100_000)}`],
    ['nested too deeply in one line', '- '.repeat(100_000)],
    [
      'nested too deeply in many lines',
      Array.from({ length: 600 }, (_, i) => `${' '.repeat(i)}-`).join('\n'),
    ],
    [
      'nested too deeply within the limit of the parser',
      `- pipeline: ${'['.repeat(60)}{a: {b: {c: {d: e}}}}${']'.repeat(60)}`,
    ],
    ['a bomb of aliases', bomb.join('\n')],
    ['deep by its aliases', deepAliases.join('\n')],
    [
      'a bomb of merges',
      `- &a {${Array.from({ length: 500 }, (_, i) => `k${i}: 1`).join()}}\n${'- <<: *a\n'.repeat(20_000)}`,
    ],
    ['too many values', `- [${'1,'.repeat(60_000)}]`],
  ] as const) {
    test(`${why}: is refused, and soon`, () => {
      const ms = cpuMs(() => {
        const error = failureOf(text)
        assert.equal(error.code, 'YAML_LIMIT', error.message.slice(0, 200))
      })
      assert.ok(ms < 5_000, `${ms} ms`)
    })
  }

  test('is found in many keys as fast as in few', () => {
    const keys = Array.from({ length: 20_000 }, (_, i) => `k${i}: 1`).join(', ')
    const text = `- {pipeline: a, ${keys}, k7: 2}`
    assert.ok(cpuMs(() => assert.match(failureOf(text).message, /k7 is there twice/)) < 5_000)
  })
})

describe('pipelines as text', () => {
  const awkward = [
    '',
    ' ',
    'yes',
    '~',
    '1.0',
    '<<',
    '!encrypted a b\n',
    '- a',
    'a: b',
    '#',
    '\u2028',
    '\ufeff',
    '"\'\\',
    'é\n é',
    '\t',
    '0x1',
    '__proto__',
  ]
  const text = fc.oneof(fc.constantFrom(...awkward), fc.string(), fc.string({ unit: 'grapheme' }))
  const value = fc.letrec((tie) => ({
    any: fc.oneof(
      { maxDepth: 4 },
      text,
      fc.integer(),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.boolean(),
      fc.constant(null),
      tie('list'),
      tie('map'),
    ),
    list: fc.array(tie('any'), { maxLength: 4 }),
    map: fc.dictionary(text, tie('any'), { maxKeys: 4 }),
  })).any as fc.Arbitrary<never>
  const identifier = text.filter((one) => one !== '')
  const levels = fc.dictionary(text, text, { maxKeys: 3 })
  const body = fc
    .record({
      fields: fc.dictionary(text, value, { maxKeys: 4 }),
      identifier,
      name: fc.option(text, { nil: undefined }),
      users: fc.option(levels, { nil: undefined }),
    })
    .map(({ fields, identifier, name, users }) => {
      const { action: _, pipeline: __, actions: ___, permissions: ____, ...others } = fields
      const list = Object.entries(users ?? {}).map(([email, access_level]) => ({ email, access_level }))
      const permissions = { others: 'DENIED', users: list }
      const definition = {
        ...others,
        identifier,
        name: name ?? identifier,
        ...(users !== undefined && { permissions }),
      }
      return { body: JSON.parse(JSON.stringify(definition)) }
    })
  const pipelines = fc.uniqueArray(
    fc
      .record({
        body,
        actions: fc.uniqueArray(body, { selector: ({ body }) => body.identifier, maxLength: 3 }),
      })
      .map(({ body, actions }) => ({ ...body, actions })),
    { selector: ({ body }) => body.identifier, minLength: 1, maxLength: 3 },
  )

  test('read as the same pipelines, whatever is in them', () => {
    fc.assert(
      fc.property(pipelines, (given) => {
        assert.deepEqual(bodies(formatPipelines(given)), given)
      }),
      { numRuns: 500 },
    )
  })

  test('keep a tag, and quote what older readers misread', () => {
    const body = { identifier: 'on', name: 'no', value: '!encrypted abc=', since: '1:30' }
    assert.equal(
      formatPipelines([{ body, actions: [] }]),
      '- pipeline: "on"\n  name: "no"\n  value: !encrypted abc=\n  since: "1:30"\n',
    )
  })

  test('any text whatever is read or refused', () => {
    const pieces = fc.constantFrom(
      '- ',
      'pipeline: ',
      'a',
      '\n',
      '  ',
      '[',
      ']',
      '{',
      '}',
      '&a ',
      '*a',
      '!',
      '|',
      '>',
      '"',
      "'",
      ': ',
      ',',
      '? ',
      '<<: ',
      '---',
      '%',
      '#',
      '\t',
      '\0',
      '\ud800',
      '!encrypted ',
      '__proto__: ',
    )
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 40 }), (parts) => {
        try {
          parsePipelines(parts.join(''))
        } catch (error) {
          assert.ok(error instanceof YamlError, String(error))
          assert.ok(error.problems.length > 0)
          for (const { line, column } of error.problems) assert.ok(line >= 1 && column >= 1)
        }
      }),
      { numRuns: 2_000 },
    )
  })
})
