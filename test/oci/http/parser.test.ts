import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { RegistryError } from '#oci'
import { cpuMs } from '#support/cpu'
import { parseChallenges } from '../../../src/oci/http/challenge.ts'
import { ChunkedParser, type Head, HeadParser } from '../../../src/oci/http/parser.ts'

const protocol = (error: unknown) => error instanceof RegistryError && error.code === 'PROTOCOL'

/** Feeds the text in pieces that end at `cuts`. */
function parse(
  text: string | Buffer,
  cuts: readonly number[] = [],
  method = 'GET',
): { head: Head; rest: Buffer } | undefined {
  const bytes = Buffer.from(text)
  const parser = new HeadParser(method)
  const ends = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].toSorted((x, y) => x - y)
  let at = 0
  for (const end of [...ends, bytes.length]) {
    const found = parser.push(bytes.subarray(at, end))
    at = end
    if (found !== undefined)
      return { head: found.head, rest: Buffer.concat([found.rest, bytes.subarray(end)]) }
  }
  return undefined
}

describe('the head of an answer', () => {
  const text =
    'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-Odd:  a b \r\nWWW-Authenticate: Basic\r\nwww-authenticate: Bearer\r\n\r\nhello'

  test('is the same however it is cut', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 12 }), (cuts) => {
        const found = parse(text, cuts)
        assert.ok(found)
        assert.equal(found.rest.toString(), 'hello')
        const { status, headers, framing, keepAlive } = found.head
        assert.deepEqual([status, framing, keepAlive], [200, { kind: 'length', length: 5 }, true])
        assert.equal(headers.get('x-odd'), 'a b')
        assert.equal(headers.get('www-authenticate'), 'Basic, Bearer')
      }),
    )
  })

  const framings: [string, string, string, unknown][] = [
    ['a length', 'GET', '200 OK\r\ncontent-length: 0', { kind: 'length', length: 0 }],
    [
      'the same length twice',
      'GET',
      '200 OK\r\ncontent-length: 3\r\ncontent-length: 3',
      { kind: 'length', length: 3 },
    ],
    ['chunks', 'GET', '200 OK\r\ntransfer-encoding: Chunked', { kind: 'chunked' }],
    ['neither', 'GET', '200 OK', { kind: 'close' }],
    ['a HEAD', 'HEAD', '200 OK\r\ncontent-length: 9', { kind: 'none' }],
    ['a 204', 'GET', '204 No Content', { kind: 'none' }],
    ['a 304', 'GET', '304 Not Modified\r\ncontent-length: 9', { kind: 'none' }],
  ]
  for (const [what, method, rest, framing] of framings) {
    test(`tells where the body ends: ${what}`, () => {
      assert.deepEqual(parse(`HTTP/1.1 ${rest}\r\n\r\n`, [], method)?.head.framing, framing)
    })
  }

  test('has one length, however often it is said', () => {
    for (const method of ['GET', 'HEAD'])
      for (const text of [
        'content-length: 3\r\nContent-Length: 3',
        'content-length: 3 , 3',
        'content-length: 3',
      ])
        assert.equal(
          parse(`HTTP/1.1 200 OK\r\n${text}\r\n\r\n`, [], method)?.head.headers.get('content-length'),
          '3',
        )
  })

  test('tells whether the connection goes on', () => {
    const keeps = (line: string) => parse(`${line}\r\n\r\n`)?.head.keepAlive
    assert.equal(keeps('HTTP/1.1 200 OK\r\ncontent-length: 0'), true)
    assert.equal(keeps('HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: Close'), false)
    assert.equal(keeps('HTTP/1.0 200 OK\r\ncontent-length: 0'), false)
    assert.equal(keeps('HTTP/1.0 200 OK\r\ncontent-length: 0\r\nconnection: keep-alive'), true)
    assert.equal(keeps('HTTP/1.1 200 OK'), false)
  })

  const broken = [
    'HTTP/2 200 OK',
    'HTP/1.1 200 OK',
    'HTTP/1.1 20 OK',
    'HTTP/1.1 099 OK',
    'HTTP/1.1 200OK',
    'HTTP/1.1 101 Switching',
    'HTTP/1.1 200 OK\r\nno colon',
    'HTTP/1.1 200 OK\r\n: x',
    'HTTP/1.1 200 OK\r\na b: x',
    'HTTP/1.1 200 OK\r\na: b\r\n folded',
    'HTTP/1.1 200 OK\r\na: \0',
    'HTTP/1.1 200 OK\r\na: x\ny',
    'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2',
    'HTTP/1.1 200 OK\r\ncontent-length: -1',
    'HTTP/1.1 200 OK\r\ncontent-length: 0x10',
    'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ntransfer-encoding: chunked',
    'HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked',
    'HTTP/1.1 200 OK\r\ntransfer-encoding: identity',
    `HTTP/1.1 200 OK\r\na: ${'x'.repeat(70_000)}`,
  ]
  for (const text of broken) {
    test(`is refused: ${JSON.stringify(text.slice(0, 60))}`, () => {
      assert.throws(() => parse(`${text}\r\n\r\n`), protocol)
    })
  }

  for (const text of [
    'SSH-2.0-x\r\n',
    '220 mail ESMTP\r\n',
    'x',
    '\0\0\x12\x04',
    'HTTP/1.1 200 OK\nserver: x\n\n',
  ])
    test(`is not waited for where something else is spoken: ${JSON.stringify(text)}`, () => {
      assert.throws(() => new HeadParser('GET').push(Buffer.from(text, 'latin1')), protocol)
    })

  test('that never ends is refused in the end', () => {
    const parser = new HeadParser('GET')
    parser.push(Buffer.from('HTTP/1.1 200 OK\r\n'))
    assert.throws(() => {
      for (let n = 0; n < 100; n++) parser.push(Buffer.from(`a: ${'x'.repeat(1000)}\r\n`))
    }, protocol)
  })

  test('takes no time, whatever stands in it', () => {
    for (const end of ['', 'x', '\x01']) {
      for (const blank of [' ', '\t', ' x']) {
        const text = `HTTP/1.1 200 OK\r\na:${blank.repeat(60_000 / blank.length)}${end}\r\n\r\n`
        const took = cpuMs(() => {
          if (end === '\x01') assert.throws(() => parse(text), protocol)
          else assert.equal(parse(text)?.head.headers.get('a')?.endsWith(end), true)
        })
        assert.ok(took < 1_000, `${JSON.stringify(blank + end)}: ${took} ms`)
      }
    }
  })

  test('of any bytes is read, waited for, or refused: nothing else happens', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 300 }),
        fc.array(fc.nat()),
        fc.boolean(),
        (bytes, cuts, real) => {
          const start = real ? 'HTTP/1.1 200 OK\r\n' : ''
          try {
            parse(Buffer.concat([Buffer.from(start), bytes, Buffer.from('\r\n\r\n')]), cuts)
          } catch (error) {
            assert.ok(protocol(error))
          }
        },
      ),
    )
  })
})

describe('a body in chunks', () => {
  const encode = (parts: readonly Uint8Array[], extension: string, trailer: string) =>
    Buffer.concat([
      ...parts
        .filter((part) => part.length > 0)
        .flatMap((part) => [
          Buffer.from(`${part.length.toString(16)}${extension}\r\n`),
          part,
          Buffer.from('\r\n'),
        ]),
      Buffer.from(`0\r\n${trailer}\r\n`),
    ])

  test('is the same content however it is chunked and cut, and ends where it ends', () => {
    const parts = fc.array(fc.uint8Array({ maxLength: 50 }))
    const extension = fc.constantFrom('', ';a=b', ' ; x="y"')
    const trailer = fc.constantFrom('', 'x: y\r\n', 'a: b\r\nc: d\r\n')
    fc.assert(
      fc.property(parts, extension, trailer, fc.array(fc.nat()), (content, more, behind, cuts) => {
        const encoded = encode(content, more, behind)
        const bytes = Buffer.concat([encoded, Buffer.from('NEXT')])
        const ends = [...new Set(cuts.map((cut) => cut % bytes.length))].toSorted((x, y) => x - y)
        const parser = new ChunkedParser()
        const read: Uint8Array[] = []
        let used = 0
        let at = 0
        for (const end of [...ends, bytes.length]) {
          const taken = parser.push(bytes.subarray(at, end))
          read.push(...taken.pieces)
          used += taken.used
          at = end
          if (parser.done) break
        }
        assert.deepEqual(Buffer.concat(read), Buffer.concat(content))
        assert.equal(used, encoded.length)
        assert.equal(parser.done, true)
      }),
    )
  })

  for (const text of [
    'x\r\n',
    '-1\r\n',
    '5\n',
    '1\r\nab\r\n',
    '1\r\na\n',
    `${'f'.repeat(13)}\r\n`,
    `1;${'x'.repeat(5000)}\r\n`,
    '\r\n',
    `0\r\n${'trailer: x\r\n'.repeat(10_000)}`,
  ]) {
    test(`is refused: ${JSON.stringify(text.slice(0, 30))}`, () => {
      assert.throws(() => new ChunkedParser().push(Buffer.from(text)), protocol)
    })
  }

  test('of any bytes is read or refused', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array(),
          fc.stringMatching(/^[0-9a-f;\r\n]*$/).map((text) => Buffer.from(text)),
        ),
        (bytes) => {
          try {
            assert.ok(new ChunkedParser().push(bytes).used <= bytes.length)
          } catch (error) {
            assert.ok(protocol(error))
          }
        },
      ),
    )
  })
})

describe('challenges', () => {
  const cases: [string, [string, Record<string, string>][]][] = [
    ['Basic realm="Artifactory Realm"', [['basic', { realm: 'Artifactory Realm' }]]],
    [
      'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:a/b:pull,push repository:c:pull"',
      [
        [
          'bearer',
          {
            realm: 'https://auth.docker.io/token',
            service: 'registry.docker.io',
            scope: 'repository:a/b:pull,push repository:c:pull',
          },
        ],
      ],
    ],
    [
      'Bearer realm="x",scope="*", Basic realm="y"',
      [
        ['bearer', { realm: 'x', scope: '*' }],
        ['basic', { realm: 'y' }],
      ],
    ],
    [
      'Negotiate, Basic realm="y"',
      [
        ['negotiate', {}],
        ['basic', { realm: 'y' }],
      ],
    ],
    [
      'Negotiate dGVzdA==, Bearer realm=/token',
      [
        ['negotiate', {}],
        ['dgvzda', {}],
        ['bearer', { realm: '/token' }],
      ],
    ],
    ['BEARER Realm = "a\\"b" service=s', [['bearer', { realm: 'a"b', service: 's' }]]],
    ['Bearer realm="unclosed', [['bearer', { realm: 'unclosed' }]]],
    ['Bearer realm="x" service="missing comma"', [['bearer', { realm: 'x', service: 'missing comma' }]]],
    ['', []],
    [',,,', []],
  ]
  for (const [header, expected] of cases) {
    test(`are read: ${header.slice(0, 60) || 'nothing'}`, () => {
      const known = parseChallenges(header).map(
        ({ scheme, params }) => [scheme, Object.fromEntries(params)] as const,
      )
      const relevant = ([scheme]: readonly [string, unknown]) => scheme === 'basic' || scheme === 'bearer'
      assert.deepEqual(known.filter(relevant), expected.filter(relevant))
    })
  }

  test('in any header are read, in no time', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 500 }), (header) => void parseChallenges(header)),
    )
    assert.ok(cpuMs(() => void parseChallenges(`Bearer ${'a="'.repeat(20_000)}`)) < 1_000)
  })
})
