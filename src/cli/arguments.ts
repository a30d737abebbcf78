import { parseArgs } from 'node:util'
import { type Command, Options } from './command.ts'
import { UsageError } from './usage-error.ts'

/** What was typed behind a command's name. */
export interface Arguments {
  readonly operands: readonly string[]
  readonly options: Options
}

/** @throws UsageError for unknown options, missing values and a wrong number of operands. */
export function parseArguments(command: Command, args: readonly string[]): Arguments {
  const known = Object.fromEntries(
    [...command.options, { name: 'help' }].map((option) => [
      option.name,
      { type: 'value' in option ? ('string' as const) : ('boolean' as const), multiple: true },
    ]),
  )
  let parsed: ReturnType<typeof parse>
  try {
    parsed = parse(args, known)
  } catch (error) {
    throw new UsageError(firstSentence(error))
  }
  const given = new Map(
    Object.entries(parsed.values).map(([name, values]) => [name, [values ?? []].flat().map(String)]),
  )
  for (const { name, repeatable } of command.options) {
    if (!repeatable && (given.get(name)?.length ?? 0) > 1) throw new UsageError(`--${name} is given twice`)
  }
  const options = new Options(given)
  const { instead } = command
  if (instead !== undefined && options.has(instead)) {
    if (parsed.positionals.length > 0)
      throw new UsageError(
        `${command.name}: with --${instead} there is neither ${command.operands.join(' nor ')}`,
      )
  } else if (!options.has('help')) checkOperands(command, parsed.positionals)
  return { operands: parsed.positionals, options }
}

function parse(
  args: readonly string[],
  options: Record<string, { type: 'string' | 'boolean'; multiple: boolean }>,
) {
  return parseArgs({ args: [...args], options, allowPositionals: true, strict: true })
}

function checkOperands(command: Command, operands: readonly string[]): void {
  const missing = command.operands[operands.length]
  // In brackets: may be left out.
  if (missing !== undefined && !missing.startsWith('['))
    throw new UsageError(`${command.name}: ${missing} is missing`)
  if (operands.length > command.operands.length) {
    const takes = command.operands.length === 0 ? 'nothing' : command.operands.join(' and ')
    throw new UsageError(`${command.name} takes ${takes}, and no more`)
  }
}

function firstSentence(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  return text.split(/\.\s|\n/, 1)[0] ?? text
}
