import { readFileSync, writeFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { join } from 'node:path'

const docs = join(import.meta.dirname, '..', 'docs')

/**
 * Puts what was measured in its place in docs/benchmarks.md, `<!-- part: begin -->` to `<!-- part: end -->`. What stands around it is written
 * by hand and stays.
 */
export function writePart(part: string, text: string): void {
  const file = join(docs, 'benchmarks.md')
  const page = readFileSync(file, 'utf8')
  const begin = `<!-- ${part}: begin -->`
  const [from, to] = [page.indexOf(begin) + begin.length, page.indexOf(`<!-- ${part}: end -->`)]
  if (from < begin.length || to < from) throw new Error(`docs/benchmarks.md has no place for ${part}`)
  writeFileSync(file, `${page.slice(0, from)}\n\n${text.trim()}\n\n${page.slice(to)}`)
}

/** A picture beside the page. */
export function writePicture(name: string, svg: string): void {
  writeFileSync(join(docs, name), svg)
}

/** Where and when figures come from: they mean little without. */
export function describeMachine(): string {
  const processors = cpus()
  const model = processors[0]?.model.trim() || 'unknown processor'
  const day = new Date().toISOString().slice(0, 10)
  const memory = Math.round(totalmem() / 1024 ** 3)
  return `${day}: ${processors.length} × ${model}, ${memory} GiB, ${process.platform} ${process.arch}, Node ${process.versions.node}`
}
