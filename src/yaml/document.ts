import { type ParsedNode, parseDocument, type YAMLError } from 'yaml'
import type { Json } from '#model'
import { YamlError, type YamlErrorCode, type YamlProblem } from './errors.ts'
import { depthBreach, PROBLEM_LIMIT, TEXT_LIMIT } from './limits.ts'
import { type Fault, type Reading, readNodes } from './nodes.ts'

/** The way from the top of a text to a value in it. */
export type Path = readonly (string | number)[]

/** A text's value, and where in the text each part of it stands. */
export class YamlDocument {
  readonly #value: Json
  readonly #text: string
  readonly #places: Reading['places']

  private constructor(text: string, { value, places }: Reading) {
    this.#value = value
    this.#text = text
    this.#places = places
  }

  /**
   * Reads YAML 1.2, with anchors, merge keys and the tag `!encrypted`: what has it becomes a text that begins with `!encrypted `.
   * @throws YamlError for what is no YAML, for a key that is there twice, and for what is too long, too deep or too much.
   */
  static read(written: string): YamlDocument {
    // A byte order mark, as Windows begins files with, is no part of the first line and does not indent it.
    const text = written.replace(/^\ufeff/, '')
    if (new TextEncoder().encode(text).length > TEXT_LIMIT)
      throw failure(text, [
        { code: 'YAML_LIMIT', offset: 0, message: `longer than ${TEXT_LIMIT / 1024} KiB` },
      ])
    const breach = depthBreach(text)
    if (breach !== undefined)
      throw failure(text, [{ code: 'YAML_LIMIT', offset: breach, message: 'nested too deeply' }])
    const parsed = parseDocument(text, {
      prettyErrors: false,
      logLevel: 'error',
      // The parser compares each key with each other one; the reader does better.
      uniqueKeys: false,
    })
    if (parsed.errors.length > 0)
      throw failure(
        text,
        parsed.errors.map((error) => faultOf(error, text)),
      )
    const reading = readNodes(parsed.contents as ParsedNode | null)
    if (reading.faults.length > 0) throw failure(text, reading.faults)
    return new YamlDocument(text, reading)
  }

  /** A problem with what stands at the path; where nothing does, with the nearest thing around it. */
  problem(path: Path, message: string): YamlProblem {
    const places = this.#follow(path)
    return { ...positionOf(this.#text, places.at(-1)?.offset ?? 0), path: path.join('.'), message }
  }

  valueAt(path: Path): Json | undefined {
    return path.reduce<Json | undefined>(
      (value, step) => (value as Record<string, Json> | null | undefined)?.[step],
      this.#value,
    )
  }

  /** How a number or a boolean is written; undefined for all else. */
  textAt(path: Path): string | undefined {
    const places = this.#follow(path)
    return places.length === path.length ? places.at(-1)?.text : undefined
  }

  /** The places on the way, as far as it leads. */
  #follow(path: Path) {
    const found = []
    let value: unknown = this.#value
    for (const step of path) {
      const place = this.#places.get(value)?.get(String(step))
      if (place === undefined) break
      found.push(place)
      value = (value as Record<string, unknown>)[step]
    }
    return found
  }
}

function faultOf({ code, message, pos }: YAMLError, text: string): Fault {
  const [offset] = pos
  const indentation = text.slice(text.lastIndexOf('\n', offset - 1) + 1, offset)
  if (/^ *\t\s*$/.test(indentation))
    return { code: 'YAML_SYNTAX', offset, message: 'a tab does not indent: take blanks' }
  if (code === 'RESOURCE_EXHAUSTION') return { code: 'YAML_LIMIT', offset, message: 'nested too deeply' }
  return { code: 'YAML_SYNTAX', offset, message }
}

function failure(text: string, faults: readonly Fault[]): YamlError {
  const sorted = faults.toSorted((a, b) => a.offset - b.offset)
  const code: YamlErrorCode = faults.some((fault) => fault.code === 'YAML_LIMIT')
    ? 'YAML_LIMIT'
    : 'YAML_SYNTAX'
  const problems = sorted
    .slice(0, PROBLEM_LIMIT)
    .map(({ offset, message }) => ({ ...positionOf(text, offset), path: '', message }))
  return new YamlError(code, problems)
}

function positionOf(text: string, offset: number): { readonly line: number; readonly column: number } {
  const before = text.slice(0, offset)
  return { line: before.split('\n').length, column: offset - before.lastIndexOf('\n') }
}
