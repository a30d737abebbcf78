import type { FastifyInstance, FastifyRequest } from 'fastify'

/** The largest body that is taken, in bytes. */
export const BODY_LIMIT = 1024 * 1024
const DRAIN_LIMIT = 64 * 1024 * 1024
const UNSAFE: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype'])

/**
 * Takes JSON bodies: an empty one is none, a null member is one that was not given, and names that reach into prototypes are dropped. A body
 * that is too long is read to its end, within reason, so that its sender hears the answer.
 */
export function takeBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', async (_: FastifyRequest, payload: AsyncIterable<Buffer>) => {
    const text = await read(payload)
    try {
      return text === '' ? undefined : given(JSON.parse(text))
    } catch (error) {
      throw Object.assign(error as Error, { statusCode: 400 })
    }
  })
  // What is required is then missed by its name.
  app.addHook('preValidation', async (request) => {
    request.body ??= {}
  })
}

async function read(payload: AsyncIterable<Buffer>): Promise<string> {
  const parts: Buffer[] = []
  let size = 0
  for await (const part of payload) {
    size += part.length
    if (size <= BODY_LIMIT) parts.push(part)
    if (size > DRAIN_LIMIT) break
  }
  if (size > BODY_LIMIT) throw Object.assign(new Error('too large'), { statusCode: 413 })
  return Buffer.concat(parts).toString('utf8')
}

function given(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(given)
  if (typeof value !== 'object' || value === null) return value ?? undefined
  const members = Object.entries(value).filter(([name, member]) => member !== null && !UNSAFE.has(name))
  return Object.fromEntries(members.map(([name, member]) => [name, given(member)]))
}
