import { ActionIcon, Button, Menu } from '@mantine/core'
import { getRouteApi, Link } from '@tanstack/react-router'
import type { ActionView } from '#api/wire'
import { call } from '../data/call.ts'
import { refresh } from '../data/query.ts'
import { Confirm } from '../parts/confirm.tsx'
import { Empty } from '../parts/empty.tsx'
import { Icon } from '../parts/icon.tsx'
import { Section } from '../parts/page.tsx'
import { Route } from '../parts/place.tsx'
import { Mark, wordsOf } from '../parts/status.tsx'
import { Executions } from './executions.tsx'
import styles from './pipeline.module.css'
import { PipelinePage, type PipelineParams } from './pipeline-page.tsx'
import { Starts } from './starts.tsx'
import { NewVariable, Variables } from './variables.tsx'

const route = getRouteApi('/$workspace/$project/pipelines/pipeline/$pipeline')

/** One pipeline: what it does, and how that went. */
export function Pipeline() {
  const params = route.useParams()
  const { workspace } = params
  const newAction = (
    <Button
      leftSection={<Icon name="add" />}
      renderRoot={(props) => (
        <Link to="/$workspace/$project/pipelines/pipeline/$pipeline/action/new" params={params} {...props} />
      )}
    >
      New action
    </Button>
  )
  return (
    <PipelinePage params={params}>
      {(pipeline, path) => (
        <>
          <Starts of={pipeline} params={params} />
          <Section title="Actions" actions={pipeline.actions.length > 0 && newAction}>
            {pipeline.actions.length === 0 ? (
              <Empty title="No action yet" action={newAction}>
                An action tags an image where it is, or copies it to another registry, digest unchanged.
              </Empty>
            ) : (
              <ol className={styles.actions}>
                {pipeline.actions.map((action) => (
                  <Action key={action.id} action={action} path={path} params={params} />
                ))}
              </ol>
            )}
          </Section>
          {pipeline.actions.length > 0 && <Executions {...params} />}
          {pipeline.actions.length > 0 && (
            <Section
              title="Variables"
              actions={<NewVariable workspace={workspace} scope={{ pipeline: { id: pipeline.id } }} />}
            >
              <Variables workspace={workspace} scope={{ pipeline: { id: pipeline.id } }} />
            </Section>
          )}
        </>
      )}
    </PipelinePage>
  )
}

interface ActionProps {
  readonly action: ActionView
  readonly path: string
  readonly params: PipelineParams
}

function Action({ action, path, params: { workspace, project, pipeline } }: ActionProps) {
  const { id, name, src, dest, same_location, disabled, last_execution_status: status } = action
  const notes = [
    disabled && 'disabled',
    action.ignore_errors && 'errors are ignored',
    action.trigger_time !== 'ON_EVERY_EXECUTION' && action.trigger_time.toLowerCase().replaceAll('_', ' '),
  ].filter(Boolean)
  const editing = {
    to: '/$workspace/$project/pipelines/action/$action/edit',
    params: { workspace, project, action: String(id) },
    search: { pipeline: Number(pipeline) },
  } as const
  return (
    <li className={styles.action}>
      <span title={wordsOf(status)}>
        <Mark of={status} />
        <span className="visually-hidden">{wordsOf(status)}</span>
      </span>
      <div className={styles.what}>
        <Link {...editing} className={styles.name}>
          {name}
        </Link>
        {notes.length > 0 && <span className="dim"> {notes.join(' · ')}</span>}
        <div>
          <Route src={src} dest={dest} same={same_location} />
          {action.comment && <span className="dim">{action.comment}</span>}
          {action.next_pipeline_name && (
            <span className="dim">
              {action.next_project_name} / {action.next_pipeline_name}
            </span>
          )}
        </div>
      </div>
      <Confirm
        title="Remove the action?"
        submit="Remove it"
        opener={(open) => (
          <Menu position="bottom-end" width={150}>
            <Menu.Target>
              <ActionIcon aria-label={`More of ${name}`}>
                <Icon name="more" />
              </ActionIcon>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item
                leftSection={<Icon name="edit" />}
                renderRoot={(props) => <Link {...editing} {...props} />}
              >
                Edit
              </Menu.Item>
              <Menu.Item leftSection={<Icon name="trash" />} onClick={open}>
                Remove
              </Menu.Item>
            </Menu.Dropdown>
          </Menu>
        )}
        act={() => call('DELETE', `${path}/actions/${id}`)}
        then={() => void refresh(path)}
      >
        {name} will not be part of later runs.
      </Confirm>
    </li>
  )
}
