import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import type { ApprovalView } from '#api/wire'
import { approvals } from '../data/approvals.ts'
import { pathOf } from '../data/call.ts'
import { refresh } from '../data/query.ts'
import { Answer } from '../parts/answer.tsx'
import { AsCurl } from '../parts/code.tsx'
import { Crumbs } from '../parts/crumbs.tsx'
import { Empty } from '../parts/empty.tsx'
import { Page } from '../parts/page.tsx'
import { When } from '../parts/when.tsx'
import styles from './approvals.module.css'
import { Question } from './question.tsx'

const route = getRouteApi('/$workspace/-/approvals')

/** What waits for an answer: what waits for this person first. */
export function Approvals() {
  const { workspace } = route.useParams()
  const list = useQuery(approvals(workspace))
  const path = pathOf('workspaces', workspace, 'approvals')
  return (
    <Page title="Approvals" above={<Crumbs workspace={workspace} />} actions={<AsCurl path={path} />}>
      <Answer of={list}>
        {({ approvals: all }) =>
          all.length === 0 ? (
            <Empty title="Nothing waits for you">
              A pipeline waits where it has an action “Wait for approval”. Before it asks, the plan of what
              comes behind is made, and the yes is for exactly these digests.
            </Empty>
          ) : (
            <ol className={styles.list}>
              {all
                .toSorted((one, other) => Number(other.may_answer) - Number(one.may_answer))
                .map((approval) => (
                  <Waiting key={approval.url} of={approval} workspace={workspace} path={path} />
                ))}
            </ol>
          )
        }
      </Answer>
    </Page>
  )
}

function Waiting({
  of: { project, pipeline, execution, action_execution, may_answer },
  workspace,
  path,
}: {
  readonly of: ApprovalView
  readonly workspace: string
  readonly path: string
}) {
  const params = {
    workspace,
    project: project.name,
    pipeline: String(pipeline.id),
    execution: String(execution.id),
  }
  const { project: name, pipeline: id, execution: number } = params
  return (
    <li>
      <div className={styles.head}>
        <Link to="/$workspace/$project/pipelines/pipeline/$pipeline/execution/$execution" params={params}>
          {pipeline.name} #{number}
        </Link>
        <span className="dim">
          {project.display_name} · since <When at={action_execution.start_date} />
        </span>
      </div>
      <Question
        of={action_execution}
        path={pathOf('workspaces', workspace, 'projects', name, 'pipelines', id, 'executions', number)}
        mayAnswer={may_answer}
        then={() => void refresh(path)}
      />
    </li>
  )
}
