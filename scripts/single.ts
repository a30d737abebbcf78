/**
 * `npm run single [-- FILE]`: the command as one executable file for this machine, dist/tagboat unless said otherwise. Made by Bun, which npm
 * fetches for the purpose: it is no dependency, since nothing else needs it and it is large.
 */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const BUN = 'bun@1.4.5'

const root = join(import.meta.dirname, '..')
const file = resolve(process.argv[2] ?? join(root, 'dist/tagboat'))
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const args = [
  ...['exec', '--yes', `--package=${BUN}`, '--', 'bun', 'build', '--compile', '--minify'],
  // What lies in the folder where somebody uses it is none of its business: a bunfig.toml there could have it run anything.
  ...['--no-compile-autoload-dotenv', '--no-compile-autoload-bunfig'],
  // Compiled ahead, which takes modules of the older kind: what asks for its own address there is not in this file.
  ...['--bytecode', '--format=cjs', '--define', 'import.meta.url=""'],
  ...['--define', `VERSION=${JSON.stringify(version)}`],
  // The service stays out, and with it what only it keeps.
  ...['--conditions=tagboat-source', '--external', '*/service.ts', '--external', '#store'],
  ...[join(root, 'src/cli/single.ts'), '--outfile', file],
]
execFileSync('npm', args, { cwd: root, stdio: 'inherit' })
// Bun writes a file also where it could not compile everything, and calls that a success. In this folder it fails if it reads what Bun reads.
const folder = mkdtempSync(join(tmpdir(), 'tagboat-single-'))
try {
  writeFileSync(join(folder, 'bunfig.toml'), 'preload = ["./nothing.ts"]')
  assert.equal(execFileSync(file, ['--version'], { cwd: folder, encoding: 'utf8' }).trim(), version)
} finally {
  rmSync(folder, { recursive: true })
}
