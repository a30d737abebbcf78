/** Writes the client's types and operations, made of docs/openapi.json. `--check` only compares. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { settle } from './settle.ts'

interface Schema {
  readonly $ref?: string
  readonly description?: string
  readonly type?: string | readonly string[]
  readonly enum?: readonly unknown[]
  readonly anyOf?: readonly Schema[]
  readonly items?: Schema
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
}
interface Parameter {
  readonly in: 'path' | 'query'
  readonly name: string
  readonly description?: string
  readonly schema: Schema
}
interface Content {
  readonly content?: Readonly<Record<string, { readonly schema: Schema }>>
}
interface Operation {
  readonly operationId: string
  readonly summary: string
  readonly parameters?: readonly Parameter[]
  readonly requestBody?: Content & { readonly required?: boolean }
  readonly responses: Readonly<Record<string, Content>>
}
interface Description {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> }
}

const root = join(import.meta.dirname, '..')
const description: Description = JSON.parse(readFileSync(join(root, 'docs', 'openapi.json'), 'utf8'))
const HEADER = '// Made of docs/openapi.json by scripts/client.ts: npm run docs makes it anew.\n'
const capitalized = (word: string) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`

/** Types of the file that is being made, by name. */
const types = new Map<string, string>()

/** A schema as a type. */
function typeOf(schema: Schema): string {
  const { $ref, anyOf, enum: words, type, items, properties } = schema
  if ($ref !== undefined) return $ref.slice($ref.lastIndexOf('/') + 1)
  if (anyOf !== undefined) return [...new Set(anyOf.map(typeOf))].join(' | ')
  if (words !== undefined) return words.map((word) => JSON.stringify(word)).join(' | ')
  if (Array.isArray(type)) return type.map((one) => typeOf({ ...schema, type: one })).join(' | ')
  if (type === 'array') return `readonly (${items === undefined ? 'unknown' : typeOf(items)})[]`
  if (type === 'integer') return 'number'
  if (type !== 'object') return String(type ?? 'unknown')
  if (Object.keys(properties ?? {}).length === 0) return 'Readonly<Record<string, unknown>>'
  return `{\n${membersOf(schema)}\n}`
}

function membersOf({ properties = {}, required = [] }: Schema): string {
  return Object.entries(properties)
    .map(([name, schema]) => {
      const optional = required.includes(name) ? '' : '?'
      return `${commentOf(schema.description)}readonly ${name}${optional}: ${typeOf(schema)}`
    })
    .join('\n')
}

function commentOf(text: string | undefined): string {
  return text === undefined ? '' : `/** ${text} */\n`
}

/** The name of a schema as a type; one that has none becomes this one. */
function named(schema: Schema, name: string): string {
  if (schema.$ref !== undefined) return typeOf(schema)
  const type = typeOf(schema)
  const body =
    type.startsWith('{') && !schema.anyOf
      ? `export interface ${name} ${type}`
      : `export type ${name} = ${type}`
  types.set(name, `${commentOf(schema.description)}${body}`)
  return name
}

/** The type of what fills a path: called by the last of its parts. */
function keysOf(parameters: readonly Parameter[]): string | undefined {
  const keys = parameters.filter((one) => one.in === 'path')
  const last = keys.at(-1)
  if (last === undefined) return undefined
  const name = `At${capitalized(last.name)}`
  const text = `export type ${name} = {\n${keys.map((key) => `${commentOf(key.description)}readonly ${key.name}: Key`).join('\n')}\n}`
  if (types.has(name) && types.get(name) !== text) throw new TypeError(`two paths end in {${last.name}}`)
  types.set(name, text)
  return name
}

function queryOf({ operationId, parameters = [] }: Operation): string | undefined {
  const said = parameters.filter((one) => one.in === 'query')
  if (said.length === 0) return undefined
  const name = `${capitalized(operationId)}Query`
  const members = said.map((one) => {
    const type = one.schema.enum === undefined ? 'string | number | boolean' : typeOf(one.schema)
    return `${commentOf(one.description)}readonly ${one.name}?: ${type} | undefined`
  })
  types.set(name, `export type ${name} = {\n${members.join('\n')}\n}`)
  return name
}

function contentOf({ content = {} }: Content): Schema | undefined {
  return content['application/json']?.schema
}

function methodOf(method: string, path: string, operation: Operation): string {
  const { operationId, summary, parameters = [], requestBody, responses } = operation
  const keys = keysOf(parameters)
  const query = queryOf(operation)
  const body = requestBody && contentOf(requestBody)
  const done = Object.entries(responses).find(([status]) => status.startsWith('2'))?.[1] ?? {}
  const content = contentOf(done)
  const streams = Object.hasOwn(done.content ?? {}, 'text/event-stream')
  const answer = content === undefined ? 'void' : named(content, `${capitalized(operationId)}Answer`)
  const parts = [
    ...(keys === undefined ? [] : [`at: ${keys}`]),
    ...(body === undefined
      ? []
      : [`body${requestBody?.required ? '' : '?'}: ${named(body, `${capitalized(operationId)}Body`)}`]),
    ...(query === undefined ? [] : [`query: ${query} = {}`]),
    'options: CallOptions = {}',
  ]
  const http = method.toUpperCase()
  const call = [keys && 'at', query && 'query', body && 'body'].filter((part) => part !== undefined)
  const [type, ask] = streams
    ? ['AsyncIterable<ServerEvent>', `watch(`]
    : [`Promise<${answer}>`, `call('${http}', `]
  return `
  /** ${summary}. \`${http} ${path}\` */
  ${operationId}(${parts.join(', ')}): ${type} {
    return this.#connection.${ask}'${path}', { ${call.join(', ')} }, options)
  }
${query === undefined || content === undefined ? '' : eachOf(operation, content, keys, query, answer)}`
}

/** For a list in pages, one that goes through all of them. */
function eachOf(
  { operationId, parameters = [] }: Operation,
  content: Schema,
  keys: string | undefined,
  query: string,
  answer: string,
): string {
  if (!parameters.some(({ name }) => name === 'page')) return ''
  const list = description.components.schemas[typeOf(content)] ?? content
  const [items] = Object.entries(list.properties ?? {}).find(([, { type }]) => type === 'array') ?? []
  if (items === undefined) return ''
  const name = operationId.replace(/^list/, 'each').replace(/s$/, '')
  const at = keys === undefined ? '' : `at: ${keys}, `
  return `
  /** All of ${operationId}, page by page. */
  ${name}(${at}query: Omit<${query}, 'page'> = {}, options: CallOptions = {}): AsyncIterable<${answer}['${items}'][number]> {
    return pages(async (page) => (await this.${operationId}(${keys === undefined ? '' : 'at, '}{ ...query, page }, options)).${items})
  }
`
}

function write(file: string, text: string): void {
  const path = join(root, 'src', 'client', file)
  const biome = join(root, 'node_modules', '.bin', 'biome')
  settle(
    path,
    execFileSync(biome, ['format', `--stdin-file-path=${path}`], { input: HEADER + text, encoding: 'utf8' }),
  )
}

for (const [name, schema] of Object.entries(description.components.schemas)) named(schema, name)
const methods = Object.entries(description.paths).flatMap(([path, operations]) =>
  Object.entries(operations).map(([method, operation]) => methodOf(method, path, operation)),
)
const mentioned = [...types.keys()].filter((name) =>
  methods.some((text) => new RegExp(`\\b${name}\\b`).test(text)),
)
write(
  'types.ts',
  `import type { Key } from './connection.ts'\n\n${[...types]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([, text]) => text)
    .join('\n\n')}\n`,
)
write(
  'tagboat.ts',
  `import { type CallOptions, type ClientOptions, Connection, pages } from './connection.ts'
import type { ServerEvent } from './events.ts'
import type { ${mentioned.sort().join(', ')} } from './types.ts'

/** Every operation of the API, by the name that its description has for it. */
export class Tagboat {
  readonly #connection: Connection

  constructor(options: ClientOptions) {
    this.#connection = new Connection(options)
  }
${methods.join('')}}
`,
)
