import { type Credentials, RegistryError } from '#oci'
import { runProgram } from './run-program.ts'

// What docker-credential-helpers prints, on standard output, when it has nothing.
const NOT_FOUND = /credentials not found|no credentials server URL|no credentials username/i

/**
 * Asks `docker-credential-NAME get`, the registry's name on standard input. "Not found" is undefined.
 * @throws RegistryError UNAUTHORIZED with the helper's name, and never with a word it printed; CANCELLED.
 */
export async function askHelper(
  name: string,
  registry: string,
  env: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal | undefined,
  timeoutMs?: number,
): Promise<Credentials | undefined> {
  const command = `docker-credential-${name}`
  const input = registry === 'docker.io' ? 'https://index.docker.io/v1/' : registry
  const program = { name: command, command, args: ['get'], env, input }
  const { failed, output } = await runProgram(program, signal, timeoutMs)
  if (failed !== undefined && NOT_FOUND.test(output)) return undefined
  const found = failed === undefined ? parse(output) : undefined
  if (found !== undefined) return found
  const why = failed ?? 'its answer is not understood'
  throw new RegistryError('UNAUTHORIZED', `${command}: no credentials for ${registry} (${why})`)
}

function parse(output: string): Credentials | undefined {
  let json: unknown
  try {
    json = JSON.parse(output)
  } catch {
    return undefined
  }
  const { Username: username, Secret: secret } = { ...(json as Record<string, unknown> | null) }
  if (typeof username !== 'string' || typeof secret !== 'string' || secret === '') return undefined
  if (username === '<token>') return { kind: 'refresh', token: secret }
  return username === '' ? undefined : { kind: 'basic', username, password: secret }
}
