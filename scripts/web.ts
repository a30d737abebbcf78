/** Builds the pages into web/dist, if that is missing or older than what it is made of; `--force` builds anyway. */
import { globSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, gzip, constants as zlib } from 'node:zlib'

const root = join(import.meta.dirname, '..')
const web = join(root, 'web')
const dist = join(web, 'dist')

if (process.argv.includes('--force') || !isFresh()) await buildWeb()

function isFresh(): boolean {
  const sources = globSync(['web/{src,public}/**', 'web/*.*'], { cwd: root })
  const built = timeOf(join(dist, 'index.html'))
  return [...sources, 'package-lock.json', 'docs/errors.md'].every((path) => timeOf(join(root, path)) < built)
}

function timeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0
}

/** Beside the old one, and then in its place: a service that runs is never without pages for longer than that. */
async function buildWeb(): Promise<void> {
  const { build } = await import('vite')
  const fresh = join(root, 'node_modules/.cache', `tagboat-web-${process.pid}`)
  try {
    await build({ configFile: join(web, 'vite.config.ts'), build: { outDir: fresh } })
    await compress(fresh)
    rmSync(dist, { recursive: true, force: true })
    renameSync(fresh, dist)
  } finally {
    rmSync(fresh, { recursive: true, force: true })
  }
}

/** What is text is kept compressed too, for the service to send as it is. */
async function compress(folder: string): Promise<void> {
  const files = globSync('**/*.{js,css,svg}', { cwd: folder })
  const brotli = { params: { [zlib.BROTLI_PARAM_QUALITY]: 9 } }
  await Promise.all(
    files.map(async (file) => {
      const bytes = readFileSync(join(folder, file))
      writeFileSync(join(folder, `${file}.gz`), await promisify(gzip)(bytes, { level: 9 }))
      writeFileSync(join(folder, `${file}.br`), await promisify(brotliCompress)(bytes, brotli))
    }),
  )
}
