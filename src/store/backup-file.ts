import { createHash } from 'node:crypto'
import { StringDecoder } from 'node:string_decoder'

/** What a backup is of: its first line. */
export interface BackupHeader {
  readonly tagboat: 'backup'
  readonly format: 1
  /** The version of the product that made it. */
  readonly product: string
  readonly madeAt: string
  /** The steps that its schema was made by. */
  readonly migrations: readonly string[]
  /** The key that sealed at that time. */
  readonly key: string
}

/** Some rows of a table, each value as the text that PostgreSQL writes it as. A table has at least one such part, if only an empty one. */
export interface TablePart {
  readonly table: string
  readonly columns: readonly string[]
  readonly rows: readonly (readonly (string | null)[])[]
}

/** Where a sequence stands. */
export interface SequenceState {
  readonly sequence: string
  readonly value: string
  /** Whether the value was given out already. */
  readonly called: boolean
}

/** What it comes to. */
export interface BackupEnd {
  /** How many of each table. */
  readonly rows: Readonly<Record<string, number>>
  /** All keys that something in it is sealed with. */
  readonly keys: readonly string[]
}

export type BackupPart = TablePart | SequenceState

const PART_ROWS = 500
const PART_CHARACTERS = 1024 * 1024

/**
 * The text of a backup: a line of JSON for the header, for each table's name and columns, for each of its rows, for each sequence, for the
 * end, and for the SHA-256 of all that, without which a backup is none. `keys` is asked when all parts have been taken.
 */
export async function* writeBackup(
  header: BackupHeader,
  parts: AsyncIterable<BackupPart>,
  keys: () => readonly string[],
): AsyncGenerator<string> {
  const hash = createHash('sha256')
  const rows: Record<string, number> = {}
  const write = (values: readonly unknown[]): string => {
    const text = values.map((value) => `${JSON.stringify(value)}\n`).join('')
    hash.update(text)
    return text
  }
  yield write([header])
  for await (const part of parts) {
    if ('sequence' in part) {
      yield write([part])
      continue
    }
    const { table, columns } = part
    if (rows[table] === undefined) yield write([{ table, columns }])
    rows[table] = (rows[table] ?? 0) + part.rows.length
    yield write(part.rows)
  }
  const end: BackupEnd = { rows, keys: keys() }
  yield write([end])
  yield `${JSON.stringify({ sha256: hash.digest('hex') })}\n`
}

/**
 * Reads what {@link writeBackup} wrote: the header first, the end last.
 * @throws Error where it is cut short, altered, or no backup at all; what was given out before that is not to be believed.
 */
export async function* readBackup(
  chunks: AsyncIterable<Buffer>,
): AsyncGenerator<BackupHeader | BackupPart | BackupEnd> {
  const hash = createHash('sha256')
  const counted: Record<string, number> = {}
  let open:
    | { table: string; columns: readonly string[]; rows: (string | null)[][]; characters: number }
    | undefined
  let end: BackupEnd | undefined
  let sha256: string | undefined
  let first = true
  for await (const line of linesOf(chunks)) {
    if (sha256 !== undefined) throw new Error('something follows the end of the backup')
    const value = parseLine(line)
    if (first) {
      first = false
      yield readHeader(value)
    } else if (Array.isArray(value)) {
      if (open === undefined || value.length !== open.columns.length) throw broken()
      open.rows.push(value)
      open.characters += line.length
      counted[open.table] = (counted[open.table] ?? 0) + 1
      if (open.rows.length >= PART_ROWS || open.characters >= PART_CHARACTERS) {
        yield open
        open = { ...open, rows: [], characters: 0 }
      }
    } else {
      if (open !== undefined) yield open
      open = undefined
      if ('table' in value) {
        counted[value.table] = 0
        open = { table: value.table, columns: value.columns, rows: [], characters: 0 }
      } else if ('sequence' in value) yield value
      else if ('keys' in value) end = value
      else sha256 = value.sha256
    }
    if (sha256 === undefined) hash.update(`${line}\n`)
  }
  if (end === undefined || sha256 === undefined) throw new Error('the backup is cut short')
  if (sha256 !== hash.digest('hex') || JSON.stringify(end.rows) !== JSON.stringify(counted))
    throw new Error('the backup was altered: it does not come to what its end says')
  yield end
}

type Line =
  | (string | null)[]
  | { readonly table: string; readonly columns: readonly string[] }
  | SequenceState
  | BackupEnd
  | { readonly sha256: string }

function parseLine(line: string): Line {
  try {
    const value: unknown = JSON.parse(line)
    if (typeof value === 'object' && value !== null) return value as Line
  } catch {}
  throw broken()
}

function readHeader(value: Line): BackupHeader {
  const { tagboat, format } = value as Partial<BackupHeader>
  if (tagboat !== 'backup') throw new Error('it is no backup of Tagboat')
  if (format !== 1) throw new Error('the backup was made by a newer Tagboat')
  return value as unknown as BackupHeader
}

function broken(): Error {
  return new Error('the backup was altered: a line of it makes no sense')
}

async function* linesOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<string> {
  const decoder = new StringDecoder('utf8')
  let rest: string[] = []
  for await (const chunk of chunks) {
    const [head = '', ...lines] = decoder.write(chunk).split('\n')
    rest.push(head)
    if (lines.length === 0) continue
    yield rest.join('')
    rest = [lines.pop() ?? '']
    yield* lines
  }
  // Every line ends with its newline: what is left is half of one.
  if (rest.join('') !== '') throw new Error('the backup is cut short')
}
