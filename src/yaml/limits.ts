import { Lexer } from 'yaml'

/** The longest text that is read, in bytes. */
export const TEXT_LIMIT = 256 * 1024
/** How deep lists and maps may lie in each other. */
export const DEPTH_LIMIT = 64
/** How many values a text may come to, its aliases unfolded. */
export const SIZE_LIMIT = 50_000
/** How many problems are told at once. */
export const PROBLEM_LIMIT = 20

// What the lexer says between the pieces of the text: a document, a scalar, the end of a flow.
const SILENT: ReadonlySet<string> = new Set(['\x02', '\x1f', '\x18'])

/**
 * Where a text nests too deeply in one line or one flow, undefined where it does not. Looked for before the text is parsed: the parser takes
 * seconds over it. What is nested line by line cannot get deep within the length of a text.
 */
export function depthBreach(text: string): number | undefined {
  let offset = 0
  let flows = 0
  let blocks = 0
  for (const lexeme of new Lexer().lex(text)) {
    if (lexeme === '[' || lexeme === '{') flows += 1
    else if (lexeme === ']' || lexeme === '}') flows -= 1
    else if (lexeme === '-' || lexeme === '?') blocks += 1
    else if (lexeme.includes('\n')) blocks = 0
    if (flows > DEPTH_LIMIT || blocks > DEPTH_LIMIT) return offset
    if (!SILENT.has(lexeme)) offset += lexeme.length
  }
  return undefined
}
