import { ActionIcon, Button, Menu, Select } from '@mantine/core'
import { getRouteApi } from '@tanstack/react-router'
import type { PipelineView } from '#api/wire'
import { call } from '../data/call.ts'
import { nameOf, usePeople } from '../data/people.ts'
import { refresh } from '../data/query.ts'
import { AsCurl } from '../parts/code.tsx'
import { errorOf, Form, useForm } from '../parts/form.tsx'
import { Icon, type IconName } from '../parts/icon.tsx'
import { Section } from '../parts/page.tsx'
import { endCell, nameCell, Table } from '../parts/table.tsx'
import styles from './permissions.module.css'
import { PipelinePage } from './pipeline-page.tsx'

const route = getRouteApi('/$workspace/$project/pipelines/pipeline/$pipeline/permissions')

type Grants = PipelineView['permissions']
type Who = 'users' | 'groups'
type Level = Grants['others']

const LEVELS = [
  { value: 'DEFAULT', label: 'As in the project' },
  { value: 'DENIED', label: 'Do not see it' },
  { value: 'READ_ONLY', label: 'See it' },
  { value: 'RUN_ONLY', label: 'See it and run it' },
  { value: 'READ_WRITE', label: 'See, run and change it' },
] satisfies { value: Level; label: string }[]

/** Who may do how much with one pipeline, where that is not as in its project. */
export function PipelinePermissions() {
  const params = route.useParams()
  return (
    <PipelinePage params={params}>
      {(pipeline, path) => (
        <Permissions key={pipeline.id} of={pipeline.permissions} path={path} workspace={params.workspace} />
      )}
    </PipelinePage>
  )
}

function Permissions({
  of,
  path,
  workspace,
}: {
  readonly of: Grants
  readonly path: string
  readonly workspace: string
}) {
  const people = usePeople(workspace)
  const form = useForm(
    of,
    (permissions) => call('PATCH', path, { permissions }),
    () => void refresh(path),
  )
  const { users, groups } = form.values
  const names: Readonly<Record<Who, ReadonlyMap<number, string>>> = {
    users: new Map(people.members.map((member) => [member.id, nameOf(member)])),
    groups: new Map(people.groups.map(({ id, name }) => [id, name])),
  }
  const add = (who: Who, id: number): void =>
    form.change((before) => ({ ...before, [who]: [...before[who], { id, access_level: 'RUN_ONLY' }] }))
  const left = (who: Who) =>
    [...names[who]].filter(([id]) => !form.values[who].some((each) => each.id === id))
  return (
    <Form
      of={form}
      fields={['permissions']}
      submit="Save"
      saved="Saved"
      beside={<AsCurl method="PATCH" path={path} body={{ permissions: form.values }} />}
    >
      <Section
        title="Who may what with it"
        actions={
          <Menu position="bottom-end" width={230}>
            <Menu.Target>
              <Button leftSection={<Icon name="add" />}>Add</Button>
            </Menu.Target>
            <Menu.Dropdown mah={320} style={{ overflowY: 'auto' }}>
              {(['groups', 'users'] as const).flatMap((who) =>
                left(who).map(([id, name]) => (
                  <Menu.Item
                    key={`${who} ${id}`}
                    leftSection={<Icon name={who === 'groups' ? 'people' : 'person'} />}
                    onClick={() => add(who, id)}
                  >
                    {name}
                  </Menu.Item>
                )),
              )}
              {left('groups').length + left('users').length === 0 && (
                <Menu.Item disabled>Nobody else</Menu.Item>
              )}
            </Menu.Dropdown>
          </Menu>
        }
      >
        <Table label="Permissions" heads={['Who', 'May', '']}>
          {(['groups', 'users'] as const).flatMap((who) =>
            form.values[who].map(({ id, access_level: level }, index) => {
              const name = names[who].get(id) ?? `#${id}`
              const change = (levels: readonly Level[]): void =>
                form.change((before) => ({
                  ...before,
                  [who]: before[who].flatMap((each) =>
                    each.id === id ? levels.map((access_level) => ({ id, access_level })) : [each],
                  ),
                }))
              return (
                <Row
                  key={`${who} ${id}`}
                  icon={who === 'groups' ? 'people' : 'person'}
                  name={name}
                  level={level}
                  error={errorOf(form, `permissions.${who}.${index}`)}
                  change={(to) => change([to])}
                  remove={() => change([])}
                />
              )
            }),
          )}
          <Row
            icon="more"
            name={users.length + groups.length === 0 ? 'Everybody in the project' : 'Everybody else'}
            level={form.values.others}
            error={errorOf(form, 'permissions.others')}
            change={(to) => form.set('others', to)}
          />
        </Table>
        <p className="dim">The workspace's owner and its admins may everything, whatever is said here.</p>
      </Section>
    </Form>
  )
}

function Row({
  icon,
  name,
  level,
  error,
  change,
  remove,
}: {
  readonly icon: IconName
  readonly name: string
  readonly level: Level
  readonly error: string | undefined
  readonly change: (level: Level) => void
  readonly remove?: () => void
}) {
  return (
    <tr>
      <td className={nameCell}>
        <span className={styles.who}>
          <Icon name={icon} />
          {name}
        </span>
      </td>
      <td>
        <Select
          size="xs"
          w={200}
          aria-label={`What ${name} may`}
          value={level}
          data={LEVELS}
          onChange={(value) => change(value as Level)}
          {...(error !== undefined && { error })}
        />
      </td>
      <td className={endCell}>
        {remove !== undefined && (
          <ActionIcon aria-label={`Remove ${name}`} onClick={remove}>
            <Icon name="trash" />
          </ActionIcon>
        )}
      </td>
    </tr>
  )
}
