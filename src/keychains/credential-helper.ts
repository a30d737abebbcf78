import { type ChildProcess, spawn } from 'node:child_process'
import { type Credentials, RegistryError } from '#oci'

const TIMEOUT_MS = 30_000
const OUTPUT_BYTES = 128 * 1024
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
  timeoutMs: number = TIMEOUT_MS,
): Promise<Credentials | undefined> {
  const program = `docker-credential-${name}`
  const failed = (why: string): RegistryError =>
    new RegistryError('UNAUTHORIZED', `${program}: no credentials for ${registry} (${why})`)
  const cancelled = (): RegistryError => new RegistryError('CANCELLED', `${program}: cancelled`)
  if (signal?.aborted) throw cancelled()
  const child = spawn(program, ['get'], {
    env: { ...env },
    stdio: ['pipe', 'pipe', 'ignore'],
    detached: true,
  })
  const timeout = AbortSignal.timeout(timeoutMs)
  const stop = signal === undefined ? timeout : AbortSignal.any([signal, timeout])
  const kill = (): void => end(child)
  stop.addEventListener('abort', kill, { once: true })
  try {
    const { status, output } = await run(child, registry)
    if (signal?.aborted) throw cancelled()
    if (timeout.aborted) throw failed(`no answer within ${timeoutMs / 1000} s`)
    if (status !== 0 && NOT_FOUND.test(output)) return undefined
    if (status !== 0) throw failed(typeof status === 'string' ? status : `it ended with status ${status}`)
    const found = parse(output)
    if (found === undefined) throw failed('its answer is not understood')
    return found
  } finally {
    stop.removeEventListener('abort', kill)
  }
}

async function run(
  child: ChildProcess,
  registry: string,
): Promise<{ readonly status: number | string; readonly output: string }> {
  const { promise, resolve } = Promise.withResolvers<number | string>()
  child.once('error', (error: NodeJS.ErrnoException) =>
    resolve(error.code === 'ENOENT' ? 'it is not on the PATH' : `it cannot be started: ${error.code}`),
  )
  child.once('close', (status, ended) => resolve(status ?? `it was ended by ${ended}`))
  let output = ''
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    output += text
    if (output.length > OUTPUT_BYTES) end(child)
  })
  // A helper that does not read its input is not to end this process.
  child.stdin?.on('error', () => {})
  child.stdin?.end(registry === 'docker.io' ? 'https://index.docker.io/v1/' : registry)
  return { status: await promise, output }
}

// The helper may have started others, which hold its output open: they are one group.
function end(child: ChildProcess): void {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch {
    child.kill('SIGKILL')
  }
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
