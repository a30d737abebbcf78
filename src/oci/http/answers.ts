import { RegistryError, type RegistryErrorCode } from '../errors.ts'
import type { Answer } from './connection.ts'
import { parseRetryAfter } from './retry.ts'

const ERROR_BYTES = 64 * 1024

// The spec's codes as registries send them, and what they mean here.
const CODES: ReadonlyMap<string, RegistryErrorCode> = new Map(
  Object.entries({
    BLOB_UNKNOWN: 'BLOB_UNKNOWN',
    BLOB_UPLOAD_INVALID: 'BLOB_UPLOAD_INVALID',
    BLOB_UPLOAD_UNKNOWN: 'BLOB_UPLOAD_UNKNOWN',
    DENIED: 'DENIED',
    DIGEST_INVALID: 'DIGEST_INVALID',
    MANIFEST_BLOB_UNKNOWN: 'MANIFEST_BLOB_UNKNOWN',
    MANIFEST_INVALID: 'MANIFEST_INVALID',
    MANIFEST_UNKNOWN: 'MANIFEST_UNKNOWN',
    NAME_INVALID: 'NAME_INVALID',
    NAME_UNKNOWN: 'NAME_UNKNOWN',
    SIZE_INVALID: 'SIZE_INVALID',
    TAG_INVALID: 'TAG_INVALID',
    TOOMANYREQUESTS: 'RATE_LIMITED',
    UNAUTHORIZED: 'UNAUTHORIZED',
    UNSUPPORTED: 'UNSUPPORTED',
  } as const),
)
const PASSING: ReadonlySet<number> = new Set([408, 429, 499, 500, 502, 503, 504, 522])

/** What a registry said no with. */
interface Refusal {
  readonly codes: readonly string[]
  readonly message: string | undefined
}

/**
 * The error that a refusing answer stands for; its body is read, or let go where it is no use. `where` names registry, repository and what
 * was asked. `redact` takes out of the registry's words what it may have echoed.
 */
export async function errorOf(
  answer: Answer,
  where: string,
  fallback: RegistryErrorCode,
  redact: (text: string) => string,
): Promise<RegistryError> {
  const { codes, message } = await refusal(answer, redact)
  const spoken = codes.map((code) => CODES.get(code)).find((code) => code !== undefined)
  const code = codeOf(answer.status, spoken, fallback)
  const retryAfterMs = parseRetryAfter(answer.headers)
  const wait = code === 'RATE_LIMITED' && retryAfterMs !== undefined && `again in ${retryAfterMs / 1000} s`
  const why = [message, `status ${answer.status}`, wait].filter(Boolean).join(', ')
  return new RegistryError(code, `${where}: ${SAID[code] ?? 'refused'} (${why})`, {
    status: answer.status,
    // A registry that answers 500 because a blob is missing will do so again.
    retryable: PASSING.has(answer.status) && !codes.includes('MANIFEST_BLOB_UNKNOWN'),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  })
}

const SAID: Partial<Record<RegistryErrorCode, string>> = {
  DENIED: 'access denied',
  MANIFEST_BLOB_UNKNOWN: 'something that the manifest names is missing',
  MANIFEST_UNKNOWN: 'not found',
  NAME_UNKNOWN: 'no such repository',
  BLOB_UNKNOWN: 'no such blob',
  RATE_LIMITED: 'too many requests',
  REGISTRY_UNAVAILABLE: 'the registry is not available',
  UNAUTHORIZED: 'credentials are missing or not accepted',
}

function codeOf(
  status: number,
  spoken: RegistryErrorCode | undefined,
  fallback: RegistryErrorCode,
): RegistryErrorCode {
  if (status === 429) return 'RATE_LIMITED'
  if (spoken !== undefined) return spoken
  if (status === 401) return 'UNAUTHORIZED'
  if (status === 403) return 'DENIED'
  if (status === 405) return 'UNSUPPORTED'
  return status >= 500 || status === 408 || status === 499 ? 'REGISTRY_UNAVAILABLE' : fallback
}

async function refusal(answer: Answer, redact: (text: string) => string): Promise<Refusal> {
  const nothing: Refusal = { codes: [], message: undefined }
  const bytes = await answer.body.bytes(ERROR_BYTES).catch(() => undefined)
  if (bytes === undefined || bytes.byteLength === 0) return nothing
  const text = Buffer.from(bytes).toString('utf8')
  try {
    const { errors } = JSON.parse(text) as { errors?: unknown }
    if (!Array.isArray(errors)) return nothing
    const codes = errors.map((error) => String(error?.code ?? ''))
    const messages = errors.map((error) => String(error?.message ?? '')).filter((message) => message !== '')
    return { codes, message: messages.length > 0 ? tidy(redact(messages.join('; '))) : undefined }
  } catch {
    return /^text\/plain/.test(answer.headers.get('content-type') ?? '')
      ? { codes: [], message: tidy(redact(text)) }
      : nothing
  }
}

/** One line of printable text, not too long: it goes into logs. */
function tidy(text: string): string {
  return text
    .replace(/\?[^\s"']*/g, '?…')
    .replace(/[^\x20-\x7e\u00a0-\ud7ff\ue000-\uffff]+/g, ' ')
    .trim()
    .slice(0, 300)
}
