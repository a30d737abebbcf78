import assert from 'node:assert/strict'
import { createServer, type Socket } from 'node:net'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { Network, RegistryError } from '#oci'
import { Body } from '../../../src/oci/http/body.ts'
import { Intake } from '../../../src/oci/http/intake.ts'

interface Said {
  readonly method: string
  readonly status: number
  readonly body: Buffer
  readonly wire: Buffer
}

const KIB = 1024
const crlf = '\r\n'

/** Answers as servers frame them; what is large goes through slabs. */
const answers = fc
  .record({
    kind: fc.constantFrom('length', 'chunked', 'empty', 'head', '204'),
    size: fc.oneof(fc.nat(40), fc.integer({ min: 60 * KIB, max: 300 * KIB })),
    seed: fc.nat(255),
    chunk: fc.oneof(fc.integer({ min: 1, max: 50 }), fc.constant(70 * KIB)),
    interim: fc.boolean(),
  })
  .map(({ kind, size, seed, chunk, interim }): Said => {
    const whole = kind === 'length' || kind === 'chunked' ? Math.min(size, chunk * 3000) : 0
    const body = Buffer.alloc(
      whole,
      Buffer.from(Array.from({ length: 251 }, (_, at) => (at * 7 + seed) % 256)),
    )
    const chunks = [...Array(Math.ceil(body.length / chunk)).keys()].map((n) =>
      body.subarray(n * chunk, (n + 1) * chunk),
    )
    const framed: Readonly<Record<string, readonly [string, Buffer]>> = {
      length: [`200 OK${crlf}content-length: ${body.length}`, body],
      chunked: [
        `200 OK${crlf}transfer-encoding: chunked`,
        Buffer.concat([
          ...chunks.flatMap((one) => [
            Buffer.from(`${one.length.toString(16)}${crlf}`),
            one,
            Buffer.from(crlf),
          ]),
          Buffer.from(`0${crlf}x-trailer: 1${crlf}${crlf}`),
        ]),
      ],
      empty: [`404 Not Found${crlf}content-length: 0`, body],
      head: [`200 OK${crlf}content-length: 12345`, body],
      204: ['204 No Content', body],
    }
    const [head, content] = framed[kind] ?? ['', body]
    const before = interim ? `HTTP/1.1 100 Continue${crlf}${crlf}` : ''
    const wire = Buffer.concat([Buffer.from(`${before}HTTP/1.1 ${head}${crlf}${crlf}`), content])
    return { method: kind === 'head' ? 'HEAD' : 'GET', status: Number(head.slice(0, 3)), body, wire }
  })

/** Reads one answer as a socket would: into the buffer that is given, no more at once than it holds and `sizes` say. */
async function read(intake: Intake, { method, wire }: Said, sizes: readonly number[]) {
  const body = new Body({ resume: () => {}, abandon: () => {} })
  intake.begin(method, body)
  const parts: Buffer[] = []
  const taking = (async () => {
    for await (const chunk of body) {
      parts.push(Buffer.from(chunk.bytes))
      chunk.release()
    }
  })()
  taking.catch(() => {})
  try {
    for (let at = 0, n = 0; at < wire.length; n++) {
      const buffer = intake.nextBuffer(64 * KIB)
      const count = Math.min(sizes[n % sizes.length] ?? 1, buffer.byteLength, wire.length - at)
      wire.copy(buffer, 0, at, at + count)
      at += count
      intake.take(buffer.subarray(0, count))
      // The reader has its turn in between, as it does between two reads.
      if (n % 3 === 0) await null
    }
  } catch (error) {
    body.fail(error as Error)
    throw error
  }
  if (!body.ended) return undefined
  await taking
  return { status: intake.head?.status, body: Buffer.concat(parts) }
}

describe('what is read from a connection', { timeout: 60_000 }, () => {
  test('is the same however the bytes come, one answer after the other', async () => {
    const sizes = fc.array(
      fc.oneof(fc.integer({ min: 1, max: 9 }), fc.constantFrom(1460, 16 * KIB, 64 * KIB)),
      {
        minLength: 1,
      },
    )
    await fc.assert(
      fc.asyncProperty(fc.array(answers, { minLength: 1, maxLength: 4 }), sizes, async (said, cuts) => {
        const intake = new Intake()
        for (const one of said) {
          const steps = one.wire.length > 100 * KIB ? cuts.map((size) => size * 100) : cuts
          assert.deepEqual(await read(intake, one, steps), { status: one.status, body: one.body })
        }
        intake.drop()
      }),
      { numRuns: 30 },
    )
  })

  test('is the same when it comes byte by byte', async () => {
    const small = answers.filter(({ wire }) => wire.length < 2000)
    await fc.assert(
      fc.asyncProperty(fc.array(small, { minLength: 1, maxLength: 3 }), async (said) => {
        const intake = new Intake()
        for (const one of said)
          assert.deepEqual(await read(intake, one, [1]), { status: one.status, body: one.body })
      }),
      { numRuns: 20 },
    )
  })

  test('is never taken for whole when bytes are missing, and never for more than was asked', async () => {
    const small = answers.filter(({ wire }) => wire.length < 2000)
    await fc.assert(
      fc.asyncProperty(
        small,
        fc.nat(),
        fc.uint8Array({ minLength: 1, maxLength: 5 }),
        async (said, cut, more) => {
          const wire = said.wire.subarray(0, cut % said.wire.length)
          assert.equal(await read(new Intake(), { ...said, wire }, [7]), undefined)
          const longer = Buffer.concat([said.wire, more])
          await assert.rejects(read(new Intake(), { ...said, wire: longer }, [longer.length]), {
            code: 'PROTOCOL',
          })
        },
      ),
    )
  })

  test('of any changed bytes is an answer or PROTOCOL: nothing else happens', async () => {
    const small = answers.filter(({ wire }) => wire.length < 2000)
    const change = fc.record({ at: fc.nat(), byte: fc.nat(255) })
    await fc.assert(
      fc.asyncProperty(small, fc.array(change, { minLength: 1, maxLength: 4 }), async (said, changes) => {
        const wire = Buffer.from(said.wire)
        for (const { at, byte } of changes) wire[at % wire.length] = byte
        try {
          await read(new Intake(), { ...said, wire }, [11])
        } catch (error) {
          assert.ok(error instanceof RegistryError && error.code === 'PROTOCOL', String(error))
        }
      }),
      { numRuns: 150 },
    )
  })
})

describe('answers that come early, late or in pieces, over real sockets', { timeout: 60_000 }, () => {
  test('are heard whole, each by whoever asked', async () => {
    const requests = fc.record({ said: answers, size: fc.nat(200 * KIB), answerAt: fc.nat(), cut: fc.nat() })
    await fc.assert(
      fc.asyncProperty(fc.array(requests, { minLength: 1, maxLength: 4 }), async (asked) => {
        const wanted = asked.filter(({ said }) => said.method === 'GET')
        let turn = 0
        const talk = (socket: Socket): void => {
          let one: (typeof wanted)[number] | undefined
          let left = 0
          let answered = true
          socket.on('error', () => {})
          socket.on('data', (bytes: Buffer) => {
            let count = bytes.length
            if (left === 0) {
              one = wanted[turn++]
              left = one?.size ?? 0
              answered = false
              count -= bytes.indexOf(crlf + crlf) + 4
            }
            left -= count
            if (one === undefined || answered || (left > 0 && left > one.answerAt % (one.size + 1))) return
            answered = true
            const { wire } = one.said
            const at = one.cut % wire.length
            socket.write(wire.subarray(0, at))
            setImmediate(() => socket.write(wire.subarray(at)))
          })
        }
        const server = createServer(talk).listen(0, '127.0.0.1')
        await new Promise((resolve) => server.once('listening', resolve))
        const { port } = server.address() as { port: number }
        const network = new Network({ retries: 0, idleTimeoutMs: 5000 })
        try {
          for (const { said, size } of wanted) {
            const chunks = (async function* () {
              for (let left = size; left > 0; left -= 20 * KIB)
                yield { bytes: Buffer.alloc(Math.min(left, 20 * KIB)), release: () => {} }
            })()
            const url = new URL(`http://127.0.0.1:${port}/`)
            const answer = await network.exchange({ method: 'PUT', url, body: { length: size, chunks } })
            assert.equal(answer.status, said.status)
            assert.deepEqual(Buffer.from((await answer.body.bytes(2 ** 20)) ?? []), said.body)
          }
        } finally {
          await network.close()
          server.close()
        }
      }),
      { numRuns: 40 },
    )
  })
})
