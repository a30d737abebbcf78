import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyError, FastifyReply } from 'fastify'
import { ModelError, type ModelErrorCode, StoreError, type StoreErrorCode } from '#model'
import { formatProblem, YamlError, type YamlErrorCode, type YamlProblem } from '#yaml'

/** Why HTTP itself, or the service, said no, where no rule of the model did. */
export type HttpErrorCode =
  | 'METHOD_NOT_ALLOWED' // the path exists, the method does not
  | 'TOO_SLOW' // the request did not come in time
  | 'TOO_LARGE' // the body is over 1 MiB, or the URL or the headers are too long
  | 'UNSUPPORTED_MEDIA_TYPE' // the body is not application/json
  | 'RATE_LIMITED' // too many requests in this minute; the headers say when to come back
  | 'BLOCKED_ADDRESS' // what was named leads to an address that this service must not dial
  | 'CLOSING' // the service is being stopped
  | 'INTERNAL' // something went wrong that clients are not told about; the log says what

/** One error as clients see it. */
interface WireError {
  readonly message: string
  readonly code: ModelErrorCode | StoreErrorCode | HttpErrorCode | YamlErrorCode
  readonly field?: string
  /** Where in a text of pipelines, both from 1. */
  readonly line?: number
  readonly column?: number
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

// What the store cannot do for the moment is no mistake of whoever asks, and passes.
const OUTAGES: Readonly<Record<StoreErrorCode, string>> = {
  UNAVAILABLE: 'The database does not answer at the moment: try again',
  UNCERTAIN:
    'The database broke off while this was written: look whether it was done, and try again if it was not',
}
/** Longer than a PostgreSQL takes to start. */
const RETRY_AFTER_SECONDS = 5

// The framework's own refusals, in the same shape.
const FRAMEWORK: Readonly<Record<number, WireError>> = {
  400: { code: 'INVALID', message: 'The request is malformed' },
  404: { code: 'NOT_FOUND', message: 'Not found' },
  405: { code: 'METHOD_NOT_ALLOWED', message: 'The method is not allowed here' },
  408: { code: 'TOO_SLOW', message: 'The request took too long to come' },
  413: { code: 'TOO_LARGE', message: 'The body is larger than 1 MiB' },
  414: { code: 'TOO_LARGE', message: 'The URL is too long' },
  415: { code: 'UNSUPPORTED_MEDIA_TYPE', message: 'The body is to be application/json' },
  429: { code: 'RATE_LIMITED', message: 'Too many requests' },
  431: { code: 'TOO_LARGE', message: 'The headers are too long' },
  503: { code: 'CLOSING', message: 'The service is being stopped' },
}

// What Node's parser says of a request that it cannot read.
const BROKEN: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
}

/** Too many requests in this minute; the headers say when to come back. */
export class RateLimited extends Error {
  readonly statusCode = 429
}

/** The service is on its way down; another one, or the same a little later, will answer. */
export class Closing extends Error {
  readonly statusCode = 503
}

/** A field leads to where this service must not go. The words are the same whatever is there. */
export class BlockedAddress extends Error {
  readonly statusCode = 400
  readonly field: string

  constructor(field: string) {
    super(`${field}: leads to an address that may not be dialled (it is not public and not allowed)`)
    this.field = field
  }
}

/** Answers bytes that are no HTTP request on the bare socket, and ends the connection: what follows cannot be told apart any more. */
export function answerBrokenRequest(error: Error & { readonly code?: string }, socket: Socket): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy()
    return
  }
  const status = BROKEN[error.code ?? ''] ?? 400
  const body = JSON.stringify({ errors: [FRAMEWORK[status]] })
  socket.end(
    [
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
      'Content-Type: application/json',
      `Content-Length: ${Buffer.byteLength(body)}`,
      'Connection: close',
      '',
      body,
    ].join('\r\n'),
  )
}

/** Answers with the error; what is not meant for clients is told to nobody but the log. */
export function answerError(reply: FastifyReply, error: unknown): FastifyReply {
  const { status, errors } = describe(error)
  if (status >= 500 && !(error instanceof Closing)) reply.log.error({ err: error }, 'a request failed')
  if (status === 503) reply.header('retry-after', String(RETRY_AFTER_SECONDS))
  return sendErrors(reply, status, errors)
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
function sendErrors(reply: FastifyReply, status: number, errors: readonly WireError[]): FastifyReply {
  return reply
    .code(status)
    .header('content-type', 'application/json')
    .serializer((text: unknown) => text as string)
    .send(JSON.stringify({ errors }))
}

function describe(error: unknown): { readonly status: number; readonly errors: readonly WireError[] } {
  if (error instanceof ModelError) {
    const { code, message, field } = error
    return { status: STATUSES[code], errors: [{ message, code, ...(field !== undefined && { field }) }] }
  }
  if (error instanceof StoreError) {
    const { code } = error
    return { status: 503, errors: [{ message: OUTAGES[code], code }] }
  }
  if (error instanceof BlockedAddress) {
    const { statusCode: status, message, field } = error
    return { status, errors: [{ message, code: 'BLOCKED_ADDRESS', field }] }
  }
  if (error instanceof YamlError)
    return { status: 400, errors: error.problems.map((one) => located(error, one)) }
  const { validation, statusCode = 500, code = '' } = error as Partial<FastifyError>
  const first = validation?.[0]
  if (first !== undefined) return describe(refusalOf(first, validation))
  if (error instanceof SyntaxError && statusCode === 400)
    return { status: 400, errors: [{ message: 'The body is not JSON', code: 'INVALID', field: 'body' }] }
  // No name of ours is that long.
  if (code === 'FST_ERR_MAX_PARAM_LENGTH') return describe(notFound())
  const known = FRAMEWORK[statusCode]
  if (known !== undefined) return { status: statusCode, errors: [known] }
  const message = 'Something went wrong here; the log says what'
  return { status: 500, errors: [{ message, code: 'INTERNAL' }] }
}

function located({ code }: YamlError, problem: YamlProblem): WireError {
  const { line, column, path } = problem
  const field = path === '' ? 'yaml' : `yaml.${path}`
  return { message: formatProblem(problem), code, field, line, column }
}

/** What a schema refuses. `all`: what was found beside it, where there is more than one thing that a value might have been. */
export function refusalOf(first: Validation, all: readonly Validation[] = [first]): ModelError {
  const others = all.filter(
    ({ keyword, instancePath: path }) => keyword === 'type' && path === first.instancePath,
  )
  const types = [...new Set(others.flatMap(({ params }) => [params.type].flat()))]
  return invalid(fieldOf(first), first.keyword === 'type' ? typesOf(types) : sentenceOf(first))
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
  if (keyword === 'enum') return `is to be one of ${(params.allowedValues as readonly unknown[]).join(', ')}`
  const bound = BOUNDS[keyword]?.(Number(params.limit))
  return bound === undefined ? (message ?? 'is not valid') : `is to ${bound}`
}

function typesOf(types: readonly unknown[]): string {
  return `is to be of type ${types.join(' or ')}`
}

/** What of a value is bounded, and how that is said. */
const BOUNDS: Readonly<Record<string, (limit: number) => string>> = {
  minLength: (limit) => `have at least ${counted(limit, 'character')}`,
  maxLength: (limit) => `have at most ${counted(limit, 'character')}`,
  minItems: (limit) => `have at least ${counted(limit, 'item')}`,
  maxItems: (limit) => `have at most ${counted(limit, 'item')}`,
  minimum: (limit) => `be ${limit} or more`,
  maximum: (limit) => `be ${limit} or less`,
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
