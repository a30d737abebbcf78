import { type Static, Type } from 'typebox'
import type { Json, JsonObject } from '#model'
import { type Definition, formatDiff } from '#yaml'
import { invalid } from '../errors.ts'
import type { Finder } from '../finder.ts'
import { PipelineView } from './full-pipeline.ts'
import { ShortPipelineView } from './pipeline.ts'
import { HtmlUrl, Url, YamlText } from './schema.ts'
import type { VariableBodies } from './variable.ts'

export const YamlBody = Type.Object({ yaml: YamlText })
const Yaml = Type.String({ description: 'In Base64' })
/** Pipelines as text, on their way out. */
export const YamlView = Type.Object({ url: Url, html_url: HtmlUrl, yaml: Yaml }, { title: 'PipelinesAsYaml' })
/** What would become of pipelines. */
export const YamlChange = Type.Object(
  {
    url: Url,
    html_url: HtmlUrl,
    changed: Type.Boolean(),
    yaml: Yaml,
    previous_yaml: Yaml,
    diff: Type.String({ description: 'From one to the other, line by line, in the unified form' }),
  },
  { title: 'PipelinesChange' },
)
/** The first pipeline of a text, and all of them. */
export const AppliedView = Type.Object({
  ...PipelineView.properties,
  pipelines: Type.Array(ShortPipelineView),
})

/** The text that was sent. */
export function decodeYaml(yaml: string): string {
  const base64 = yaml.replace(/\s+/g, '')
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) throw invalid('yaml', 'is to be in Base64')
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(base64, 'base64'))
  } catch {
    throw invalid('yaml', 'is not UTF-8')
  }
}

export function encodeYaml(text: string): string {
  return Buffer.from(text).toString('base64')
}

/** The texts of pipelines before and after. */
export function encodeChange({ before, after }: { readonly before: string; readonly after: string }) {
  return {
    changed: before !== after,
    yaml: encodeYaml(after),
    previous_yaml: encodeYaml(before),
    diff: formatDiff(before, after),
  }
}

/** A schema as it is looked into here. */
interface Schema {
  readonly type?: string
  readonly items?: Schema
  readonly properties?: Readonly<Record<string, Schema>>
  readonly anyOf?: readonly Schema[]
}

/** The body of a definition, where a text is wanted the one that was written: `1.10` is a tag before it is a number. */
export function decodeBody(definition: Definition, schema: object): JsonObject {
  return inWords(definition.body, schema, definition, []) as JsonObject
}

function inWords(value: Json, schema: Schema, definition: Definition, path: readonly string[]): Json {
  const { type, items, properties, anyOf } = schema
  if (typeof value === 'number' || typeof value === 'boolean') {
    const wanted = [type, ...(anyOf ?? []).map((one) => one.type)]
    const fits = wanted.some(
      (one) => one === typeof value || (one === 'integer' && typeof value === 'number'),
    )
    return wanted.includes('string') && !fits ? (definition.textAt(path) ?? value) : value
  }
  if (Array.isArray(value))
    return value.map((one, index) => inWords(one, items ?? {}, definition, [...path, String(index)]))
  if (typeof value !== 'object' || value === null || properties === undefined) return value
  const members = Object.entries(value).map(([name, member]) => {
    const known = Object.hasOwn(properties, name) ? properties[name] : undefined
    return [name, inWords(member, known ?? {}, definition, [...path, name])]
  })
  return Object.fromEntries(members)
}

/** Of what a view says, what can be sent, as far as a blank one says otherwise. */
export function saidOf(view: object, blank: object, body: { readonly properties: object }): JsonObject {
  const [said, silent] = [view, blank].map((one) => JSON.parse(JSON.stringify(one)) as JsonObject)
  const members = Object.keys(body.properties).flatMap((name): [string, Json][] => {
    const value = said?.[name]
    const same = JSON.stringify(value) === JSON.stringify(silent?.[name])
    return value === undefined || value === null || same ? [] : [[name, value]]
  })
  return Object.fromEntries(members)
}

/** The same permissions for whom they name by address and by name, by their numbers. */
export async function withIds(body: JsonObject, finder: Finder): Promise<JsonObject> {
  const { permissions } = body
  if (typeof permissions !== 'object' || permissions === null || Array.isArray(permissions)) return body
  const numbered = async (
    who: 'users' | 'groups',
    find: (one: JsonObject, field: string) => Promise<number>,
  ) => {
    const list = (permissions as JsonObject)[who]
    if (!Array.isArray(list)) return {}
    const entries = list.map(async ({ email, name, ...one }, index) =>
      one.id === undefined ? { ...one, id: await find({ email, name }, `permissions.${who}.${index}`) } : one,
    )
    return { [who]: await Promise.all(entries) }
  }
  const users = await numbered('users', ({ email }, field) => finder.person({ email: String(email) }, field))
  const groups = await numbered('groups', ({ name }, field) => finder.group({ name: String(name) }, field))
  return { ...body, permissions: { ...permissions, ...users, ...groups } }
}

/** Variables that are as they are sent, whatever they were before; undefined: they stay. */
export function completeVariables(
  variables: Static<typeof VariableBodies> | undefined,
): Static<typeof VariableBodies> | undefined {
  return variables?.map((variable) => ({ ...UNSAID, ...variable }))
}

/** A variable of which nothing was said but its key, its value and whether that is secret. */
export const UNSAID = {
  settable: false,
  run_only_settable: false,
  description: '',
  file_place: 'NONE',
  file_path: '',
  file_chmod: '',
} as const
