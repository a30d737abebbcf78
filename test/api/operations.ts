import type { Answer } from './api.ts'
import { differences, type Operation, type Schema } from './description.ts'

/** What the API says of itself. */
export interface Description {
  readonly paths: Record<string, Record<string, Operation>>
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> }
}

/** An operation, and where it is. */
export interface Place {
  readonly method: string
  readonly template: string
  readonly operation: Operation
}

/** All operations that end; a stream has no end while its execution has none. */
export function placesIn({ paths }: Description): readonly Place[] {
  return Object.entries(paths)
    .flatMap(([template, operations]) =>
      Object.entries(operations).map(([method, operation]) => ({
        method: method.toUpperCase(),
        template,
        operation,
      })),
    )
    .filter(({ operation }) => !operation.responses[200]?.content['text/event-stream'])
}

/** The names that a path is made of. */
export function partsOf(template: string): readonly string[] {
  return [...template.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name)
}

/** The path that these keys make. */
export function pathOf(template: string, keyOf: (name: string) => string | number): string {
  return template.replaceAll(/\{(\w+)\}/g, (_, name: string) => String(keyOf(name)))
}

/** What of an answer is otherwise than the description promises for all. */
export function breachesOf(operation: Operation, answer: Answer, { components }: Description): string[] {
  const { status, body, text } = answer
  if (status >= 500) return [`${status} ${text}`]
  const described = operation.responses[status] ?? operation.responses[`${String(status)[0]}XX`]
  if (described === undefined) return [`${status} is not described`]
  const { schema } = described.content?.['application/json'] ?? {}
  const wrong =
    schema === undefined || body === undefined ? [] : differences(body, schema, components.schemas)
  return [...wrong, ...errorBreachesOf(answer)]
}

/** What of a refusal is otherwise than all are. */
export function errorBreachesOf({ status, headers, body, text }: Answer): string[] {
  const wrong = Number(headers['x-rate-limit-reset']) * 1000 > Date.now() - 1000 ? [] : ['the reset is over']
  if (status < 400) return wrong
  const [error] = body?.errors ?? []
  if (headers['content-type'] !== 'application/json') wrong.push(`it is ${headers['content-type']}`)
  if (!/^[A-Z_]+$/.test(error?.code) || !error?.message) wrong.push(`${text} is no error of ours`)
  return wrong
}
