import { execFileSync } from 'node:child_process'
import { existsSync, rmSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import type { BenchRegistry } from './registry.ts'

/** What is to be done: one image, or every tag of a repository. */
export interface Errand {
  readonly source: BenchRegistry
  readonly target: BenchRegistry
  readonly from: string
  readonly to: string
  /** Undefined: every tag of `from`. */
  readonly tag: string | undefined
  /** The tag at the target, where it is another one. */
  readonly newTag?: string
  /** What belongs to the image is to come along. */
  readonly referrers: boolean
  readonly tls: boolean
}

/** A program that copies images, and how it is told to. Undefined: it does not do such a thing. */
export interface Tool {
  readonly name: string
  readonly version: string
  readonly ours?: true
  readonly command: (errand: Errand) => readonly string[] | undefined
  /** Done before each run, outside the clock. */
  readonly prepare?: () => void
}

const root = join(import.meta.dirname, '..')

/** Tagboat, the same as a single file where it was built, and of the others those on the PATH. */
export function findTools(single: string | undefined): Tool[] {
  const tools = [tagboat('Tagboat', join(root, 'bin', 'tagboat'))]
  if (single !== undefined) tools.push(tagboat('Tagboat, single file', single))
  for (const { name, ask, ...tool } of OTHERS) {
    const path = find(name)
    if (path !== undefined) tools.push({ name, version: versionOf(path, ask), ...tool })
  }
  return tools
}

function tagboat(name: string, program: string): Tool {
  const version = execFileSync(program, ['--version'], { encoding: 'utf8' }).trim()
  return {
    name,
    version,
    ours: true,
    command({ source, target, from, to, tag, newTag = tag, referrers }) {
      // The others leave them behind unless they are told, so the same is asked of all.
      const copy = [program, 'copy', referrers ? '--referrers' : '--no-referrers']
      if (tag === undefined) return [...copy, '--tags', '*', `${source.url}/${from}`, `${target.url}/${to}`]
      return [...copy, `${source.url}/${from}:${tag}`, `${target.url}/${to}:${newTag}`]
    },
  }
}

const OTHERS: readonly (Omit<Tool, 'version'> & { readonly ask: readonly string[] })[] = [
  {
    name: 'skopeo',
    ask: ['--version'],
    command({ source, target, from, to, tag, newTag = tag, referrers }) {
      if (referrers) return undefined
      const plain = ['--src-tls-verify=false', '--dest-tls-verify=false']
      if (tag === undefined) {
        const kinds = ['--src', 'docker', '--dest', 'docker', '--all', '--scoped=false']
        const [parent = ''] = /^.*(?=\/)/.exec(to) ?? []
        return ['skopeo', 'sync', ...kinds, ...plain, `${source.host}/${from}`, `${target.host}/${parent}`]
      }
      const [a, b] = [`docker://${source.host}/${from}:${tag}`, `docker://${target.host}/${to}:${newTag}`]
      return ['skopeo', 'copy', '-q', '--all', ...plain, a, b]
    },
    // It remembers between runs which registry had which blob.
    prepare() {
      for (const suffix of ['sqlite', 'boltdb'])
        rmSync(`/var/lib/containers/cache/blob-info-cache-v1.${suffix}`, { force: true })
    },
  },
  {
    name: 'crane',
    ask: ['version'],
    command({ source, target, from, to, tag, newTag = tag, referrers }) {
      if (referrers) return undefined
      if (source === target)
        return ['crane', 'tag', '--insecure', `${source.host}/${from}:${tag}`, `${newTag}`]
      if (tag === undefined)
        return ['crane', 'copy', '--insecure', '--all-tags', `${source.host}/${from}`, `${target.host}/${to}`]
      return [
        'crane',
        'copy',
        '--insecure',
        `${source.host}/${from}:${tag}`,
        `${target.host}/${to}:${newTag}`,
      ]
    },
  },
  {
    name: 'regctl',
    ask: ['version'],
    command({ source, target, from, to, tag, newTag = tag, referrers, tls }) {
      if (tag === undefined) return undefined
      const hosts = [source, target].flatMap(({ host }) => [
        '--host',
        `reg=${host},tls=${tls ? 'insecure' : 'disabled'}`,
      ])
      const [a, b] = [`${source.host}/${from}:${tag}`, `${target.host}/${to}:${newTag}`]
      return ['regctl', ...hosts, 'image', 'copy', ...(referrers ? ['--referrers'] : []), a, b]
    },
  },
  {
    name: 'oras',
    ask: ['version'],
    command({ source, target, from, to, tag, newTag = tag, referrers, tls }) {
      if (tag === undefined) return undefined
      const plain = tls ? ['--from-insecure', '--to-insecure'] : ['--from-plain-http', '--to-plain-http']
      const [a, b] = [`${source.host}/${from}:${tag}`, `${target.host}/${to}:${newTag}`]
      return ['oras', 'copy', '--no-tty', ...(referrers ? ['--recursive'] : []), ...plain, a, b]
    },
  },
]

function find(name: string): string | undefined {
  return (process.env.PATH ?? '')
    .split(delimiter)
    .map((directory) => join(directory, name))
    .find((path) => existsSync(path))
}

function versionOf(path: string, ask: readonly string[]): string {
  const text = execFileSync(path, ask, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
  return /v?(\d+\.\d+\.\d+[\w.+-]*)/.exec(text)?.[1] ?? text.trim().slice(0, 40)
}
