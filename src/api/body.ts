import type { FastifyInstance, FastifyRequest } from 'fastify'
import { invalid, notFound } from './errors.ts'

/** The largest body that is taken, in bytes. */
export const BODY_LIMIT = 1024 * 1024
const DRAIN_LIMIT = 64 * 1024 * 1024
const DEPTH_LIMIT = 64
const UNSAFE: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype'])

/**
 * Takes JSON bodies: an empty one is none, a null member is one that was not given, and names that reach into prototypes are dropped. What
 * cannot be stored, a NUL or what is nested too deeply, is refused here, also in a query, and names nothing in a path. A body that is too long is read to its
 * end, within reason, so that its sender hears the answer.
 */
export function takeBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', async (_: FastifyRequest, payload: AsyncIterable<Buffer>) => {
    const text = (await read(payload)).toString()
    return text === '' ? undefined : parseJson(text)
  })
  app.addHook('preValidation', async (request) => {
    if (Object.values(request.params as Readonly<Record<string, string>>).some(hasNul)) throw notFound()
    const unfit = Object.entries(request.query as object).find(([, value]) => hasNul(String(value)))
    if (unfit !== undefined) throw invalid(unfit[0], 'has a NUL in it')
    // What is required is then missed by its name.
    request.body ??= {}
  })
}

/** Takes bodies as they are, of whatever type: for those who may have to check a signature, and do not choose how they speak. */
export function takeBytes(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', async (_: FastifyRequest, payload: AsyncIterable<Buffer>) => read(payload))
}

/**
 * A name that an object has twice is refused: of two that read the same text, one may see the first and the other the last.
 * @throws ModelError INVALID, and an error that is answered 400 for what is no JSON
 */
export function parseJson(text: string): unknown {
  const value = parse(text)
  const repeated = repeatedIn(text)
  if (repeated !== undefined) throw invalid(repeated, 'is there twice')
  return readMembers(value)
}

/** What was given of a value: without nulls, and without names that reach into prototypes. @throws ModelError for what cannot be kept. */
export function readMembers(value: unknown): unknown {
  return given(value, [])
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw Object.assign(error as Error, { statusCode: 400 })
  }
}

const TOKENS = /"(?:[^"\\]+|\\.)*"|[{}[\],:]/g

/** Where a text, which is JSON, has a member twice. */
function repeatedIn(text: string): string | undefined {
  // Of each object the names so far, of each list how many; with where one is in it.
  const open: ({ readonly names: Set<string>; at: string } | { at: number })[] = []
  let last = ''
  for (const [token] of text.matchAll(TOKENS)) {
    const inside = open.at(-1)
    if (token === '{') open.push({ names: new Set(), at: '' })
    else if (token === '[') open.push({ at: 0 })
    else if (token === '}' || token === ']') open.pop()
    else if (token === ',' && typeof inside?.at === 'number') inside.at += 1
    else if (token === ':' && inside !== undefined && 'names' in inside) {
      inside.at = JSON.parse(last)
      if (inside.names.has(inside.at)) return fieldOf(open.map(({ at }) => String(at)))
      inside.names.add(inside.at)
    }
    last = token
  }
  return undefined
}

async function read(payload: AsyncIterable<Buffer>): Promise<Buffer> {
  const parts: Buffer[] = []
  let size = 0
  for await (const part of payload) {
    size += part.length
    if (size <= BODY_LIMIT) parts.push(part)
    if (size > DRAIN_LIMIT) break
  }
  if (size > BODY_LIMIT) throw Object.assign(new Error('too large'), { statusCode: 413 })
  return Buffer.concat(parts)
}

function given(value: unknown, path: readonly string[]): unknown {
  if (typeof value === 'string' && hasNul(value)) throw invalid(fieldOf(path), 'has a NUL in it')
  if (typeof value !== 'object' || value === null) return value ?? undefined
  if (path.length >= DEPTH_LIMIT) throw invalid(fieldOf(path.slice(0, 1)), 'is nested too deeply')
  if (Array.isArray(value)) return value.map((member, index) => given(member, [...path, String(index)]))
  const members = Object.entries(value).filter(([name, member]) => member !== null && !UNSAFE.has(name))
  const unfit = members.find(([name]) => hasNul(name))
  if (unfit !== undefined) throw invalid(fieldOf(path), 'has a NUL in a name')
  return Object.fromEntries(members.map(([name, member]) => [name, given(member, [...path, name])]))
}

/** PostgreSQL keeps no text with one in it. */
function hasNul(text: string): boolean {
  return text.includes('\0')
}

function fieldOf(path: readonly string[]): string {
  return path.join('.') || 'body'
}
