import { queryOptions } from '@tanstack/react-query'
import type { BoardCellView, BoardView } from '#api/wire'
import { call, pathOf } from './call.ts'
import { thing } from './query.ts'

const EVERY_MS = 10_000
const MOVING_MS = 1_200

/** What stands where in a project, asked for again and again, and often while something moves. No registry is asked for it. */
export function board(workspace: string, project: string) {
  return queryOptions({
    ...thing<BoardView>(pathOf('workspaces', workspace, 'projects', project, 'board')),
    refetchInterval: ({ state: { data } }) =>
      data !== undefined && (isLooking(data) || cellsOf(data).some(isMoving)) ? MOVING_MS : EVERY_MS,
  })
}

/** Has the registries looked at soon; nobody waits for it. */
export function look(workspace: string, project: string): Promise<void> {
  return call('POST', pathOf('workspaces', workspace, 'projects', project, 'board', 'look'))
}

export function cellsOf({ images }: BoardView): readonly BoardCellView[] {
  return images.flatMap(({ cells }) => cells)
}

/** Whether a run is about to put something there, and not asking anybody first. */
export function isMoving({ underway }: BoardCellView): boolean {
  return underway !== null && !underway.status.startsWith('WAITING_')
}

/** When a registry was last looked at, as far as it answered. */
export function seenAt(view: BoardView): string | undefined {
  let latest: string | undefined
  for (const { seen_date } of cellsOf(view))
    if (seen_date !== null && (latest === undefined || seen_date > latest)) latest = seen_date
  return latest
}

/** Whether somebody asked for a look, and what was seen is not written down yet. */
export function isLooking(view: BoardView): boolean {
  return view.look_date === null || view.look_date > (seenAt(view) ?? '')
}
