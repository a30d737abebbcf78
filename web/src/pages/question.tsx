import { Button } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { ActionExecutionView, MemberView } from '#api/wire'
import { call, pathOf } from '../data/call.ts'
import { refresh, thing } from '../data/query.ts'
import { AsCurl } from '../parts/code.tsx'
import { LongField, TextField } from '../parts/field.tsx'
import { Form, given, useForm } from '../parts/form.tsx'
import { Icon } from '../parts/icon.tsx'
import { Plan } from '../parts/plan.tsx'
import { When } from '../parts/when.tsx'
import styles from './question.module.css'

interface QuestionProps {
  readonly of: ActionExecutionView
  /** Of the run that asks. */
  readonly path: string
  /** Whether this person is one of those who are asked; undefined: not known. */
  readonly mayAnswer?: boolean
  /** Hears of the answer. */
  readonly then?: () => void
}

/** What a run asks, with what a yes would let happen, down to the digests. */
export function Question(props: QuestionProps) {
  const { of: asked, mayAnswer } = props
  return (
    <section className={styles.question} aria-label="What is asked">
      <p className={styles.words}>{asked.question ?? asked.action.name}</p>
      {asked.expiration_date !== null && (
        <p className="dim">
          An answer is too late <When at={asked.expiration_date} />.
        </p>
      )}
      {asked.plan !== null && <Plan of={asked.plan} />}
      {mayAnswer === false ? (
        <p className="dim">Others are asked.</p>
      ) : asked.status === 'WAITING_FOR_APPLY' ? (
        <YesOrNo {...props} />
      ) : (
        <Values {...props} />
      )}
    </section>
  )
}

/** Approve exactly this plan, or call the run off. */
function YesOrNo({ of: { action_execution_id }, path, then = () => {} }: QuestionProps) {
  const again = (): void => {
    void refresh(path)
    then()
  }
  const form = useForm(
    { comment: '' },
    // Refused or not, it may be another plan that is asked about now.
    (values) => call('PATCH', path, approval(action_execution_id, values)).finally(again),
    () => {},
  )
  const { comment } = form.values
  const decline = useMutation({
    mutationFn: () => call('PATCH', path, { operation: 'CANCEL', ...given({ comment }) }),
    onSettled: again,
  })
  return (
    <Form
      of={form}
      fields={['comment']}
      submit="Approve"
      beside={
        <>
          <AsCurl method="PATCH" path={path} body={approval(action_execution_id, form.values)} />
          <Button
            loading={decline.isPending}
            onClick={() => decline.mutate()}
            leftSection={<Icon name="cross" />}
          >
            Decline
          </Button>
        </>
      }
    >
      <LongField form={form} name="comment" label="Comment" rows={2} />
      {decline.error !== null && <p role="alert">{decline.error.message}</p>}
    </Form>
  )
}

function approval(id: string, values: { readonly comment: string }) {
  return { operation: 'APPLY', approve_action_id: id, ...given(values) }
}

/** The values that an action asks for. */
function Values({ of: { action, action_execution_id }, path, then = () => {} }: QuestionProps) {
  const keys = action.variables.flatMap((variable) => ('key' in variable ? [String(variable.key)] : []))
  const body = (values: Readonly<Record<string, string>>) => ({
    operation: 'APPLY_VARIABLES',
    approve_action_id: action_execution_id,
    variables: keys.flatMap((key) => (values[key] ? [{ key, value: values[key] }] : [])),
  })
  const [initial] = useState(() => Object.fromEntries(keys.map((key) => [key, ''])))
  const form = useForm(
    initial,
    (values) => call('PATCH', path, body(values)),
    () => {
      void refresh(path)
      then()
    },
  )
  return (
    <Form
      of={form}
      fields={keys}
      submit="Go on with these"
      beside={<AsCurl method="PATCH" path={path} body={body(form.values)} />}
    >
      {keys.map((key) => (
        <TextField key={key} form={form} name={key} label={key} mono />
      ))}
    </Form>
  )
}

/** Who said yes, when, and what to it. */
export function Answered({
  of,
  workspace,
}: {
  readonly of: ActionExecutionView
  readonly workspace: string
}) {
  const { approver_id: id, approval_date, approval_comment } = of
  const { data } = useQuery({
    ...thing<MemberView>(pathOf('workspaces', workspace, 'members', id ?? 0)),
    enabled: id !== null,
  })
  if (approval_date === null) return null
  return (
    <p>
      Answered by {data?.name || data?.email || `person ${id}`}, <When at={approval_date} />
      {approval_comment !== null && <span className="dim">: {approval_comment}</span>}
    </p>
  )
}
