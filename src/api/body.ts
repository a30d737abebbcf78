import type { FastifyInstance, FastifyRequest } from 'fastify'

/** The largest body that is taken, in bytes. */
export const BODY_LIMIT = 1024 * 1024
const DRAIN_LIMIT = 64 * 1024 * 1024
const UNSAFE: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype'])

/**
 * Takes JSON bodies: an empty one is none, a null member is one that was not given, and names that reach into prototypes are dropped. A body
 * that is too long is read to its end, so that its sender hears the answer.
 */
export function takeBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(
    'application/json',
    { parseAs: 'string', bodyLimit: BODY_LIMIT },
    (_, text, done) => {
      try {
        done(null, text === '' ? undefined : given(JSON.parse(text as string)))
      } catch (error) {
        done(Object.assign(error as Error, { statusCode: 400 }))
      }
    },
  )
  // What is required is then missed by its name.
  app.addHook('preValidation', async (request) => {
    request.body ??= {}
  })
  app.addHook('onRequest', async (request) => {
    if (Number(request.headers['content-length'] ?? 0) > BODY_LIMIT) {
      await drain(request)
      throw Object.assign(new Error('too large'), { statusCode: 413 })
    }
  })
}

async function drain({ raw }: FastifyRequest): Promise<void> {
  let size = 0
  for await (const chunk of raw) {
    size += chunk.length
    if (size > DRAIN_LIMIT) return
  }
}

function given(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(given)
  if (typeof value !== 'object' || value === null) return value ?? undefined
  const members = Object.entries(value).filter(([name, member]) => member !== null && !UNSAFE.has(name))
  return Object.fromEntries(members.map(([name, member]) => [name, given(member)]))
}
