import { StringDecoder } from 'node:string_decoder'
import { RegistryError } from '#oci'
import type { Invocation } from './command.ts'
import { UsageError } from './usage-error.ts'

const LIMIT = 1024 * 1024
const JSON_KEY = '_json_key'

/**
 * The first lines of standard input, without their ends, one for each of `whose`. What belongs to Google's `_json_key` is a document, and may
 * be as many lines as it has.
 * @throws UsageError when standard input is a terminal, where what is typed would show, or has too few lines; RegistryError CANCELLED.
 */
export async function readPasswords(
  stdin: Invocation['stdin'],
  whose: readonly string[],
  signal: AbortSignal,
): Promise<readonly string[]> {
  if (whose.length === 0) return []
  const input = stdin()
  if (input.isTTY) throw new UsageError('passwords are read from standard input, one a line: pipe them in')
  const decoder = new StringDecoder('utf8')
  const documents = whose.includes(JSON_KEY)
  let text = ''
  const stop = (): void =>
    void input.destroy(new RegistryError('CANCELLED', 'cancelled while passwords were waited for'))
  signal.addEventListener('abort', stop, { once: true })
  if (signal.aborted) stop()
  try {
    for await (const chunk of input) {
      text += decoder.write(chunk)
      if ((!documents && text.split('\n').length > whose.length) || text.length > LIMIT) break
    }
  } finally {
    signal.removeEventListener('abort', stop)
  }
  const lines = text.split('\n').map((line) => line.replace(/\r$/, ''))
  return whose.map((one) => {
    const password = (one === JSON_KEY && takeDocument(lines)) || lines.shift() || ''
    if (password === '') throw new UsageError(`standard input has no password for ${one}`)
    return password
  })
}

/** Takes the JSON document that the lines begin with, if they do. */
function takeDocument(lines: string[]): string | undefined {
  if (!lines[0]?.trimStart().startsWith('{')) return undefined
  for (let count = 1; count <= lines.length; count++) {
    const text = lines.slice(0, count).join('\n')
    // A document can only end where an object does.
    if (!text.trimEnd().endsWith('}') || !isJson(text)) continue
    lines.splice(0, count)
    return text
  }
  return undefined
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
