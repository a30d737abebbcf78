import type { Content, Description, Operation } from './description.ts'

/** What an operation was asked and has answered. */
interface Example {
  readonly parameters?: Readonly<Record<string, string>>
  readonly request?: unknown
  readonly response?: unknown
}

/** The description with an example of every operation. They are read here, and only now: few ask, and a service starts without them. */
export async function withExamples(description: Description): Promise<Description> {
  const { default: examples } = await import('./examples.json', { with: { type: 'json' } })
  const known: Readonly<Record<string, Example>> = examples
  const paths = mapped(description.paths, (operations) =>
    mapped(operations, (operation) => shown(operation, known[operation.operationId] ?? {})),
  )
  return { ...description, paths }
}

function shown(operation: Operation, { parameters: given = {}, request, response }: Example): Operation {
  const { parameters, requestBody, responses } = operation
  return {
    ...operation,
    ...(parameters && {
      parameters: parameters.map((one) => ({ ...one, ...exampleOf(given[one.name]) })),
    }),
    ...(requestBody && { requestBody: filled(requestBody, request) }),
    responses: mapped(responses, (one, status) => (status.startsWith('2') ? filled(one, response) : one)),
  }
}

function filled(part: Content, example: unknown): Content {
  return part.content === undefined
    ? part
    : { ...part, content: mapped(part.content, (one) => ({ ...one, ...exampleOf(example) })) }
}

function exampleOf<T>(example: T | undefined): { readonly example?: T } {
  return example === undefined ? {} : { example }
}

function mapped<T, R>(record: Readonly<Record<string, T>>, change: (value: T, name: string) => R) {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value, name)]))
}
