import { Type } from 'typebox'
import type { ActionId, Board, BoardCell, BoardState, Member, Pipeline, TagMove, Underway } from '#model'
import type { InProject } from '../find.ts'
import type { Links } from '../links.ts'
import { Counts, HtmlUrl, MemberRef, Nullable, Url, When } from './schema.ts'
import { encodeExecutionStatus } from './words.ts'
import { encodeMember } from './workspace.ts'

/** Words of our own: Buddy has no board. */
const STATES: Readonly<Record<BoardState, string>> = {
  source: 'SOURCE',
  empty: 'EMPTY',
  'in-step': 'IN_STEP',
  behind: 'BEHIND',
  drifted: 'DRIFTED',
  missing: 'MISSING',
  unknown: 'UNKNOWN',
}

export const TagMoveView = Type.Object(
  {
    id: Type.Integer(),
    source: Type.String({ description: 'The reference in full' }),
    target: Type.String({ description: 'The reference in full' }),
    place: Type.String({ description: 'registry/repository:tag' }),
    tag: Type.String(),
    digest: Type.String(),
    previous_digest: Nullable(Type.String({ description: 'What the tag named before' })),
    date: When,
    promoted_by: MemberRef,
    pipeline_id: Type.Integer(),
    pipeline_name: Type.String(),
    action_id: Type.Integer(),
    execution_id: Type.Integer(),
    execution_url: Url,
    execution_html_url: HtmlUrl,
  },
  { title: 'TagMove' },
)

const CellView = Type.Object(
  {
    environment: Type.String(),
    place: Type.String({ description: 'registry/repository:tag' }),
    registry: Type.String(),
    repository: Type.String(),
    name: Type.String({ description: 'The tag; a digest where the source is named by one' }),
    state: Type.String({ enum: Object.values(STATES) }),
    digest: Nullable(Type.String({ description: 'What it names, as far as is known' })),
    move: Nullable(TagMoveView),
    seen_digest: Nullable(Type.String({ description: 'What the registry said' })),
    seen_date: Nullable(When),
    seen_error: Nullable(Type.String({ description: 'Why the registry could not be asked' })),
    underway: Nullable(
      Type.Object(
        {
          pipeline_id: Type.Integer(),
          execution_id: Type.Integer(),
          status: Type.String(),
          execution_html_url: HtmlUrl,
        },
        { description: 'The newest run that is to put something here and has not yet' },
      ),
    ),
    promotions: Type.Array(
      Type.Object({
        pipeline_id: Type.Integer(),
        pipeline_name: Type.String(),
        action_id: Type.Integer(),
        source: Type.String({ description: 'The place that it promotes from' }),
      }),
    ),
  },
  { title: 'BoardCell' },
)

export const BoardView = Type.Object({
  url: Url,
  html_url: HtmlUrl,
  look_date: Nullable(When),
  environments: Type.Array(Type.String()),
  images: Type.Array(Type.Object({ image: Type.String(), cells: Type.Array(CellView) })),
})

export const HistoryView = Type.Object({
  url: Url,
  html_url: HtmlUrl,
  ...Counts,
  moves: Type.Array(
    Type.Object(
      {
        ...TagMoveView.properties,
        outside: Type.Boolean({ description: 'What the tag named before, another tool had put there' }),
      },
      { title: 'PastMove' },
    ),
  ),
})

/** Who promoted what, by the person's number. */
export type People = ReadonlyMap<number, Member>

export function encodeBoard(
  board: Board,
  pipelines: readonly Pipeline[],
  place: InProject,
  people: People,
  underway: ReadonlyMap<ActionId, Underway>,
  links: Links,
) {
  const names = namesOf(pipelines)
  const cell = ({ state, digest, move, sighting, promotions, ...rest }: BoardCell) => ({
    environment: rest.environment,
    place: rest.place,
    registry: rest.registry,
    repository: rest.repository,
    name: rest.name,
    state: STATES[state],
    digest: digest ?? null,
    move: move === undefined ? null : encodeTagMove(move, place, people, names, links),
    seen_digest: sighting?.digest ?? null,
    seen_date: sighting?.at.toISOString() ?? null,
    seen_error: sighting?.failure ?? null,
    underway: encodeUnderway(
      promotions.map(({ actionId }) => underway.get(actionId)).find((run) => run !== undefined),
      place,
      links,
    ),
    promotions: promotions.map(({ pipelineId, actionId, from }) => ({
      pipeline_id: pipelineId,
      pipeline_name: names.get(pipelineId) ?? '',
      action_id: actionId,
      source: from.place,
    })),
  })
  return {
    environments: board.environments,
    images: board.rows.map(({ image, cells }) => ({ image, cells: cells.map(cell) })),
  }
}

/** What pipelines are called, by their numbers. */
export function namesOf(pipelines: readonly Pipeline[]): ReadonlyMap<number, string> {
  return new Map(pipelines.map(({ id, name }) => [id, name]))
}

function encodeUnderway(run: Underway | undefined, { workspace, project }: InProject, links: Links) {
  if (run === undefined) return null
  const path = ['pipelines', 'pipeline', run.pipelineId, 'execution', run.number]
  return {
    pipeline_id: run.pipelineId,
    execution_id: run.number,
    status: encodeExecutionStatus(run.status),
    execution_html_url: links.page(workspace.domain, project.name, ...path),
  }
}

export function encodeTagMove(
  move: TagMove,
  { workspace, project }: InProject,
  people: People,
  names: ReadonlyMap<number, string>,
  links: Links,
) {
  const { id, source, target, place, tag, digest, previous, at, personId, pipelineId, actionId, number } =
    move
  const [domain, name] = [workspace.domain, project.name]
  const member = people.get(personId)
  if (member === undefined) throw new Error(`nobody is ${personId}`)
  return {
    ...{ id, source, target, place, tag, digest },
    previous_digest: previous ?? null,
    date: at.toISOString(),
    promoted_by: encodeMember(member, workspace, links),
    pipeline_id: pipelineId,
    pipeline_name: names.get(pipelineId) ?? '',
    action_id: actionId,
    execution_id: number,
    execution_url: links.api(
      ...['workspaces', domain, 'projects', name, 'pipelines', pipelineId, 'executions', number],
    ),
    execution_html_url: links.page(domain, name, 'pipelines', 'pipeline', pipelineId, 'execution', number),
  }
}
