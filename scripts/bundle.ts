/**
 * Makes one file of what a short command needs, and one of each part that others load later, in dist/bundle: a short command starts a third
 * sooner than from the sources. In a clone `start.cjs` is what `bin/tagboat` runs: the bundle while the sources are as they were, the sources
 * from the first change on. Into another folder, if one is named, goes the bundle alone; with `--if-old` nothing is made while none of them changed.
 */
import { execFileSync } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  globSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { rolldown } from 'rolldown'

const root = join(import.meta.dirname, '..')
const place = join(root, 'dist/bundle')
const start = join(place, 'start.cjs')
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { 'if-old': { type: 'boolean' } },
})
// Before the sources are read: what is changed meanwhile is then newer than what was noted.
const sources = JSON.stringify(
  globSync('src/**/*.{ts,json}', { cwd: root }).map((path) => [path, timeOf(path)]),
)
if (values['if-old'] && existsSync(start) && readFileSync(start, 'utf8').includes(sources)) process.exit()

const [elsewhere] = positionals
// Beside the old one first, which a process may be loading from.
const folder = resolve(elsewhere ?? `${place}.${process.pid}`)
rmSync(folder, { recursive: true, force: true })

/** What every copy loads, with all that it imports: one file is read sooner than twenty. */
const SHORT = /src.(cli.(run|arguments|copy|passwords|print-error)|oci.http.dial)\.ts$/

/** Packages of hundreds of small modules, each of which Node would look for by itself: a third of the time that a service takes to start. */
const INSIDE = ['kysely', 'typebox']

const bundle = await rolldown({
  input: join(root, 'src/cli/main.ts'),
  platform: 'node',
  checks: { ineffectiveDynamicImport: false },
  resolve: { conditionNames: ['tagboat-source', 'node', 'import'] },
  external: (id) => /^[^./#]/.test(id) && !INSIDE.includes(id.split('/', 1)[0] ?? ''),
})
const { output } = await bundle.write({
  dir: folder,
  // Modules of the older kind: Node loads them in two thirds of the time.
  format: 'cjs',
  entryFileNames: '[name].cjs',
  chunkFileNames: '[name].cjs',
  codeSplitting: { groups: [{ name: 'short', test: SHORT }] },
})
await bundle.close()

for (const name of INSIDE) copyLicence(name)

if (elsewhere === undefined) {
  writeStart()
  rmSync(place, { recursive: true, force: true })
  renameSync(folder, place)
  warm(output.map(({ fileName }) => fileName))
}

/** The licences of what is inside ask for that. */
function copyLicence(name: string): void {
  const [file = ''] = globSync('{LICENSE,license}', { cwd: join(root, 'node_modules', name) })
  copyFileSync(join(root, 'node_modules', name, file), join(folder, `LICENSE.${name}`))
}

function writeStart(): void {
  writeFileSync(
    join(folder, 'start.cjs'),
    `const { statSync } = require('node:fs')
const root = __dirname + '/../../'
const sources = ${sources}
const same = ([path, time]) => statSync(root + path, { throwIfNoEntry: false })?.mtimeMs === time
if (sources.every(same)) require('./main.cjs')
else import('../../src/cli/main.ts')
`,
  )
}

/** Compiled, and kept where `bin/tagboat` looks: the first command is then as quick, and as small, as the next ones. */
function warm(files: readonly string[]): void {
  // Not the one that does something when it is loaded.
  const paths = files.filter((name) => name !== 'main.cjs').map((name) => join(place, name))
  const load = `for (const path of ${JSON.stringify(paths)}) require(path)`
  const NODE_COMPILE_CACHE = join(root, 'node_modules/.cache/tagboat')
  // Node keeps apart what other flags compiled.
  for (const [, flags = ''] of readFileSync(join(root, 'bin/tagboat'), 'utf8').matchAll(/heap='(.*)'/g)) {
    const env = { ...process.env, NODE_COMPILE_CACHE }
    execFileSync(process.execPath, [...flags.split(' '), '-e', load], { env })
  }
}

function timeOf(path: string): number {
  return statSync(join(root, path)).mtimeMs
}
