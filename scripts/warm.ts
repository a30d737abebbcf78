/**
 * Compiles the sources once after an installation and keeps the result beside the packages, where `bin/tagboat` looks for it: the first command
 * is then as quick, and as small, as the next ones.
 */
import { globSync } from 'node:fs'
import { enableCompileCache, flushCompileCache } from 'node:module'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
enableCompileCache(join(root, 'node_modules', '.cache', 'tagboat'))
const files = globSync('src/**/*.ts', { cwd: root })
// The one that does something when it is loaded.
const quiet = files.filter((file) => !file.endsWith(join('cli', 'main.ts')))
await Promise.all(quiet.map((file) => import(join(root, file))))
flushCompileCache()
