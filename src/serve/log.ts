import pino from 'pino'

/** The service's log: one JSON object a line on standard output. */
export type ServiceLog = pino.Logger

/** Where lines go; standard output unless said otherwise. */
export interface LogSink {
  write(line: string): void
}

/**
 * A log at this level. Whatever somebody hands to it, credentials are taken out of each line before it is written: what follows `Basic` or
 * `Bearer`, userinfo and query strings of URLs, and fields that are called like secrets.
 */
export function createLog(level: string, sink?: LogSink): ServiceLog {
  const options: pino.LoggerOptions = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    serializers: { err: serializeError },
    redact: {
      paths: SECRET_FIELDS.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]),
      censor: '[secret]',
    },
    hooks: { streamWrite: scrub },
  }
  return pino(options, sink ?? pino.destination(1))
}

const SECRET_FIELDS = [
  'authorization',
  'cookie',
  'password',
  'token',
  'secret',
  'secretKey',
  'accessKey',
  'apiKey',
  'databaseUrl',
]

/** Only what we know of errors: drivers hang queries and their parameters on theirs. */
function serializeError(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return String(error)
  const { name, message, stack, cause } = error
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined
  const below = cause === undefined || depth >= 4 ? undefined : serializeError(cause, depth + 1)
  return { name, message, code, stack, cause: below }
}

function scrub(line: string): string {
  return line
    .replace(/\b(Basic|Bearer) +[\w.~+/=-]{4,}/gi, '$1 [secret]')
    .replace(/:\/\/[^\s/"@?#]+@/g, '://[secret]@')
    .replace(/(https?:\/\/[^\s"?#]+)\?[^\s"#)\]]+/g, '$1?[secret]')
}
