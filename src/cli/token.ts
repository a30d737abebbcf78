import { createToken, readConfig } from '#serve'
import type { Invocation } from './command.ts'
import { UsageError } from './usage-error.ts'

/** `token create NAME`: prints the token's text, which is shown this once. */
export async function token({ env, stdout, operands, options }: Invocation): Promise<number> {
  const [verb, name = ''] = operands
  if (verb !== 'create') throw new UsageError(`token: ${JSON.stringify(verb)} is not known; there is create`)
  const scopes = options
    .text('scopes')
    ?.split(',')
    .map((scope) => scope.trim())
  const days = options.text('expires-in')
  if (days !== undefined && !/^[1-9][0-9]{0,4}$/.test(days))
    throw new UsageError('token: --expires-in takes a number of days')
  const expiresInDays = days === undefined ? undefined : Number(days)
  stdout.write(`${await createToken(readConfig(env), { name, scopes, expiresInDays })}\n`)
  return 0
}
