import { ActionIcon, Tooltip } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link, type LinkProps, useParams } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import type { ShortProjectView } from '#api/wire'
import { pathOf } from '../data/call.ts'
import { thing } from '../data/query.ts'
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
      {workspace !== undefined && (
        <div className={styles.middle}>
          <Item to="/$workspace/-/integrations" params={{ workspace }} icon="plug">
            Integrations
          </Item>
          <Item to="/$workspace/-/webhooks" params={{ workspace }} icon="webhook">
            Webhooks
          </Item>
          <Item to="/$workspace/-/people" params={{ workspace }} icon="people">
            People
          </Item>
          <Projects workspace={workspace} />
        </div>
      )}
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

function Projects({ workspace }: { readonly workspace: string }) {
  const { data } = useQuery(
    thing<{ projects: ShortProjectView[] }>(`${pathOf('workspaces', workspace, 'projects')}?per_page=50`),
  )
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
      {data?.projects.map(({ name, display_name }) => (
        <Item key={name} to="/$workspace/$project" params={{ workspace, project: name }} icon="board">
          {display_name}
        </Item>
      ))}
    </div>
  )
}

function Item({
  icon,
  children,
  ...link
}: Pick<LinkProps, 'to' | 'params'> & { readonly icon: IconName; readonly children: ReactNode }) {
  return (
    <Link {...link} className={styles.item} activeProps={{ 'aria-current': 'page' }}>
      <Icon name={icon} />
      <span>{children}</span>
    </Link>
  )
}
