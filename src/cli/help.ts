import type { Command, Option } from './command.ts'
import { COMMANDS } from './commands.ts'

/** The help of all commands. */
export function formatHelp(): string {
  const usages = COMMANDS.map((command) => [usageOf(command), command.summary] as const)
  return `Usage: tagboat COMMAND [OPTIONS]

Promotes container images: retags or copies them, digest unchanged.

${table(usages)}

tagboat COMMAND --help shows a command's options. tagboat --version shows the version.
References may carry http:// or https://; loopback hosts default to http, all others to https.
Exit codes: 0 done, 1 failed, 2 bad usage.
`
}

/** The help of one command. */
export function formatCommandHelp(command: Command): string {
  const options = command.options.map((option) => [formatOption(option), option.summary] as const)
  return `Usage: tagboat ${usageOf(command)} [OPTIONS]

${command.summary}.

${table(options)}
`
}

function usageOf({ name, operands }: Command): string {
  return [name, ...operands].join(' ')
}

function formatOption({ name, value, repeatable }: Option): string {
  return `--${name}${value === undefined ? '' : ` ${value}`}${repeatable ? ' …' : ''}`
}

function table(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(0, ...rows.map(([left]) => left.length))
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`).join('\n')
}
