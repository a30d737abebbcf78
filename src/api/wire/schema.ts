import { type Static, type TArray, type TOptional, type TSchema, Type } from 'typebox'
import type { Json, JsonObject } from '#model'

// Small pieces that the schemas of all nouns are made of.

export const Text = Type.String({ maxLength: 4096 })
export const Name = Type.String({ minLength: 1, maxLength: 255 })
export const Url = Type.String({ description: 'Where this is, in the API' })
export const HtmlUrl = Type.String({ description: 'Where this is shown to people' })
export const When = Type.String({ format: 'date-time' })
/** The largest number that a query, a body or a path may have: the database counts no further. */
export const LARGEST = 2_147_483_647
/** A thing's number. */
export const Id = Type.Integer({ minimum: 1, maximum: LARGEST })
/** A number that somebody sends. */
export const Whole = Type.Integer({ minimum: 0, maximum: LARGEST })
export const Count = Type.Integer({ minimum: 0 })
/** What lists that count their pages say beside what is in them. */
export const Counts = {
  page: Count,
  page_size: Count,
  total_page_count: Count,
  element_count: Count,
  total_element_count: Count,
}

/** Pipelines as text, on their way in. */
export const YamlText = Type.String({
  minLength: 1,
  maxLength: 400_000,
  description: 'A buddy.yml in Base64',
})

/** A word of a closed set. */
export function Word<const T extends Readonly<Record<string, unknown>>>(words: T, description?: string) {
  return Type.Unsafe<keyof T & string>({
    type: 'string',
    enum: Object.keys(words),
    ...(description !== undefined && { description }),
  })
}

/** Each of the fields, which need not be there. */
export function optional<T extends Readonly<Record<string, TSchema>>>(fields: T) {
  const all = Object.entries(fields).map(([name, schema]) => [name, Type.Optional(schema)])
  return Object.fromEntries(all) as { [Name in keyof T]: TOptional<T[Name]> }
}

/** Answers say null where there is nothing. */
export function Nullable<T extends TSchema>(schema: T) {
  return Type.Unsafe<Static<T> | null>({ anyOf: [schema, { type: 'null' }] })
}

/** What is kept and given back as it came. */
export const Anything = Type.Object({}, { additionalProperties: true })
export const Things = Type.Array(Anything)

/** The errors of every operation. */
export const Errors = Type.Object(
  {
    errors: Type.Array(
      Type.Object({
        message: Type.String(),
        code: Type.String(),
        field: Type.Optional(Type.String()),
        line: Type.Optional(Type.Integer({ description: 'In a text of pipelines, from 1' })),
        column: Type.Optional(Type.Integer()),
      }),
    ),
  },
  { title: 'Errors', description: 'Why not' },
)

/** A member of answers, as others refer to it. */
export const MemberRef = Type.Object(
  {
    url: Url,
    html_url: HtmlUrl,
    id: Type.Integer(),
    name: Type.String(),
    avatar_url: Nullable(Type.String()),
    admin: Type.Boolean(),
    workspace_owner: Type.Boolean(),
  },
  { title: 'Member' },
)

/** The parts of a path, each by what is known of it. */
export function Params(...names: readonly (keyof typeof PARAMS)[]) {
  return Type.Object(Object.fromEntries(names.map((name) => [name, PARAMS[name]])))
}

const PARAMS = {
  workspace: Type.String({ description: "The workspace's domain" }),
  project: Type.String({ description: "The project's name" }),
  pipeline: Type.String({ description: "The pipeline's number" }),
  action: Type.String({ description: "The action's number" }),
  execution: Type.String({ description: "The execution's number in its pipeline" }),
  actionExecution: Type.String({ description: "The action execution's id: 24 hexadecimal digits" }),
  ranAction: Type.String({ description: 'The number of an action that was run' }),
  integration: Type.String({ description: "The integration's hash_id" }),
  variable: Type.String({ description: "The variable's number" }),
  webhook: Type.String({ description: "The webhook's number" }),
  member: Type.String({ description: "The member's number" }),
  group: Type.String({ description: "The group's number" }),
  groupMember: Type.String({ description: "The member's number" }),
  projectMember: Type.String({ description: "The member's number" }),
  projectGroup: Type.String({ description: "The group's number" }),
  set: Type.String({ description: "The permission set's number" }),
  token: Type.String({ description: "The token's id" }),
}

/** A list of this, under this name. */
export function listOf<Items extends string, T extends TSchema>(items: Items, view: T) {
  const list = { [items]: Type.Array(view) } as { readonly [Name in Items]: TArray<T> }
  return Type.Object({ url: Url, html_url: HtmlUrl, ...list })
}

/** The query of a list that is whole for whoever does not ask for a part of it. */
export const PartQuery = Type.Object({
  page: Type.Optional(Type.String({ description: 'From 1; without it and per_page all of the list' })),
  per_page: Type.Optional(Type.String({ description: '50 at most; 20 where only page is given' })),
})

/** The query of a list that comes in pages. */
export function PageQuery(...sortBy: readonly string[]) {
  return Type.Object({
    page: Type.Optional(Type.String({ description: 'From 1', default: '1' })),
    per_page: Type.Optional(Type.String({ description: '50 at most', default: '20' })),
    sort_by: Type.Optional(Type.String({ description: sortBy.join(' or ') })),
    sort_direction: Type.Optional(Type.String({ description: 'ASC or DESC' })),
  })
}

/**
 * Members that are kept and given back though they have no effect here: those of `fields` that were sent, and of what is in them what is known.
 * A field is its schema, or that and what it is when nobody said it.
 */
export function extrasOf(
  fields: Readonly<Record<string, TSchema | readonly [TSchema, unknown]>>,
  body: Readonly<Record<string, unknown>>,
): JsonObject {
  const sent = Object.entries(fields).flatMap(([name, field]) => {
    const schema = Array.isArray(field) ? field[0] : field
    return body[name] === undefined ? [] : [[name, knownOf(schema, body[name] as Json)] as const]
  })
  return Object.fromEntries(sent)
}

function knownOf(schema: Shape, value: Json): Json {
  const { items = {}, properties, additionalProperties } = schema
  if (Array.isArray(value)) return value.map((item: Json) => knownOf(items, item))
  if (properties === undefined || additionalProperties === true || !isObject(value)) return value
  const known = Object.entries(value).filter(([name]) => Object.hasOwn(properties, name))
  return Object.fromEntries(known.map(([name, member]) => [name, knownOf(properties[name] ?? {}, member)]))
}

/** What is looked at of a schema. */
interface Shape {
  readonly items?: Shape
  readonly properties?: Readonly<Record<string, Shape>>
  readonly additionalProperties?: unknown
}

function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
