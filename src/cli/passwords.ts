import { StringDecoder } from 'node:string_decoder'
import type { Invocation } from './command.ts'
import { UsageError } from './usage-error.ts'

const LIMIT = 1024 * 1024

/**
 * The first `count` lines of standard input, without their ends. `whose` are for the message when one is missing.
 * @throws UsageError when standard input is a terminal, where what is typed would show, or has too few lines.
 */
export async function readPasswords(
  stdin: Invocation['stdin'],
  whose: readonly string[],
): Promise<readonly string[]> {
  if (whose.length === 0) return []
  const input = stdin()
  if (input.isTTY) throw new UsageError('passwords are read from standard input, one a line: pipe them in')
  const decoder = new StringDecoder('utf8')
  let text = ''
  for await (const chunk of input) {
    text += decoder.write(chunk)
    if (text.split('\n').length > whose.length || text.length > LIMIT) break
  }
  const lines = text.split('\n').map((line) => line.replace(/\r$/, ''))
  return whose.map((one, index) => {
    const line = lines[index] ?? ''
    if (line === '') throw new UsageError(`standard input has no password for ${one} (line ${index + 1})`)
    return line
  })
}
