import { Menu, UnstyledButton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import type { ShortWorkspaceView } from '#api/wire'
import { thing } from '../data/query.ts'
import { Icon } from '../parts/icon.tsx'
import styles from './workspace-menu.module.css'

/** Which workspace this is, and the way to the others. */
export function WorkspaceMenu({ current }: { readonly current: string | undefined }) {
  const { data } = useQuery(thing<{ workspaces: ShortWorkspaceView[] }>('/workspaces'))
  const navigate = useNavigate()
  const name = data?.workspaces.find(({ domain }) => domain === current)?.name ?? current
  return (
    <Menu position="bottom-start" width={224}>
      <Menu.Target>
        <UnstyledButton className={styles.button}>
          <span>{name ?? 'All workspaces'}</span>
          <Icon name="down" size={14} />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        {data?.workspaces.map(({ domain, name: each }) => (
          <Menu.Item
            key={domain}
            rightSection={domain === current ? <Icon name="check" /> : null}
            onClick={() => void navigate({ to: '/$workspace', params: { workspace: domain } })}
          >
            {each}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item onClick={() => void navigate({ to: '/' })}>All workspaces</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
