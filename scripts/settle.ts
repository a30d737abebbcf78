import { readFileSync, writeFileSync } from 'node:fs'

/** Writes a file that is made of others; with `--check` it is only compared, and the process fails where it differs. */
export function settle(file: string, text: string): void {
  if (!process.argv.includes('--check')) writeFileSync(file, text)
  else if (readFileSync(file, 'utf8') !== text) {
    process.exitCode = 1
    console.error(`${file} is not what it is made of: npm run docs`)
  }
}
