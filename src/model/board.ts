import type { Digest } from '#oci'
import type { ActionId } from './action.ts'
import type { PipelineId } from './pipeline.ts'
import type { TagMove, TagSighting } from './tag-move.ts'

/** Where an image stands: a tag, or a digest, in a repository. */
export interface BoardPlace {
  /** `registry/repository:tag`, or `@digest` instead of the tag. */
  readonly place: string
  readonly registry: string
  readonly repository: string
  /** The tag; the digest of a source that has none. */
  readonly name: string
}

/** A promotion that somebody may run: from one place to another. */
export interface BoardEdge {
  readonly pipelineId: PipelineId
  readonly actionId: ActionId
  readonly from: BoardPlace
  readonly to: BoardPlace
}

/**
 * How a place is: nothing leads there (`source`), nothing was promoted there yet (`empty`), what stands there is what stands before it
 * (`in-step`) or no longer (`behind`), somebody else moved the tag (`drifted`) or took it away (`missing`), or what stands before it is not known.
 */
export type BoardState = 'source' | 'empty' | 'in-step' | 'behind' | 'drifted' | 'missing' | 'unknown'

export interface BoardCell extends BoardPlace {
  readonly environment: string
  readonly state: BoardState
  /** What the tag names, as far as is known. */
  readonly digest: Digest | undefined
  readonly move: TagMove | undefined
  readonly sighting: TagSighting | undefined
  /** What leads here. */
  readonly promotions: readonly Pick<BoardEdge, 'pipelineId' | 'actionId' | 'from'>[]
}

/** An image: the places that promotions connect. */
export interface BoardRow {
  readonly image: string
  readonly cells: readonly BoardCell[]
}

/** What stands where: a row for each image, a column for each environment in the order of promotion. */
export interface Board {
  readonly environments: readonly string[]
  readonly rows: readonly BoardRow[]
}

/** Lays out what is promoted from where to where, with what was recorded and what was last seen. Pure; linear in the edges. */
export function layOut(
  edges: readonly BoardEdge[],
  moves: ReadonlyMap<string, TagMove>,
  sightings: ReadonlyMap<string, TagSighting>,
): Board {
  const groups = connected(edges)
  const named = groups.map((group) => ({ group, names: environmentsOf(group) }))
  const environments = order(
    edges.map((edge) => {
      const names = named.find(({ group }) => group.has(edge.from.place))?.names
      return [names?.get(edge.from.place) ?? '', names?.get(edge.to.place) ?? ''] as const
    }),
  )
  const into = Map.groupBy(edges, ({ to }) => to.place)
  const digestAt = (place: string): Digest | undefined => {
    const [move, sighting] = [moves.get(place), sightings.get(place)]
    return isNewer(sighting, move) ? sighting?.digest : move?.digest
  }
  const rows = named.map(({ group, names }) => {
    const cells = [...group.values()].map((place): BoardCell => {
      const before = into.get(place.place) ?? []
      const move = moves.get(place.place)
      const sighting = sightings.get(place.place)
      const digest = place.name.includes(':') ? (place.name as Digest) : digestAt(place.place)
      const sources = before.map(({ from }) =>
        from.name.includes(':') ? (from.name as Digest) : digestAt(from.place),
      )
      return {
        ...place,
        ...{ digest, move, sighting, promotions: before },
        environment: names.get(place.place) ?? '',
        state: stateOf(digest, sources, move, sighting),
      }
    })
    const rank = (cell: BoardCell): number => environments.indexOf(cell.environment)
    return { image: nameOf(group), cells: cells.sort((a, b) => rank(a) - rank(b)) }
  })
  return { environments, rows: rows.sort((a, b) => a.image.localeCompare(b.image)) }
}

function stateOf(
  digest: Digest | undefined,
  sources: readonly (Digest | undefined)[],
  move: TagMove | undefined,
  sighting: TagSighting | undefined,
): BoardState {
  if (sources.length === 0) return 'source'
  if (move !== undefined && isNewer(sighting, move)) {
    if (sighting?.digest === undefined) return 'missing'
    if (sighting.digest !== move.digest) return 'drifted'
  }
  if (digest === undefined) return 'empty'
  if (sources.includes(digest)) return 'in-step'
  return sources.some((source) => source === undefined) ? 'unknown' : 'behind'
}

/** Whether the registry was asked after the move, and answered. */
function isNewer(sighting: TagSighting | undefined, move: TagMove | undefined): boolean {
  if (sighting === undefined || sighting.failure !== undefined) return false
  return move === undefined || sighting.at > move.at
}

/** The places of each image: those whose repositories promotions connect. */
function connected(edges: readonly BoardEdge[]): ReadonlyMap<string, BoardPlace>[] {
  const parents = new Map<string, string>()
  const root = (name: string): string => {
    let at = name
    for (let up = parents.get(at); up !== undefined && up !== at; up = parents.get(at)) at = up
    parents.set(name, at)
    return at
  }
  for (const { from, to } of edges) {
    const [a, b] = [repositoryOf(from), repositoryOf(to)]
    for (const name of [a, b]) if (!parents.has(name)) parents.set(name, name)
    parents.set(root(b), root(a))
  }
  const groups = new Map<string, Map<string, BoardPlace>>()
  for (const place of edges.flatMap(({ from, to }) => [from, to])) {
    const key = root(repositoryOf(place))
    const group = groups.get(key) ?? new Map<string, BoardPlace>()
    group.set(place.place, place)
    groups.set(key, group)
  }
  return [...groups.values()]
}

function repositoryOf({ registry, repository }: BoardPlace): string {
  return `${registry}/${repository}`
}

/** A tag is an environment; where one image has it in two places, the registry or the repository tells them apart. */
function environmentsOf(group: ReadonlyMap<string, BoardPlace>): ReadonlyMap<string, string> {
  const places = [...group.values()]
  return new Map(
    places.map((place) => {
      const { name, registry, repository } = place
      const same = places.filter((other) => other.name === name)
      const registries = new Set(same.map((other) => other.registry))
      const at =
        same.length === 1 ? '' : registries.size === same.length ? registry : `${registry}/${repository}`
      return [place.place, at === '' ? name : `${name} · ${at}`]
    }),
  )
}

/** Names in the order of promotion: what comes from somewhere stands behind it. In a circle the first that was named stands first. */
function order(pairs: readonly (readonly [from: string, to: string])[]): readonly string[] {
  const rest = new Set(pairs.flat())
  const ordered: string[] = []
  while (rest.size > 0) {
    const open = pairs.filter(([from, to]) => from !== to && rest.has(from) && rest.has(to))
    const held = new Set(open.map(([, to]) => to))
    const free = [...rest].filter((name) => !held.has(name))
    const next = free.length > 0 ? free : [...rest].slice(0, 1)
    for (const name of next) rest.delete(name)
    ordered.push(...next)
  }
  return ordered
}

/** The name of the repository that comes first, without its path where that is enough for people. */
function nameOf(group: ReadonlyMap<string, BoardPlace>): string {
  const [first] = group.values()
  return first === undefined ? '' : first.repository.replace(/^library\//, '')
}
