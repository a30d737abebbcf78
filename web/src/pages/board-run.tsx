import { Button } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useEffect } from 'react'
import type { ExecutionView } from '#api/wire'
import { board } from '../data/board.ts'
import { call, pathOf } from '../data/call.ts'
import { plan } from '../data/plan.ts'
import { queries, refresh, thing } from '../data/query.ts'
import { Icon, type IconName } from '../parts/icon.tsx'
import { expected, Plan } from '../parts/plan.tsx'
import { isOver, Status } from '../parts/status.tsx'
import styles from './board-panel.module.css'

const EVERY_MS = 700

interface Place {
  readonly workspace: string
  readonly project: string
}

/** A run that a person decides on by its plan: what is shown is what is run, or nothing. */
export function PlannedRun({
  workspace,
  project,
  pipeline,
  body,
  state,
  words,
  icon,
  then,
}: Place & {
  readonly pipeline: number
  /** What is planned, and run with the digests that the plan showed. */
  readonly body: object
  readonly state: string | null
  readonly words: string
  readonly icon: IconName
  readonly then: (run: ExecutionView) => void
}) {
  const above = pathOf('workspaces', workspace, 'projects', project, 'pipelines', pipeline)
  const shown = useQuery(plan(above, body, state))
  const run = useMutation({
    mutationFn: () =>
      call<ExecutionView>('POST', `${above}/executions`, {
        ...body,
        ...(!('rollback' in body) && expected(shown.data?.plan ?? [])),
      }),
    onSuccess(started) {
      void queries.invalidateQueries(board(workspace, project))
      void refresh(above)
      then(started)
    },
  })
  if (shown.isError) return <p role="alert">{shown.error.message}</p>
  if (shown.data === undefined)
    return (
      <p className="dim" role="status">
        Asking the registries what this would do …
      </p>
    )
  const planned = shown.data.plan
  const canRun =
    planned.some(({ digest }) => digest !== null) && planned.every((one) => one.error_message === null)
  return (
    <>
      <Plan of={planned} />
      {run.error !== null && <p role="alert">{run.error.message}</p>}
      <div className={styles.foot}>
        <Button
          variant="subtle"
          color="gray"
          loading={shown.isFetching}
          onClick={() => void shown.refetch()}
          leftSection={<Icon name="retry" size={14} />}
        >
          Plan anew
        </Button>
        <Button
          variant="filled"
          disabled={!canRun}
          loading={run.isPending}
          leftSection={<Icon name={icon} size={14} />}
          onClick={() => run.mutate()}
        >
          {words}
        </Button>
      </div>
    </>
  )
}

/** How the run goes that was just begun here. */
export function BegunRun({
  workspace,
  project,
  of: { id, pipeline },
}: Place & { readonly of: ExecutionView }) {
  const path = pathOf(
    'workspaces',
    workspace,
    'projects',
    project,
    'pipelines',
    pipeline.id,
    'executions',
    id,
  )
  const { data } = useQuery({
    ...thing<ExecutionView>(path),
    refetchInterval: ({ state }) =>
      state.data !== undefined && isOver(state.data.status) ? false : EVERY_MS,
  })
  const status = data?.status ?? 'ENQUEUED'
  const over = isOver(status)
  useEffect(() => {
    if (over) void refresh(pathOf('workspaces', workspace, 'projects', project))
  }, [over, workspace, project])
  const failed = data?.action_executions.find(({ error_message }) => error_message !== null)
  return (
    <div className={styles.run} role="status">
      <div className={styles.line}>
        <Status of={status} />
        <Link
          to="/$workspace/$project/pipelines/pipeline/$pipeline/execution/$execution"
          params={{ workspace, project, pipeline: String(pipeline.id), execution: String(id) }}
        >
          {pipeline.name} #{id}
        </Link>
      </div>
      {failed !== undefined && <p className={styles.failure}>{failed.error_message}</p>}
    </div>
  )
}
