import type { FastifyError, FastifyReply } from 'fastify'
import { ModelError, type ModelErrorCode } from '#model'

/** One error as clients see it. */
interface WireError {
  readonly message: string
  readonly code: string
  readonly field?: string
}

/** The one table from code to status. */
const STATUSES: Readonly<Record<ModelErrorCode, number>> = {
  INVALID: 400,
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  CONFLICT: 409,
  SECRET_UNREADABLE: 500,
}

// The framework's own refusals, in the same shape.
const FRAMEWORK: Readonly<Record<number, { readonly code: string; readonly message: string }>> = {
  400: { code: 'INVALID', message: 'The request is malformed' },
  404: { code: 'NOT_FOUND', message: 'Not found' },
  405: { code: 'METHOD_NOT_ALLOWED', message: 'The method is not allowed here' },
  413: { code: 'TOO_LARGE', message: 'The body is larger than 1 MiB' },
  414: { code: 'TOO_LARGE', message: 'The URL is too long' },
  415: { code: 'UNSUPPORTED_MEDIA_TYPE', message: 'The body is to be application/json' },
  429: { code: 'RATE_LIMITED', message: 'Too many requests' },
}

/** Too many requests in this minute; the headers say when to come back. */
export class RateLimited extends Error {
  readonly statusCode = 429
}

/** Answers with the error; what is not meant for clients is told to nobody but the log. */
export function answerError(reply: FastifyReply, error: unknown): FastifyReply {
  const { status, body } = describe(error)
  if (status >= 500) reply.log.error({ err: error }, 'a request failed')
  return sendError(reply, status, body)
}

/** What does not exist, and what others have: no answer tells which. */
export function notFound(): ModelError {
  return new ModelError('NOT_FOUND', 'Not found')
}

/** A value that breaks a rule; the message begins with the field's name. */
export function invalid(field: string, why: string): ModelError {
  return new ModelError('INVALID', `${field}: ${why}`, { field })
}

/** In exactly this media type, without a charset: there are clients that compare it as text. */
function sendError(reply: FastifyReply, status: number, error: WireError): FastifyReply {
  return reply
    .code(status)
    .header('content-type', 'application/json')
    .serializer((text: unknown) => text as string)
    .send(JSON.stringify({ errors: [error] }))
}

function describe(error: unknown): { readonly status: number; readonly body: WireError } {
  if (error instanceof ModelError) {
    const { code, message, field } = error
    return { status: STATUSES[code], body: { message, code, ...(field !== undefined && { field }) } }
  }
  const { validation, statusCode = 500, code = '' } = error as Partial<FastifyError>
  const first = validation?.[0]
  if (first !== undefined) {
    const field = fieldOf(first)
    const message = `${field}: ${sentenceOf(first)}`
    return { status: 400, body: { message, code: 'INVALID', field } }
  }
  if (error instanceof SyntaxError && statusCode === 400)
    return { status: 400, body: { message: 'The body is not JSON', code: 'INVALID' } }
  const known = FRAMEWORK[code === 'FST_ERR_CTP_BODY_TOO_LARGE' ? 413 : statusCode]
  if (known !== undefined) return { status: statusCode, body: known }
  return { status: 500, body: { message: 'Something went wrong here; the log says what', code: 'INTERNAL' } }
}

interface Validation {
  readonly keyword: string
  readonly instancePath: string
  readonly params: Readonly<Record<string, unknown>>
  readonly message?: string
}

/** `/src/image` and a missing `tag` become `src.image` and `src.tag`. */
function fieldOf({ keyword, instancePath, params }: Validation): string {
  const path = instancePath.split('/').slice(1)
  const missing = keyword === 'required' ? [String(params.missingProperty)] : []
  return [...path, ...missing].join('.') || 'body'
}

function sentenceOf({ keyword, params, message }: Validation): string {
  if (keyword === 'required') return 'is missing'
  if (keyword === 'type') return `is to be of type ${[params.type].flat().join(' or ')}`
  if (keyword === 'enum') return `is to be one of ${(params.allowedValues as readonly unknown[]).join(', ')}`
  return message ?? 'is not valid'
}
