import { queryOptions } from '@tanstack/react-query'
import type { ApprovalView } from '#api/wire'
import { pathOf } from './call.ts'
import { thing } from './query.ts'

const EVERY_MS = 10_000

/** What waits in a workspace, asked for again and again: people are to see it without looking for it. */
export function approvals(workspace: string) {
  return queryOptions({
    ...thing<{ approvals: ApprovalView[] }>(pathOf('workspaces', workspace, 'approvals')),
    refetchInterval: EVERY_MS,
  })
}
