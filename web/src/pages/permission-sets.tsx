import { ActionIcon, Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import type { PermissionSetView } from '#api/wire'
import { call } from '../data/call.ts'
import { refresh, thing } from '../data/query.ts'
import { Answer } from '../parts/answer.tsx'
import { AsCurl } from '../parts/code.tsx'
import { Confirm } from '../parts/confirm.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { ChoiceField, TextField } from '../parts/field.tsx'
import { Form, given, useForm } from '../parts/form.tsx'
import { Icon } from '../parts/icon.tsx'
import { Section } from '../parts/page.tsx'
import { endCell, nameCell, Table } from '../parts/table.tsx'

/** What a level lets people do, by what it is of. Of what has no meaning here sets keep the level, and these pages ask for none. */
const LEVELS = {
  pipeline_access_level: {
    label: 'Pipelines',
    words: {
      DENIED: 'Not see',
      READ_ONLY: 'See',
      RUN_ONLY: 'See and run',
      READ_WRITE: 'See, run and change',
      MANAGE: 'See, run and change',
    },
  },
  project_team_access_level: {
    label: 'The team',
    words: { DENIED: 'Not see', READ_ONLY: 'See', MANAGE: 'See and change' },
  },
  repository_access_level: {
    label: 'The project itself',
    words: { READ_ONLY: 'See', DENIED: 'See', READ_WRITE: 'See', MANAGE: 'See, rename and remove' },
  },
} as const satisfies Partial<
  Record<keyof PermissionSetView, { label: string; words: Readonly<Record<string, string>> }>
>
type Kind = keyof typeof LEVELS
const KINDS = Object.keys(LEVELS) as Kind[]

function wordsOf(kind: Kind, level: string): string {
  const words: Readonly<Record<string, string>> = LEVELS[kind].words
  return words[level] ?? level.toLowerCase().replaceAll('_', ' ')
}

/** What people can be allowed in projects, under names. `path`: of the workspace. */
export function PermissionSets({ path }: { readonly path: string }) {
  const above = `${path}/permissions`
  const list = useQuery(thing<{ permission_sets: PermissionSetView[] }>(above))
  return (
    <Section
      title="Permission sets"
      actions={
        <SetDialog
          title="New permission set"
          path={above}
          opener={(open) => (
            <Button leftSection={<Icon name="add" />} onClick={open}>
              New permission set
            </Button>
          )}
        />
      }
    >
      <Answer of={list}>
        {({ permission_sets: sets }) => (
          <Table
            label="Permission sets"
            heads={['Name', ...KINDS.map((kind) => LEVELS[kind].label), 'About', '']}
          >
            {sets.map((set) => (
              <Row key={set.id} of={set} above={above} />
            ))}
          </Table>
        )}
      </Answer>
    </Section>
  )
}

function Row({ of: set, above }: { readonly of: PermissionSetView; readonly above: string }) {
  const { id, name, description, type } = set
  return (
    <tr>
      <td className={nameCell}>{name}</td>
      {KINDS.map((kind) => (
        <td key={kind} data-head={LEVELS[kind].label}>
          {wordsOf(kind, set[kind])}
        </td>
      ))}
      <td className="dim">{description ?? (type === 'CUSTOM' ? '' : 'Built in')}</td>
      <td className={endCell}>
        {type === 'CUSTOM' && (
          <>
            <SetDialog
              title={name}
              path={`${above}/${id}`}
              before={set}
              opener={(open) => (
                <ActionIcon aria-label={`Edit ${name}`} onClick={open}>
                  <Icon name="edit" />
                </ActionIcon>
              )}
            />
            <Confirm
              title={`Remove ${name}?`}
              submit="Remove"
              opener={(open) => (
                <ActionIcon aria-label={`Remove ${name}`} onClick={open}>
                  <Icon name="trash" />
                </ActionIcon>
              )}
              act={() => call('DELETE', `${above}/${id}`)}
              then={() => void refresh(above)}
            >
              Only a set that nobody has in a project can go.
            </Confirm>
          </>
        )}
      </td>
    </tr>
  )
}

interface SetProps {
  readonly path: string
  readonly before?: PermissionSetView
}

function SetDialog({
  title,
  opener,
  ...props
}: SetProps & { readonly title: string; readonly opener: (open: () => void) => ReactNode }) {
  return (
    <Dialog title={title} opener={opener}>
      {(close) => <SetForm {...props} then={close} />}
    </Dialog>
  )
}

function SetForm({ path, before, then }: SetProps & { readonly then: () => void }) {
  const method = before === undefined ? 'POST' : 'PATCH'
  const form = useForm(
    {
      name: before?.name ?? '',
      description: before?.description ?? '',
      pipeline_access_level: before?.pipeline_access_level ?? 'READ_ONLY',
      project_team_access_level: before?.project_team_access_level ?? 'READ_ONLY',
      repository_access_level: before?.repository_access_level ?? 'READ_ONLY',
    },
    (values) => call(method, path, given(values)),
    () => {
      void refresh(path.replace(/\/\d+$/, ''))
      then()
    },
  )
  return (
    <Form
      of={form}
      fields={Object.keys(form.values)}
      submit={before === undefined ? 'Make the set' : 'Save'}
      beside={<AsCurl method={method} path={path} body={given(form.values)} />}
    >
      <TextField form={form} name="name" label="Name" placeholder="Deployers" required focus />
      <TextField form={form} name="description" label="About" hint="Who is to have it" />
      {KINDS.map((kind) => (
        <ChoiceField
          key={kind}
          form={form}
          name={kind}
          label={LEVELS[kind].label}
          choices={choicesOf(kind, form.values[kind])}
        />
      ))}
    </Form>
  )
}

/** Each word once; a level that means the same as another stays what it is. */
function choicesOf(kind: Kind, now: string) {
  const same = (level: string): boolean => level !== now && wordsOf(kind, level) === wordsOf(kind, now)
  const levels = [...new Set([...Object.keys(LEVELS[kind].words), now])].filter((level) => !same(level))
  return levels
    .filter((level, at) => levels.findIndex((each) => wordsOf(kind, each) === wordsOf(kind, level)) === at)
    .map((value) => ({ value, label: wordsOf(kind, value) }))
}
