import { permissionsOf, SCOPES } from '#model'
import type { Config } from './config.ts'
import { openStoreOf } from './data.ts'
import { createLog } from './log.ts'
import { StartError } from './start-error.ts'

const DAY_MS = 86_400_000

/** What is asked of a new token. */
export interface TokenRequest {
  readonly name: string
  /** Undefined: all. */
  readonly scopes: readonly string[] | undefined
  readonly expiresInDays: number | undefined
}

/**
 * Makes a token for the owner and answers with its text, also beside a running service.
 * @throws StartError for a scope that does not exist, or data that cannot be opened.
 */
export async function createToken(config: Config, request: TokenRequest): Promise<string> {
  const { name, scopes = Object.keys(SCOPES), expiresInDays } = request
  const unknown = scopes.find((scope) => permissionsOf(scope) === undefined)
  if (unknown !== undefined)
    throw new StartError(`no such scope: ${unknown}; there are ${Object.keys(SCOPES).join(', ')}`)
  const log = createLog('silent')
  const open = await openStoreOf(config, log, { beside: true })
  try {
    const { id: personId } = await open.store.tokens.owner()
    const expiresAt = expiresInDays === undefined ? undefined : new Date(Date.now() + expiresInDays * DAY_MS)
    const { text } = await open.store.tokens.create({ personId, name, scopes, workspaces: [], expiresAt })
    return text.reveal()
  } finally {
    await open.close()
  }
}
