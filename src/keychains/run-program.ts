import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { RegistryError } from '#oci'

/** A program that a person's configuration names, to be asked for credentials. */
export interface Program {
  /** What it is called in messages. */
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
  /** The command is a line for the shell. */
  readonly shell?: boolean
  readonly env: Readonly<Record<string, string | undefined>>
  readonly input: string
}

const TIMEOUT_MS = 30_000
const OUTPUT_BYTES = 128 * 1024

/**
 * Runs it to its end and answers with what it printed; `failed` is why it did not end well. Its standard error is not looked at.
 * @throws RegistryError CANCELLED
 */
export async function runProgram(
  program: Program,
  signal: AbortSignal | undefined,
  timeoutMs: number = TIMEOUT_MS,
): Promise<{ readonly failed: string | undefined; readonly output: string }> {
  const { command, args, shell = false, env, input } = program
  const cancelled = (): RegistryError => new RegistryError('CANCELLED', `${program.name}: cancelled`)
  if (signal?.aborted) throw cancelled()
  const options: SpawnOptions = { env: { ...env }, shell, stdio: ['pipe', 'pipe', 'ignore'], detached: true }
  const child = spawn(command, args, options)
  const timeout = AbortSignal.timeout(timeoutMs)
  const stop = signal === undefined ? timeout : AbortSignal.any([signal, timeout])
  const kill = (): void => end(child)
  stop.addEventListener('abort', kill, { once: true })
  try {
    const { failed, output } = await run(child, input)
    if (signal?.aborted) throw cancelled()
    return { failed: timeout.aborted ? `no answer within ${timeoutMs / 1000} s` : failed, output }
  } finally {
    stop.removeEventListener('abort', kill)
  }
}

async function run(
  child: ChildProcess,
  input: string,
): Promise<{ readonly failed: string | undefined; readonly output: string }> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>()
  child.once('error', (error: NodeJS.ErrnoException) =>
    resolve(error.code === 'ENOENT' ? 'it is not on the PATH' : `it cannot be started: ${error.code}`),
  )
  child.once('close', (status, ended) => {
    if (status === 0) resolve(undefined)
    else resolve(status === null ? `it was ended by ${ended}` : `it ended with status ${status}`)
  })
  let output = ''
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    output += text
    if (output.length > OUTPUT_BYTES) end(child)
  })
  // A program that does not read its input is not to end this process.
  child.stdin?.on('error', () => {})
  child.stdin?.end(input)
  return { failed: await promise, output }
}

// It may have started others, which hold its output open: they are one group.
function end(child: ChildProcess): void {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch {
    child.kill('SIGKILL')
  }
}
