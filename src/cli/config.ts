import { readConfig, type ShownSetting } from '#serve'
import type { Invocation } from './command.ts'
import { line } from './print-result.ts'

/** `config`: every setting with its value and where it came from. Secrets never show. */
export async function showConfig({ env, options, stdout }: Invocation): Promise<number> {
  const { settings } = readConfig(env)
  stdout.write(options.has('json') ? line({ status: 'done', settings }) : formatSettings(settings))
  return 0
}

function formatSettings(settings: readonly ShownSetting[]): string {
  const rows = settings.map(({ name, value = '–', origin }) => [name, value, origin] as const)
  const width = (column: 0 | 1): number => Math.max(...rows.map((row) => row[column].length))
  const [names, values] = [width(0), Math.min(60, width(1))]
  return rows
    .map(([name, value, origin]) => `${name.padEnd(names)}  ${value.padEnd(values)}  ${origin}\n`)
    .join('')
}
