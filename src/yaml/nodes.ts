import { type Alias, isAlias, isMap, isScalar, isSeq, type Node, type Scalar, type YAMLMap } from 'yaml'
import type { Json } from '#model'
import type { YamlErrorCode } from './errors.ts'
import { DEPTH_LIMIT, SIZE_LIMIT } from './limits.ts'

/** Where a value stands; and how it is written, where it is a number or a boolean. */
export interface Place {
  readonly offset: number
  readonly text: string | undefined
}

/** Something that is wrong at this offset of the text. */
export interface Fault {
  readonly code: YamlErrorCode
  readonly offset: number
  readonly message: string
}

/** What the nodes of a text come to; not to be used if there are faults. */
export interface Reading {
  readonly value: Json
  /** Of the members of each list and map. */
  readonly places: ReadonlyMap<unknown, ReadonlyMap<string, Place>>
  readonly faults: readonly Fault[]
}

const TAGS: ReadonlySet<string> = new Set(
  ['str', 'int', 'float', 'bool', 'null', 'map', 'seq'].map((name) => `tag:yaml.org,2002:${name}`),
)
/** The tag of a value that only its owner can read. */
export const ENCRYPTED = '!encrypted'
/** The key, unquoted, whose value becomes part of the map that it is in. */
export const MERGE = '<<'

/** Reads the nodes of a text, in one go and in time that does not depend on what its aliases unfold into. */
export function readNodes(top: Node | null): Reading {
  const reader = new NodeReader()
  const value = reader.read(top, 0)
  return { value, places: reader.places, faults: reader.faults }
}

/** An anchor's value. It is shared by all that refer to it, and counts once for each. */
interface Anchored {
  readonly value: Json
  readonly size: number
  readonly height: number
}

class NodeReader {
  readonly places = new Map<unknown, ReadonlyMap<string, Place>>()
  readonly faults: Fault[] = []
  /** Undefined: not at its end yet. */
  readonly #anchors = new Map<string, Anchored | undefined>()
  #size = 0
  #deepest = 0
  #full = false

  read(node: Node | null, depth: number): Json {
    if (node === null || this.#full) return null
    this.#grow(node, 1, depth)
    if (isAlias(node)) return this.#readAlias(node, depth)
    const { anchor } = node as { readonly anchor?: string }
    if (anchor === undefined) return this.#readContent(node, depth)
    const [size, deepest] = [this.#size, this.#deepest]
    this.#deepest = depth
    this.#anchors.set(anchor, undefined)
    const value = this.#readContent(node, depth)
    this.#anchors.set(anchor, { value, size: this.#size - size, height: this.#deepest - depth })
    this.#deepest = Math.max(this.#deepest, deepest)
    return value
  }

  #readContent(node: Node, depth: number): Json {
    if (node.tag !== undefined && node.tag !== ENCRYPTED && !TAGS.has(node.tag))
      return this.#fault('YAML_SYNTAX', node, `the tag ${node.tag} is not known`)
    if (isMap(node)) return this.#readMap(node as YAMLMap<Node, Node | null>, depth)
    if (isSeq(node)) return this.#readList(node.items as (Node | null)[], depth)
    return isScalar(node) ? readScalar(node) : null
  }

  #readList(items: readonly (Node | null)[], depth: number): Json {
    const list = items.map((item) => this.read(item, depth + 1))
    this.places.set(list, new Map(items.map((item, index) => [String(index), placeOf(item)])))
    return list
  }

  #readMap(map: YAMLMap<Node, Node | null>, depth: number): Json {
    const members = new Map<string, Json>()
    const places = new Map<string, Place>()
    const merged: (Node | null)[] = []
    for (const { key, value } of map.items) {
      const name = nameOf(key)
      if (name === undefined) this.#fault('YAML_SYNTAX', key, 'a key is to be a text')
      else if (name === MERGE && (key as Scalar).type === 'PLAIN') merged.push(value)
      else if (members.has(name)) this.#fault('YAML_SYNTAX', key, `${name} is there twice`)
      else {
        members.set(name, this.read(value, depth + 1))
        places.set(name, placeOf(value ?? key))
      }
    }
    for (const node of merged) this.#merge(node, depth, members, places)
    const value = Object.fromEntries(members)
    this.places.set(value, places)
    return value
  }

  /** What a map has of its own stays. */
  #merge(node: Node | null, depth: number, members: Map<string, Json>, places: Map<string, Place>): void {
    const given = this.read(node, depth)
    for (const one of [given].flat() as Json[]) {
      if (typeof one !== 'object' || one === null || Array.isArray(one)) {
        this.#fault('YAML_SYNTAX', node, 'what is merged is to be a map, or a list of maps')
        continue
      }
      for (const [name, value] of Object.entries(one)) {
        const place = this.places.get(one)?.get(name)
        if (members.has(name) || place === undefined) continue
        members.set(name, value)
        places.set(name, place)
      }
    }
  }

  #readAlias(alias: Alias, depth: number): Json {
    const { source } = alias
    if (!this.#anchors.has(source))
      return this.#fault('YAML_SYNTAX', alias, `nothing before it is called &${source}`)
    const found = this.#anchors.get(source)
    if (found === undefined) return this.#fault('YAML_SYNTAX', alias, `&${source} would contain itself`)
    this.#grow(alias, found.size, depth + found.height)
    return found.value
  }

  #grow(node: Node, size: number, depth: number): void {
    this.#size += size
    this.#deepest = Math.max(this.#deepest, depth)
    if (this.#full) return
    this.#full = this.#size > SIZE_LIMIT || depth > DEPTH_LIMIT
    if (this.#full)
      this.#fault('YAML_LIMIT', node, depth > DEPTH_LIMIT ? 'is nested too deeply' : 'is too much at once')
  }

  #fault(code: YamlErrorCode, node: Node | null, message: string): null {
    this.faults.push({ code, offset: offsetOf(node), message })
    return null
  }
}

function readScalar({ value, source = '', tag }: Scalar): Json {
  if (tag === ENCRYPTED) return `${ENCRYPTED} ${source}`
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return value
  // Infinities and what other versions of YAML have beside texts: JSON has no word for it.
  return typeof value === 'number' && Number.isFinite(value) ? value : source
}

function nameOf(key: Node): string | undefined {
  if (!isScalar(key) || key.value === null) return undefined
  return typeof key.value === 'string' ? key.value : key.source
}

function placeOf(node: Node | null): Place {
  const written = isScalar(node) && (typeof node.value === 'number' || typeof node.value === 'boolean')
  return { offset: offsetOf(node), text: written ? node.source : undefined }
}

function offsetOf(node: Node | null): number {
  return node?.range?.[0] ?? 0
}
