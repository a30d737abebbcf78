import { type Backup, backUp, restore as fill, readConfig } from '#serve'
import type { Invocation } from './command.ts'

/** `backup FILE`: all data into a file, or with `-` to standard output. */
export async function backup({ env, stdout, stderr, signal, operands }: Invocation): Promise<number> {
  const config = readConfig(env)
  const [file = ''] = operands
  const { rows, tables, key } = await backUp(config, file === '-' ? stdout : file, signal)
  stderr.write(
    `Backed up ${count({ rows, tables })}. They are sealed with the key ${key} in ${config.masterKeyFile}, which is not among them: keep it, elsewhere.\n`,
  )
  return 0
}

/** `restore FILE`: a backup into empty data, or with `-` from standard input. */
export async function restore({ env, stdin, stderr, signal, operands }: Invocation): Promise<number> {
  const [file = ''] = operands
  const restored = await fill(readConfig(env), file === '-' ? stdin() : file, signal)
  stderr.write(`Restored ${count(restored)}.\n`)
  return 0
}

function count({ rows, tables }: Pick<Backup, 'rows' | 'tables'>): string {
  return `${rows} ${rows === 1 ? 'row' : 'rows'} of ${tables} tables`
}
