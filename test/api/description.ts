/** A schema, as far as these tests look into one. */
export interface Schema {
  readonly $ref?: string
  readonly type?: string | readonly string[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly items?: Schema
  readonly enum?: readonly unknown[]
  readonly anyOf?: readonly Schema[]
  readonly format?: string
  readonly minimum?: number
  readonly maximum?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly minItems?: number
  readonly additionalProperties?: boolean | Schema
}

/** What the description says of one operation. */
export interface Operation {
  readonly operationId: string
  readonly security?: readonly unknown[]
  readonly parameters?: readonly {
    readonly name: string
    readonly in: string
    readonly schema: Schema
    readonly example?: unknown
  }[]
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> }
  // biome-ignore lint/suspicious/noExplicitAny: a description is read, not known
  readonly responses: Readonly<Record<string, any>>
}

/** The operation that a request is for. */
export function operationOf(paths: Record<string, Record<string, Operation>>, method: string, path: string) {
  return askedOf(paths, method, path)?.operation
}

/** The operation that a request is for, and what its path and its query say, by their names. */
export function askedOf(
  paths: Record<string, Record<string, Operation>>,
  method: string,
  url: string,
): { readonly operation: Operation; readonly parameters: Readonly<Record<string, string>> } | undefined {
  const { pathname, searchParams } = new URL(url, 'http://a')
  const found = Object.entries(paths).flatMap(([template, operations]) => {
    const pattern = template.replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+)')
    const match = new RegExp(`^${pattern}$`).exec(pathname)
    const operation = operations[method.toLowerCase()]
    const parameters = { ...match?.groups, ...Object.fromEntries(searchParams) }
    return match && operation ? [{ operation, parameters, inner: template.split('{').length }] : []
  })
  // What is written out counts before what may be anything.
  return found.toSorted((one, other) => one.inner - other.inner)[0]
}

/** Where a value is otherwise than its schema says, or has what the schema does not speak of. */
export function differences(
  value: unknown,
  schema: Schema,
  named: Readonly<Record<string, Schema>>,
  path = '',
): string[] {
  if (schema.$ref !== undefined)
    return differences(value, named[schema.$ref.slice('#/components/schemas/'.length)] ?? {}, named, path)
  if (schema.anyOf !== undefined) {
    const each = schema.anyOf.map((one) => differences(value, one, named, path))
    return each.some((found) => found.length === 0) ? [] : (each[0] ?? [])
  }
  if (schema.enum !== undefined && !schema.enum.includes(value)) return [`${path} is not one of its words`]
  const type = value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value
  const allowed = [schema.type ?? type].flat().map((each) => (each === 'integer' ? 'number' : each))
  if (!allowed.includes(type)) return [`${path} is of type ${type}`]
  if (Array.isArray(value))
    return value.flatMap((member) => differences(member, schema.items ?? {}, named, `${path}[]`))
  if (type !== 'object' || schema.properties === undefined) return []
  const members = Object.entries(value as object).flatMap(([name, member]) => {
    const described = schema.properties?.[name]
    if (described !== undefined) return differences(member, described, named, `${path}.${name}`)
    return schema.additionalProperties ? [] : [`${path}.${name} is not described`]
  })
  const missing = (schema.required ?? []).filter((name) => !Object.hasOwn(value as object, name))
  return [...members, ...missing.map((name) => `${path}.${name} is missing`)]
}
