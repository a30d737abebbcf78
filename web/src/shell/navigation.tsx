import { ActionIcon, Tooltip } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link, type LinkProps, useParams } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import type { ShortProjectView } from '#api/wire'
import { approvals } from '../data/approvals.ts'
import { pathOf } from '../data/call.ts'
import { useAll } from '../data/list.ts'
import { signOut } from '../data/session.ts'
import { Icon, type IconName } from '../parts/icon.tsx'
import { Logo } from './logo.tsx'
import styles from './navigation.module.css'
import { SchemeSwitch } from './scheme-switch.tsx'
import { WorkspaceMenu } from './workspace-menu.tsx'

/** The ways to everything of a workspace, and what belongs to the person. */
export function Navigation({ person }: { readonly person: string }) {
  const { workspace } = useParams({ strict: false })
  return (
    <nav className={styles.navigation} aria-label="Main">
      <div className={styles.top}>
        <Logo />
        <WorkspaceMenu current={workspace} />
      </div>
      {workspace !== undefined && <Workspace workspace={workspace} />}
      <div className={styles.bottom}>
        <Item to="/api-tokens" icon="key">
          Access tokens
        </Item>
        <div className={styles.person}>
          <span className={styles.name} title={person}>
            {person}
          </span>
          <SchemeSwitch />
          <Tooltip label="Sign out">
            <ActionIcon aria-label="Sign out" onClick={() => void signOut()}>
              <Icon name="out" />
            </ActionIcon>
          </Tooltip>
        </div>
      </div>
    </nav>
  )
}

function Workspace({ workspace }: { readonly workspace: string }) {
  const { data } = useQuery(approvals(workspace))
  const waiting = data?.approvals.filter(({ may_answer }) => may_answer).length ?? 0
  return (
    <div className={styles.middle}>
      <Item to="/$workspace/-/approvals" params={{ workspace }} icon="approval" count={waiting}>
        Approvals
      </Item>
      <Item to="/$workspace/-/integrations" params={{ workspace }} icon="plug">
        Integrations
      </Item>
      <Item to="/$workspace/-/environment-variables" params={{ workspace }} icon="tag">
        Variables
      </Item>
      <Item to="/$workspace/-/webhooks" params={{ workspace }} icon="webhook">
        Webhooks
      </Item>
      <Item to="/$workspace/-/people" params={{ workspace }} icon="people">
        People
      </Item>
      <Projects workspace={workspace} />
    </div>
  )
}

const projectsOf = ({ projects }: { readonly projects: readonly ShortProjectView[] }) => projects

function Projects({ workspace }: { readonly workspace: string }) {
  const { data } = useAll(pathOf('workspaces', workspace, 'projects'), projectsOf)
  return (
    <div className={styles.group}>
      <Link
        to="/$workspace"
        params={{ workspace }}
        activeOptions={{ exact: true }}
        className={styles.heading}
      >
        Projects
      </Link>
      {data?.map(({ name, display_name }) => (
        <Item key={name} to="/$workspace/$project" params={{ workspace, project: name }} icon="board">
          {display_name}
        </Item>
      ))}
    </div>
  )
}

function Item({
  icon,
  count = 0,
  children,
  ...link
}: Pick<LinkProps, 'to' | 'params'> & {
  readonly icon: IconName
  readonly count?: number
  readonly children: ReactNode
}) {
  return (
    <Link {...link} className={styles.item} activeProps={{ 'aria-current': 'page' }}>
      <Icon name={icon} />
      <span>{children}</span>
      {count > 0 && (
        <span className={styles.count}>
          {count}
          <span className="visually-hidden"> waiting for you</span>
        </span>
      )}
    </Link>
  )
}
