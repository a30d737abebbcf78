/**
 * `npm run bench [-- PART…]`: measures everything, or the parts that are named, one after the other, each a process that writes its own part
 * of docs/benchmarks.md. Best with TMPDIR in memory, so that what is measured is not a disk, and while nothing else runs.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

/** What is measured, by which program, and the minutes that it may take. */
const PARTS = {
  copies: { program: 'copy.ts', minutes: 12 },
  memory: { program: 'memory.ts', minutes: 5 },
  service: { program: 'service.ts', minutes: 4 },
  api: { program: 'api.ts', minutes: 2 },
} as const

const root = join(import.meta.dirname, '..')
const named = process.argv.slice(2)
const unknown = named.find((name) => !(name in PARTS))
if (unknown !== undefined)
  throw new Error(`no such part: ${unknown}; there are ${Object.keys(PARTS).join(', ')}`)

// What is measured is what people run: the bundle that `npm ci` makes, and the file that `npm run single` makes where Bun can be had.
await run('scripts/bundle.ts', [], 1)
const single = join(root, 'dist/tagboat')
const made = await run('scripts/single.ts', [single], 3).catch(() => false)
if (!made) console.error('without the single file: it could not be made')

for (const [name, { program, minutes }] of Object.entries(PARTS)) {
  if (named.length > 0 && !named.includes(name)) continue
  console.error(`\n${name}`)
  const done = await run(`bench/${program}`, made ? ['--single', single] : [], minutes)
  if (!done) process.exitCode = 1
}

/** Whether it ended well, and in time. */
async function run(program: string, args: readonly string[], minutes: number): Promise<boolean> {
  const options = ['--conditions=tagboat-source', join(root, program), ...args]
  const child = spawn(process.execPath, options, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] })
  const timer = setTimeout(() => child.kill(), minutes * 60_000)
  const [code] = await once(child, 'exit')
  clearTimeout(timer)
  if (code !== 0) console.error(`${program} did not end well`)
  return code === 0
}
