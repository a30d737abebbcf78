import type { Json, JsonObject } from '#model'
import { type Path, YamlDocument } from './document.ts'
import { YamlError, type YamlProblem } from './errors.ts'
import { PROBLEM_LIMIT } from './limits.ts'
import { decodePermissions, isObject, wayToPermission } from './permissions.ts'

/** A pipeline or an action as a text defines it, in the words of the API. */
export interface Definition {
  readonly body: JsonObject
  /** A problem with a field of the body; where it is not in the text, with the nearest thing around it. */
  problem(field: Path, message: string): YamlProblem
  /** How a field that is a number or a boolean is written; undefined for all else. */
  textAt(field: Path): string | undefined
}

/** A pipeline with its actions, in their order. */
export interface PipelineDefinition extends Definition {
  readonly actions: readonly Definition[]
}

/**
 * Reads the pipelines of a `buddy.yml`. What a text calls `pipeline` and `action` is the `identifier` of the body, and stands for the name
 * where there is none; permissions by e-mail address and by group are lists in it, of `email` and `name`. All else is as it is in the text:
 * its types and fields are the API's to judge.
 * @throws YamlError with every problem, each with its line and column.
 */
export function parsePipelines(text: string): readonly PipelineDefinition[] {
  const reader = new Reader(YamlDocument.read(text))
  const pipelines = reader.readList([], 'pipeline').map(({ path, ...definition }): PipelineDefinition => {
    const { actions = null, ...body } = definition.body
    const steps = actions === null ? [] : reader.readList([...path, 'actions'], 'action')
    return { ...definition, body, actions: steps }
  })
  if (pipelines.length === 0) reader.complain([], 'there is no pipeline')
  if (reader.problems.length > 0) throw new YamlError('YAML_INVALID', reader.problems.slice(0, PROBLEM_LIMIT))
  return pipelines
}

type Kind = 'pipeline' | 'action'

class Reader {
  readonly problems: YamlProblem[] = []
  readonly #document: YamlDocument

  constructor(document: YamlDocument) {
    this.#document = document
  }

  complain(path: Path, message: string): void {
    this.problems.push(this.#document.problem(path, message))
  }

  readList(path: Path, kind: Kind): (Definition & { readonly path: Path })[] {
    const list = this.#document.valueAt(path)
    if (!Array.isArray(list)) {
      this.complain(path, `is to be a list, each of its items beginning with - ${kind}:`)
      return []
    }
    const known = new Set<string>()
    return list.flatMap((item: Json, index) => {
      const place = [...path, index]
      if (!isObject(item)) {
        this.complain(place, `is to be a map that begins with ${kind}:`)
        return []
      }
      const identifier = this.#identify(item, place, kind)
      if (identifier === undefined) return []
      if (known.has(identifier)) this.complain([...place, kind], `${identifier} is there twice`)
      known.add(identifier)
      return [this.#define(item, place, kind, identifier)]
    })
  }

  #identify(item: JsonObject, path: Path, kind: Kind): string | undefined {
    // What the older pages call an action's name is what names it.
    const field = kind === 'action' && (item.action ?? null) === null ? 'name' : kind
    const given = item[field] ?? null
    const text = typeof given === 'string' ? given : this.#document.textAt([...path, field])
    if (text !== undefined && text !== '') return text
    this.complain([...path, kind], given === null ? 'is missing' : 'is to be a text')
    return undefined
  }

  #define(
    item: JsonObject,
    path: Path,
    kind: Kind,
    identifier: string,
  ): Definition & { readonly path: Path } {
    const { [kind]: _, name = null, permissions = null, ...rest } = item
    const document = this.#document
    const inText = ([first, ...more]: Path): Path =>
      first === 'identifier'
        ? [...path, kind]
        : first === 'permissions'
          ? [...path, first, ...wayToPermission(permissions, more)]
          : [...path, ...(first === undefined ? [] : [first]), ...more]
    return {
      path,
      body: {
        ...rest,
        identifier,
        name: name ?? identifier,
        ...(permissions !== null && { permissions: decodePermissions(permissions) }),
      },
      problem: (field, message) => document.problem(inText(field), message),
      textAt: (field) => document.textAt(inText(field)),
    }
  }
}
