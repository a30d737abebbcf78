import { describeError, type JsonError } from './print-error.ts'
import type { Tally } from './tally.ts'

/** The one JSON object of a promotion that went well, as a line. `more`: what only this command has to say. */
export function jsonSuccess(tally: Tally, requests: number, more: object = {}): string {
  const { digest, bytes, companions } = tally
  const along = companions > 0 ? { referrers: companions } : {}
  return line({ status: 'done', digest, bytes, ...along, requests, ...more })
}

/** The one JSON object of a promotion that failed: what it came to until then, and why it ended. */
export function jsonFailure(tally: Tally, requests: number, failure: unknown): string {
  const error: JsonError = describeError(failure)
  return line({ status: 'failed', digest: tally.digest, bytes: tally.bytes, requests, error })
}

export const line = (json: object): string => `${JSON.stringify(json)}\n`
