import AjvCompiler from '@fastify/ajv-compiler'
import type { FastifyInstance, FastifySchemaCompiler } from 'fastify'

type Validate = ReturnType<FastifySchemaCompiler<unknown>>

/** Bodies are held against their schemas as they are: nothing is coerced, filled in or taken away. */
const OPTIONS = {
  coerceTypes: false,
  removeAdditional: false,
  useDefaults: false,
  allErrors: false,
  strictSchema: false,
}

/** Each schema is compiled when the first request comes that it is for: all of them at once are a quarter of what a service costs to start. */
export function validateRequests(app: Pick<FastifyInstance, 'setValidatorCompiler'>): void {
  const compile = AjvCompiler()({}, { customOptions: OPTIONS }) as FastifySchemaCompiler<unknown>
  app.setValidatorCompiler((route) => {
    let compiled: Validate | undefined
    const validate: Validate = (value: unknown) => {
      compiled ??= compile(route)
      const fits = compiled(value)
      validate.errors = compiled.errors ?? null
      return fits
    }
    return validate
  })
}
