/** Which bytes of what a partial answer holds; both ends count. */
export interface ContentRange {
  readonly start: number
  readonly end: number
  /** Undefined: the sender does not know, or does not say. */
  readonly total: number | undefined
}

/** The one range of a 206, or undefined for anything else that may stand there. RFC 9110, "Content-Range". */
export function parseContentRange(text: string | undefined): ContentRange | undefined {
  const [, first, last, size] =
    /^bytes ([0-9]{1,15})-([0-9]{1,15})\/([0-9]{1,15}|\*)$/i.exec(text ?? '') ?? []
  if (first === undefined) return undefined
  const [start, end] = [Number(first), Number(last)]
  const total = size === '*' ? undefined : Number(size)
  return start > end || end >= (total ?? Number.POSITIVE_INFINITY) ? undefined : { start, end, total }
}

/**
 * How many bytes an upload session has taken, by its `Range`; undefined where it does not say. `0-0` is one byte or, from many registries,
 * none, and some say `0--1` for none: `expected` is how many there would be if all was well. OCI distribution spec, "Pushing a blob in chunks".
 */
export function parseUploadRange(text: string | undefined, expected: number): number | undefined {
  const [, last] = /^(?:bytes[= ])?0-(-1|[0-9]{1,15})$/.exec(text ?? '') ?? []
  if (last === undefined) return undefined
  return last === '0' && expected !== 1 ? 0 : Number(last) + 1
}
