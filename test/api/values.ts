import fc from 'fast-check'
import type { Schema } from './description.ts'

type Named = Readonly<Record<string, Schema>>

/** What no schema foresees, or few. */
const AWKWARD: readonly unknown[] = [
  null,
  true,
  '',
  ' ',
  'a\0b',
  '\ud800',
  '\u202e⁄\u0000',
  'x'.repeat(70_000),
  '../../..',
  "'; drop table --",
  '$NAME',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is meant to be one for others
  '${NAME}',
  -1,
  0,
  0.5,
  1e300,
  2 ** 31,
  2 ** 53,
  [],
  {},
  [null],
  [[[]]],
  { a: { b: {} } },
  ['a', 1, {}],
]
const EXTRA = ['__proto__', 'constructor', 'id', 'url', 'secrets', 'ownerId', 'x'.repeat(300), 'a\0', '']

/** Any JSON whatever. */
export const anything: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom(...AWKWARD),
  fc.jsonValue({ maxDepth: 3 }),
)

/** Values that a schema lets pass. `words` are texts that mean something to whoever is asked. */
export function valuesOf(schema: Schema, named: Named, words: readonly string[]): fc.Arbitrary<unknown> {
  const { $ref, anyOf, enum: fixed, type, items } = schema
  if ($ref !== undefined) return valuesOf(named[$ref.slice($ref.lastIndexOf('/') + 1)] ?? {}, named, words)
  if (anyOf !== undefined) return fc.oneof(...anyOf.map((one) => valuesOf(one, named, words)))
  if (fixed !== undefined) return fc.constantFrom(...fixed)
  if (Array.isArray(type))
    return fc.oneof(...type.map((one) => valuesOf({ ...schema, type: one }, named, words)))
  if (type === 'array')
    return fc.array(valuesOf(items ?? {}, named, words), { minLength: schema.minItems ?? 0, maxLength: 3 })
  if (type === 'object') return objectsOf(schema, named, words)
  if (type === 'string') return textsOf(schema, words)
  if (type === 'boolean') return fc.boolean()
  if (type === 'null') return fc.constant(null)
  if (type === 'integer' || type === 'number') {
    const { minimum = -10, maximum = 2 ** 31 } = schema
    return fc.oneof(
      fc.integer({ min: minimum, max: Math.min(maximum, minimum + 9) }),
      fc.integer({ min: minimum, max: maximum }),
    )
  }
  return fc.jsonValue({ maxDepth: 2 })
}

function objectsOf({ properties = {}, required = [] }: Schema, named: Named, words: readonly string[]) {
  const members = Object.entries(properties).map(([name, member]) => {
    const values = valuesOf(member, named, words)
    const always = required.includes(name)
    return [
      name,
      always ? values : fc.oneof({ weight: 4, arbitrary: fc.constant(undefined) }, values),
    ] as const
  })
  return fc
    .record(Object.fromEntries(members))
    .map((made) => Object.fromEntries(Object.entries(made).filter(([, value]) => value !== undefined)))
}

function textsOf({ minLength = 0, maxLength = 300, format }: Schema, words: readonly string[]) {
  if (format === 'date-time') return fc.date({ noInvalidDate: true }).map((date) => date.toISOString())
  const fitting = words.filter(({ length }) => length >= minLength && length <= maxLength)
  return fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...fitting) },
    fc.string({ minLength, maxLength: Math.min(maxLength, 40), unit: 'binary' }),
    fc.string({ minLength, maxLength: Math.min(maxLength, 40) }),
  )
}

/** The value with one thing in it replaced, taken away or added. */
export function spoiled(value: unknown): fc.Arbitrary<unknown> {
  const paths = pathsOf(value)
  const extra = fc.tuple(fc.constantFrom(...EXTRA), anything)
  return fc.oneof(
    fc.tuple(fc.constantFrom(...paths), anything).map(([path, by]) => replaced(value, path, () => by)),
    fc.constantFrom(...paths).map((path) => replaced(value, path, () => undefined)),
    fc
      .tuple(fc.constantFrom(...paths), extra)
      .map(([path, [name, member]]) =>
        replaced(value, path.slice(0, -1), (before) => withMember(before, name, member)),
      ),
  )
}

type Path = readonly (string | number)[]

function pathsOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path]
  return [path, ...Object.entries(value).flatMap(([name, member]) => pathsOf(member, [...path, name]))]
}

function replaced(value: unknown, [name, ...rest]: Path, change: (before: unknown) => unknown): unknown {
  if (name === undefined) return change(value)
  const changed = replaced((value as Record<string, unknown>)[name], rest, change)
  if (Array.isArray(value)) return value.with(Number(name), changed)
  return withMember(value, String(name), changed)
}

/** Own members alone, whatever their names. */
function withMember(value: unknown, name: string, member: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries([...Object.entries(value).filter(([key]) => key !== name), [name, member]])
}
