import type { JsonObject } from '#model'
import { type Path, YamlDocument } from './document.ts'
import { YamlError, type YamlProblem } from './errors.ts'
import { PROBLEM_LIMIT } from './limits.ts'
import { isObject } from './permissions.ts'

/** One promotion of a list, as it is written. */
export interface PromotionEntry {
  readonly source: string
  readonly target: string
  /** Globs; where there are any, source and target are repositories. */
  readonly tags: readonly string[]
  /** Where it begins. */
  readonly line: number
  /** A problem with one of its fields. */
  problem(field: 'source' | 'target' | 'tags', message: string): YamlProblem
}

const FIELDS: ReadonlySet<string> = new Set(['source', 'target', 'tags'])

/**
 * Reads a list of promotions, each with `source` and `target`, and `tags` if many are meant. What these texts mean is for whoever promotes.
 * @throws YamlError with every problem, each with its line and column.
 */
export function parsePromotions(text: string): readonly PromotionEntry[] {
  const document = YamlDocument.read(text)
  const problems: YamlProblem[] = []
  const complain = (path: Path, message: string): void => void problems.push(document.problem(path, message))
  const textAt = (item: JsonObject, path: Path): string => {
    const value = path.slice(1).reduce<unknown>((value, step) => (value as JsonObject)[step], item) ?? null
    // 1.10 is a tag and no number.
    const written = typeof value === 'string' ? value : document.textAt(path)
    if (written === undefined || written === '')
      complain(path, value === null ? 'is missing' : 'is to be a text')
    return written ?? ''
  }
  const list = document.valueAt([])
  if (!Array.isArray(list)) complain([], 'is to be a list of promotions, each with source and target')
  const entries = (Array.isArray(list) ? list : []).flatMap((item, index): PromotionEntry[] => {
    if (!isObject(item)) {
      complain([index], 'is to be a map with source and target')
      return []
    }
    for (const key of Object.keys(item))
      if (!FIELDS.has(key)) complain([index, key], 'is not known: there are source, target and tags')
    const tags = item.tags ?? []
    const globs = Array.isArray(tags)
      ? tags.map((_, at) => textAt(item, [index, 'tags', at]))
      : [textAt(item, [index, 'tags'])]
    return [
      {
        source: textAt(item, [index, 'source']),
        target: textAt(item, [index, 'target']),
        tags: globs,
        line: document.problem([index], '').line,
        problem: (field, message) => document.problem([index, field], message),
      },
    ]
  })
  problems.sort((a, b) => a.line - b.line || a.column - b.column)
  if (problems.length > 0) throw new YamlError('YAML_INVALID', problems.slice(0, PROBLEM_LIMIT))
  return entries
}
