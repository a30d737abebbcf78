import type { ProjectId, Store, TagSighting } from '#model'
import type { Network } from '#oci'
import { type Edge, edgesOf } from './edges.ts'
import { failureOf } from './failure.ts'
import type { Log } from './log.ts'
import { openPlaces, type Places } from './promote-image.ts'
import { makeRounds } from './rounds.ts'

/** What a lookout works with. Times in milliseconds. */
export interface LookoutOptions {
  readonly store: Store
  readonly network: Network
  readonly now: () => Date
  readonly log: Log
  /** How old what was seen of a project may get. */
  readonly everyMs: number
}

const ROUND_MS = 1000
const LOOK_MS = 60_000
const AT_ONCE = 4
const ALL = { page: 1, perPage: 100_000 }

/**
 * Looks from time to time at the tags that promotions move, so that a tag which somebody else moved is noticed. One process looks at a project at
 * a time; a tag costs one HEAD. Nobody ever waits for it.
 */
export function startLookout(options: LookoutOptions): { stop(): Promise<void> } {
  const { store, now, log, everyMs } = options
  const round = async (stopped: AbortSignal): Promise<void> => {
    for (let due = true; due && !stopped.aborted; ) {
      const at = now()
      const projectId = await store.tagSightings.takeDue(new Date(at.getTime() - everyMs), at)
      due = projectId !== undefined
      if (projectId !== undefined) await lookAt(options, projectId, stopped)
    }
  }
  return makeRounds(round, ROUND_MS, (err) =>
    log.error({ err }, 'the tags of a project could not be looked at'),
  )
}

/** Looks at every tag of a project's promotions once, and keeps what was seen. */
async function lookAt(
  { store, network, now }: LookoutOptions,
  projectId: ProjectId,
  stopped: AbortSignal,
): Promise<void> {
  const project = await store.projects.findById(projectId)
  if (project === undefined) return
  const { items } = await store.pipelines.list(projectId, ALL)
  const edges = await edgesOf(store, project, items, now())
  const signal = AbortSignal.any([stopped, AbortSignal.timeout(LOOK_MS)])
  const seen = new Map<string, TagSighting>()
  const look = async (edge: Edge): Promise<void> => {
    const unseen = ([edge.from, edge.to] as const).filter(
      ({ place, name }) => !name.includes(':') && !seen.has(place),
    )
    if (unseen.length === 0) return
    // Noted before it is asked: what is asked for at the same moment is asked once.
    for (const { place } of unseen) seen.set(place, sighting(place, now(), undefined, 'CANCELLED'))
    const places = await openPlaces(
      { store, network, signal, pipeline: edge.pipeline },
      edge.promotion,
    ).catch(failureOf)
    for (const { place } of unseen) {
      const side = place === edge.to.place ? 'target' : 'source'
      seen.set(place, await see(place, side, places, now(), signal))
    }
  }
  const rest = edges.values()
  const worker = async (): Promise<void> => {
    for (const edge of rest) if (!signal.aborted) await look(edge)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  stopped.throwIfAborted()
  await store.tagSightings.replace(projectId, [...seen.values()])
}

async function see(
  place: string,
  side: 'source' | 'target',
  places: Places | ReturnType<typeof failureOf>,
  at: Date,
  signal: AbortSignal,
): Promise<TagSighting> {
  if (!('to' in places)) return sighting(place, at, undefined, places.code)
  try {
    const repository = side === 'target' ? places.target : places.source
    const name = side === 'target' ? places.to.tag : places.name
    return sighting(place, at, await repository.resolve(name, { signal }), undefined)
  } catch (error) {
    return sighting(place, at, undefined, failureOf(error).code)
  }
}

function sighting(
  place: string,
  at: Date,
  digest: TagSighting['digest'],
  failure: string | undefined,
): TagSighting {
  return { place, at, digest, failure }
}
