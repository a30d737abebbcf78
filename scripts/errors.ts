/** Writes docs/errors.md: every code that a promotion or the API can fail with, as the sources have it. `--check` only compares. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const page = join(root, 'docs', 'errors.md')

const PARTS = [
  [
    'What registries say',
    'src/oci/errors.ts',
    'SpecCode',
    'The codes of the OCI distribution spec, whichever registry said it and however.',
  ],
  [
    'What Tagboat finds out about registries',
    'src/oci/errors.ts',
    'OwnCode',
    'The same on the command line and in an execution.',
  ],
  [
    'What a promotion finds out',
    'src/promotion/errors.ts',
    'PromotionErrorCode',
    'About source and target together.',
  ],
  ['What an execution finds out', 'src/engine/failure.ts', 'ActionErrorCode', 'In the service alone.'],
  ['What the API answers', 'src/model/errors.ts', 'ModelErrorCode', 'As `code` of an error.'],
  [
    'What the API cannot do for the moment',
    'src/model/errors.ts',
    'StoreErrorCode',
    'Also as `code` of an error, with status 503 and a `Retry-After`.',
  ],
  [
    'What HTTP itself refuses',
    'src/api/errors.ts',
    'HttpErrorCode',
    'Also as `code` of an error, where no rule of the model said no.',
  ],
  [
    'What a text of pipelines has wrong',
    'src/yaml/errors.ts',
    'YamlErrorCode',
    'Also as `code` of an error, with the line and the column.',
  ],
] as const

/** The members of a union that have a comment beside them. */
function codesOf(file: string, type: string): [string, string][] {
  const text = readFileSync(join(root, file), 'utf8')
  const start = text.indexOf(`export type ${type} =`)
  const union = text.slice(start, text.indexOf('\n\n', start))
  return [...union.matchAll(/^ {2}\| '([A-Z_]+)' \/\/ (.+)$/gm)].map(([, code = '', meaning = '']) => [
    code,
    meaning,
  ])
}

function table(title: string, file: string, type: string, about: string): string {
  const rows = codesOf(file, type).map(([code, meaning]) => `| \`${code}\` | ${meaning} |`)
  return `## ${title}\n\n${about}\n\n| code | means |\n|---|---|\n${rows.join('\n')}\n`
}

const text = `# Error codes

A failure has a code, where there are two sides the side, whether another try could help, and a message that reads *where: what (why)*. The
command line prints \`CODE side: message\`; an action execution has \`error_code\`, \`error_side\` and \`error_message\`. This page is made of the
sources by \`node scripts/errors.ts\`.

${PARTS.map(([title, file, type, about]) => table(title, file, type, about)).join('\n')}`

if (process.argv.includes('--check')) process.exitCode = readFileSync(page, 'utf8') === text ? 0 : 1
else writeFileSync(page, text)
