import type { Invocation } from './command.ts'
import { COMMANDS } from './commands.ts'
import { UsageError } from './usage-error.ts'

const SIGNALS = { SIGINT: 130, SIGTERM: 143 } as const

type Process = Pick<NodeJS.Process, 'argv' | 'env' | 'stdin' | 'stdout' | 'stderr' | 'on' | 'off' | 'exit'>

/** The command as a file by itself: it knows its version, and has no service in it. */
export interface Single {
  readonly version: string
}

/**
 * The whole command line, from arguments to exit code: 0 done, 1 failed, 2 bad usage, 130 and 143 after SIGINT and SIGTERM. The first of
 * these signals calls the command off, the second ends the process on the spot.
 */
export async function main(process: Process, single?: Single): Promise<number> {
  const { stdout, stderr, env } = process
  const stop = new AbortController()
  let ended: number | undefined
  const handlers = Object.entries(SIGNALS).map(([name, code]) => {
    const handle = (): void => {
      if (ended !== undefined) process.exit(code)
      ended = code
      stop.abort()
    }
    process.on(name as keyof typeof SIGNALS, handle)
    return [name as keyof typeof SIGNALS, handle] as const
  })
  // Whoever reads what is printed may have seen enough; the work goes on, and the exit code tells of it.
  for (const output of [stdout, stderr]) output.on('error', () => {})
  try {
    const code = await dispatch(
      process.argv.slice(2),
      {
        env,
        stdin: () => process.stdin,
        stdout,
        stderr,
        signal: stop.signal,
      },
      single,
    )
    return ended !== undefined && code !== 0 ? ended : code
  } catch (error) {
    const { printError } = await import('./print-error.ts')
    const code = printError(error, stderr, env)
    return ended ?? code
  } finally {
    for (const [name, handle] of handlers) process.off(name, handle)
  }
}

async function dispatch(
  args: readonly string[],
  given: Pick<Invocation, 'env' | 'stdin' | 'stdout' | 'stderr' | 'signal'>,
  single: Single | undefined,
): Promise<number> {
  const [name = 'help', ...rest] = args
  if (name === 'help' || name === '--help' || name === '-h') {
    const { formatCommandHelp, formatHelp } = await import('./help.ts')
    const topic = COMMANDS.find((one) => one.name === rest[0])
    const text = topic === undefined ? formatHelp() : formatCommandHelp(topic)
    // Nothing typed is bad usage; asking for help is not.
    const output = args.length === 0 ? given.stderr : given.stdout
    output.write(text)
    return args.length === 0 ? 2 : 0
  }
  if (name === 'version' || name === '--version' || name === '-V') {
    given.stdout.write(`${single?.version ?? (await readVersion())}\n`)
    return 0
  }
  const command = COMMANDS.find((one) => one.name === name)
  if (command === undefined) throw await unknownCommand(name)
  if (single !== undefined && command.service)
    throw new UsageError(
      `${name} needs the service, which is not in this file: it comes with the npm package`,
    )
  const { parseArguments } = await import('./arguments.ts')
  const { operands, options } = parseArguments(command, rest)
  if (options.has('help')) {
    const { formatCommandHelp } = await import('./help.ts')
    given.stdout.write(formatCommandHelp(command))
    return 0
  }
  const run = await command.load()
  return run({ ...given, operands, options, home: await homeOf(given.env) })
}

async function homeOf(env: Invocation['env']): Promise<string> {
  return env.HOME || (await import('node:os')).homedir()
}

async function readVersion(): Promise<string> {
  const { readFile } = await import('node:fs/promises')
  const json = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8'))
  return String(json.version)
}

async function unknownCommand(name: string): Promise<UsageError> {
  const { nearest } = await import('#serve')
  const names = COMMANDS.map((one) => one.name)
  return new UsageError(`no such command: ${JSON.stringify(name)}; the nearest is ${nearest(name, names)}`)
}
