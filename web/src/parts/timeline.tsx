import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { Digest } from './digest.tsx'
import type { Span } from './spans.ts'
import styles from './timeline.module.css'
import { Took, When } from './when.tsx'

const WORDS: Readonly<Record<Span['how'], string>> = {
  promoted: 'Promoted',
  'rolled-back': 'Rolled back',
  found: 'Was there before',
  outside: 'Changed outside',
}

/** What one tag named from when to when, by whom and through which run, the newest first. */
export function Timeline({
  of: spans,
  workspace,
  project,
  beside,
}: {
  readonly of: readonly Span[]
  readonly workspace: string
  readonly project: string
  /** What can be done with one of them. */
  readonly beside?: (span: Span) => ReactNode
}) {
  return (
    <ol className={styles.timeline} aria-label="What this tag named">
      {spans.map((span) => (
        <li key={span.key} className={styles.span} data-how={span.how} data-now={span.now || undefined}>
          <div className={styles.line}>
            {span.digest === undefined ? (
              <span className={styles.gone}>no such tag</span>
            ) : (
              <Digest of={span.digest} />
            )}
            <span className={styles.how}>{WORDS[span.how]}</span>
            {span.now && <span className={styles.now}>now</span>}
            <span className={styles.beside}>{beside?.(span)}</span>
          </div>
          <p className={styles.words}>
            <Words of={span} workspace={workspace} project={project} />
          </p>
        </li>
      ))}
    </ol>
  )
}

function Words({
  of: { how, move, to },
  workspace,
  project,
}: {
  readonly of: Span
  readonly workspace: string
  readonly project: string
}) {
  if (move === undefined) return 'by another tool'
  const run = <RunLink of={move} workspace={workspace} project={project} />
  switch (how) {
    case 'outside':
      return (
        <>
          by another tool · found <When at={move.date} /> by {run}
        </>
      )
    case 'found':
      return (
        <>
          until <When at={move.date} />, replaced by {run}
        </>
      )
    default:
      return (
        <>
          <When at={move.date} /> by {move.promoted_by.name} · {run}
          {to !== undefined && (
            <>
              {' '}
              · stood <Took from={move.date} to={to} />
            </>
          )}
        </>
      )
  }
}

/** The run that moved a tag. */
export function RunLink({
  of,
  workspace,
  project,
}: {
  readonly of: {
    readonly pipeline_id: number
    readonly pipeline_name: string
    readonly execution_id: number
  }
  readonly workspace: string
  readonly project: string
}) {
  return (
    <Link
      to="/$workspace/$project/pipelines/pipeline/$pipeline/execution/$execution"
      params={{ workspace, project, pipeline: String(of.pipeline_id), execution: String(of.execution_id) }}
      className={styles.run}
    >
      {of.pipeline_name} #{of.execution_id}
    </Link>
  )
}
