import { STATUS_CODES } from 'node:http'
import swagger from '@fastify/swagger'
import type { FastifyInstance } from 'fastify'

/** Has the routes that are registered from now on described in OpenAPI 3.1. */
export async function describeRoutes(app: Pick<FastifyInstance, 'register'>, version: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Tagboat',
        version,
        description: 'Promotes container images. Compatible with Buddy around the action PROMOTE_IMAGE.',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
      security: [{ token: [] }],
    },
    transformObject: (made) => ('openapiObject' in made ? tidy(made.openapiObject) : {}),
  })
}

/** Schemas that have a title get a place of their own, operations refer to them by it, and statuses are called by their names. */
function tidy<T extends object>(description: T): T {
  const schemas = new Map<string, unknown>()
  const tidied = Object.fromEntries(
    Object.entries(description).map(([name, part]) => [name, name === 'paths' ? moved(part, schemas) : part]),
  )
  const { components } = tidied
  const sorted = Object.fromEntries([...schemas].sort(([one], [other]) => (one < other ? -1 : 1)))
  return { ...tidied, components: { ...components, schemas: sorted } } as T
}

function moved(part: unknown, schemas: Map<string, unknown>): unknown {
  if (Array.isArray(part)) return part.map((one) => moved(one, schemas))
  if (typeof part !== 'object' || part === null) return part
  const copy = Object.fromEntries(
    Object.entries(part).map(([name, value]) =>
      name === 'responses'
        ? [name, withNames(moved(value, schemas) as object)]
        : [name, moved(value, schemas)],
    ),
  )
  const { title, ...schema } = copy
  if (typeof title !== 'string') return copy
  const known = schemas.get(title)
  if (known !== undefined && JSON.stringify(known) !== JSON.stringify(schema))
    throw new TypeError(`two schemas are called ${title}`)
  schemas.set(title, schema)
  return { $ref: `#/components/schemas/${title}` }
}

function withNames(responses: object): object {
  return Object.fromEntries(
    Object.entries(responses).map(([status, response]) => {
      const { description, ...more } = response as { readonly description: string }
      return [status, { description: STATUS_CODES[status] ?? description, ...more }]
    }),
  )
}
