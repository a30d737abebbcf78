/**
 * Makes one file of the command, and one of each part that it loads later, in dist/bundle: a short command starts a fifth sooner than from the
 * sources. In a clone `start.js` is what `bin/tagboat` runs: the bundle while the sources are as they were, the sources from the first change on.
 * Into another folder, if one is named, goes the bundle alone.
 */
import { globSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { enableCompileCache, flushCompileCache } from 'node:module'
import { join, resolve } from 'node:path'
import { rolldown } from 'rolldown'

const root = join(import.meta.dirname, '..')
const [, , elsewhere] = process.argv
const folder = elsewhere === undefined ? join(root, 'dist/bundle') : resolve(elsewhere)
rmSync(folder, { recursive: true, force: true })

// Before the sources are read: what is changed meanwhile is then newer than what was noted.
const sources = globSync('src/**/*.ts', { cwd: root }).map((path) => [path, timeOf(path)])
const bundle = await rolldown({
  input: join(root, 'src/cli/main.ts'),
  platform: 'node',
  resolve: { conditionNames: ['tagboat-source', 'node', 'import'] },
  external: (id) => /^[^./#]/.test(id),
})
const { output } = await bundle.write({ dir: folder, format: 'esm', chunkFileNames: '[name].js' })
await bundle.close()

if (elsewhere === undefined) {
  writeStart()
  await warm(output.map(({ fileName }) => fileName))
}

function writeStart(): void {
  writeFileSync(
    join(folder, 'start.js'),
    `import { statSync } from 'node:fs'
const root = new URL('../../', import.meta.url)
const sources = ${JSON.stringify(sources)}
const same = ([path, time]) => statSync(new URL(path, root), { throwIfNoEntry: false })?.mtimeMs === time
await import(sources.every(same) ? './main.js' : '../../src/cli/main.ts')
`,
  )
}

/** Compiled, and kept where `bin/tagboat` looks: the first command is then as quick, and as small, as the next ones. */
async function warm(files: readonly string[]): Promise<void> {
  enableCompileCache(join(root, 'node_modules/.cache/tagboat'))
  // Not the one that does something when it is loaded.
  const quiet = files.filter((name) => name !== 'main.js')
  await Promise.all(quiet.map((name) => import(join(folder, name))))
  flushCompileCache()
}

function timeOf(path: string): number {
  return statSync(join(root, path)).mtimeMs
}
