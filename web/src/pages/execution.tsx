import { Button } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useState } from 'react'
import type { ActionExecutionView, ExecutionView } from '#api/wire'
import { call, pathOf } from '../data/call.ts'
import { useLive } from '../data/live.ts'
import { refresh, thing } from '../data/query.ts'
import { Answer } from '../parts/answer.tsx'
import { AsCurl } from '../parts/code.tsx'
import { Crumbs } from '../parts/crumbs.tsx'
import { Icon } from '../parts/icon.tsx'
import { Page } from '../parts/page.tsx'
import { isOver, Status } from '../parts/status.tsx'
import { Took, When } from '../parts/when.tsx'
import { ActionExecution } from './action-execution.tsx'
import styles from './execution.module.css'
import { Stations } from './stations.tsx'

const route = getRouteApi('/$workspace/$project/pipelines/pipeline/$pipeline/execution/$execution')

/** One run of a pipeline, while it happens and ever after. */
export function Execution() {
  const { workspace, project, pipeline, execution } = route.useParams()
  const above = pathOf('workspaces', workspace, 'projects', project, 'pipelines', pipeline)
  const path = `${above}/executions/${execution}`
  const query = useQuery(thing<ExecutionView>(path))
  const [chosen, choose] = useState<string>()
  const [round, setRound] = useState(0)
  const live = useLive(path, round)
  const run = query.data
  const name = run?.pipeline.name ?? `Pipeline ${pipeline}`
  return (
    <Page
      title={`${name} #${execution}`}
      above={<Crumbs workspace={workspace} project={project} pipeline={{ id: pipeline, name }} />}
      beside={
        run && (
          <>
            <Status of={run.status} />
            {!live.connected && !isOver(run.status) && <span role="status">Reconnecting …</span>}
            <span>
              <Took from={run.start_date} to={run.finish_date} />
            </span>
            <span>
              by {run.creator.name}, <When at={run.start_date} />
            </span>
          </>
        )
      }
      actions={
        run && (
          <>
            <AsCurl path={path} />
            <Operate run={run} path={path} above={above} then={() => setRound(round + 1)} />
          </>
        )
      }
    >
      <Answer of={query}>
        {({ action_executions, comment }) => {
          const shown = shownOf(action_executions, chosen)
          return (
            <>
              {comment !== null && <p className={styles.comment}>{comment}</p>}
              <Stations of={action_executions} chosen={shown?.action_execution_id} choose={choose} />
              {shown !== undefined && (
                <ActionExecution
                  key={shown.action_execution_id}
                  of={shown}
                  lines={live.logs.get(shown.action_execution_id)}
                  headway={live.headways.get(shown.action_execution_id)}
                  workspace={workspace}
                  path={path}
                  then={() => setRound(round + 1)}
                />
              )}
            </>
          )
        }}
      </Answer>
    </Page>
  )
}

/** What was chosen; else what failed, else what runs or waits, else the last. */
function shownOf(actions: readonly ActionExecutionView[], chosen: string | undefined) {
  return (
    actions.find(({ action_execution_id }) => action_execution_id === chosen) ??
    actions.find(({ status }) => status === 'FAILED') ??
    actions.find(({ status }) => !isOver(status) && status !== 'INITIAL') ??
    actions.findLast(({ status }) => status === 'SUCCESSFUL') ??
    actions.at(-1)
  )
}

function Operate({
  run: { status },
  path,
  above,
  then,
}: {
  readonly run: ExecutionView
  readonly path: string
  readonly above: string
  readonly then: () => void
}) {
  const operate = useMutation({
    mutationFn: (operation: 'CANCEL' | 'RETRY') => call<ExecutionView>('PATCH', path, { operation }),
    onSettled: () => refresh(above),
    onSuccess: then,
  })
  return (
    <>
      {operate.error !== null && (
        <span role="alert" className={styles.refused}>
          {operate.error.message}
        </span>
      )}
      {(status === 'FAILED' || status === 'TERMINATED') && (
        <Button
          variant="filled"
          leftSection={<Icon name="retry" />}
          loading={operate.isPending}
          onClick={() => operate.mutate('RETRY')}
        >
          Retry
        </Button>
      )}
      {!isOver(status) && status !== 'TERMINATING' && (
        <Button
          leftSection={<Icon name="stop" />}
          loading={operate.isPending}
          onClick={() => operate.mutate('CANCEL')}
        >
          Cancel
        </Button>
      )}
    </>
  )
}
