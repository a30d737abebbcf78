import type { ActionExecutionView } from '#api/wire'
import type { Headway } from '../data/live.ts'
import { useMeaning } from '../data/meaning.ts'
import { remedyFor } from '../data/remedy.ts'
import { Digest } from '../parts/digest.tsx'
import { Log } from '../parts/log.tsx'
import { Section } from '../parts/page.tsx'
import { Place } from '../parts/place.tsx'
import { isOver } from '../parts/status.tsx'
import styles from './action-execution.module.css'
import { Moves } from './moves.tsx'
import { Answered, Question } from './question.tsx'
import { Receipt } from './receipt.tsx'

/** What one action of a run does or did: from where to where, why it failed, its receipt, its log. */
export function ActionExecution({
  of: run,
  lines = [],
  headway,
  workspace,
  path,
  then,
}: {
  readonly of: ActionExecutionView
  readonly lines: readonly string[] | undefined
  readonly headway: Headway | undefined
  readonly workspace: string
  /** Of the run. */
  readonly path: string
  /** Hears of what was answered. */
  readonly then: () => void
}) {
  const { action, status, promotion } = run
  return (
    <>
      {run.error_message !== null && <Failure of={run} />}
      {status.startsWith('WAITING_') && <Question of={run} path={path} then={then} />}
      <Answered of={run} workspace={workspace} />
      {action.src !== undefined && (
        <div className={styles.move}>
          <div className={styles.end}>
            <h2>From</h2>
            <Place of={action.src} />
            {promotion !== null && <Digest of={promotion.digest} />}
          </div>
          <div className={styles.end}>
            <h2>To</h2>
            <Place of={action.dest} from={action.src} />
            {promotion !== null && <Moved of={promotion} />}
          </div>
        </div>
      )}
      {promotion !== null && <Receipt of={promotion} />}
      {headway !== undefined && headway.moves_total > 0 && (
        <Moves of={headway} running={status === 'INPROGRESS'} />
      )}
      <Section title="Log">
        {lines.length === 0 ? (
          <p className="dim">{isOver(status) ? 'It said nothing.' : 'Nothing yet.'}</p>
        ) : (
          <Log lines={lines} label={`Log of ${action.name}`} />
        )}
      </Section>
    </>
  )
}

type Promotion = NonNullable<ActionExecutionView['promotion']>

function Moved({ of: { digest, previous_digest } }: { readonly of: Promotion }) {
  if (previous_digest === digest) return <span className="dim">was there already</span>
  return (
    <span className={styles.moved}>
      {previous_digest === null ? (
        <span className="dim">new</span>
      ) : (
        <>
          <Digest of={previous_digest} />
          <span aria-hidden="true">→</span>
          <span className="visually-hidden">became</span>
        </>
      )}
      <Digest of={digest} />
    </span>
  )
}

/** Why it failed, where, and what that means: enough to know what to do without reading on. */
function Failure({
  of: { error_code, error_side, error_message, action },
}: {
  readonly of: ActionExecutionView
}) {
  const meaning = useMeaning(error_code)
  const remedy = remedyFor(error_code, error_side)
  const prefix = [error_code, error_side && `${error_side}:`].filter(Boolean).join(' ')
  const message = (error_message ?? '').startsWith(`${prefix} `)
    ? (error_message ?? '').slice(prefix.length + 1)
    : error_message
  return (
    <section className={styles.failure} aria-label="Why it failed">
      <div className={styles.code}>
        {error_code}
        {error_side !== null && <span> at the {error_side}</span>}
      </div>
      <p className={styles.message}>{message}</p>
      {meaning !== undefined && <p className="dim">It means: {meaning}.</p>}
      {remedy !== undefined && <p>What now: {remedy}</p>}
      {error_side !== null && (
        <p className="dim">
          The {error_side} is{' '}
          {error_side === 'source' ? <Place of={action.src} /> : <Place of={action.dest} from={action.src} />}
          .
        </p>
      )}
    </section>
  )
}
