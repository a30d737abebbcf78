import styles from './status.module.css'

interface Look {
  readonly words: string
  readonly tone?: 'green' | 'red' | 'amber' | 'blue'
  readonly mark: 'done' | 'failed' | 'running' | 'waiting' | 'none' | 'cut'
}

/** Every status of an execution or action execution, as people read it. */
const LOOKS: Readonly<Record<string, Look>> = {
  INITIAL: { words: 'Not run yet', mark: 'none' },
  ENQUEUED: { words: 'Queued', mark: 'none', tone: 'blue' },
  INPROGRESS: { words: 'Running', mark: 'running', tone: 'blue' },
  TERMINATING: { words: 'Stopping', mark: 'running', tone: 'amber' },
  SUCCESSFUL: { words: 'Successful', mark: 'done', tone: 'green' },
  FAILED: { words: 'Failed', mark: 'failed', tone: 'red' },
  TERMINATED: { words: 'Cancelled', mark: 'cut' },
  SKIPPED: { words: 'Skipped', mark: 'cut' },
  NOT_EXECUTED: { words: 'Not run', mark: 'none' },
  WAITING_FOR_APPLY: { words: 'Waits for approval', mark: 'waiting', tone: 'amber' },
  WAITING_FOR_VARIABLES: { words: 'Waits for variables', mark: 'waiting', tone: 'amber' },
  WAITING_FOR_SETTABLE_VARIABLES: { words: 'Waits for variables', mark: 'waiting', tone: 'amber' },
  WAITING_FOR_VT_SESSION: { words: 'Waits', mark: 'waiting', tone: 'amber' },
}

const OVER: ReadonlySet<string> = new Set(['SUCCESSFUL', 'FAILED', 'TERMINATED', 'SKIPPED', 'NOT_EXECUTED'])

/** Whether nothing will happen any more by itself. */
export function isOver(status: string): boolean {
  return OVER.has(status)
}

export function wordsOf(status: string): string {
  return lookOf(status).words
}

function lookOf(status: string): Look {
  return LOOKS[status] ?? { words: status.toLowerCase().replaceAll('_', ' '), mark: 'none' }
}

/** A status as a mark and its word, or the mark alone with the word for those who hear pages. */
export function Status({ of, bare = false }: { readonly of: string; readonly bare?: boolean }) {
  const { words, tone } = lookOf(of)
  return (
    <span className={[styles.status, tone && styles[tone]].filter(Boolean).join(' ')} data-status={of}>
      <Mark of={of} />
      {bare ? <span className="visually-hidden">{words}</span> : words}
    </span>
  )
}

/** The mark by itself: a shape for each status, so that no meaning hangs on a colour. */
export function Mark({ of, size = 16 }: { readonly of: string; readonly size?: number }) {
  const { mark, tone } = lookOf(of)
  return (
    <span className={[styles.mark, tone && styles[tone]].filter(Boolean).join(' ')}>
      <svg
        aria-hidden="true"
        width={size}
        height={size}
        viewBox="0 0 16 16"
        fill="none"
        stroke="currentColor"
        strokeWidth={1.6}
      >
        {SHAPES[mark]}
      </svg>
    </span>
  )
}

const ring = <circle cx="8" cy="8" r="6" opacity={0.35} />
const SHAPES = {
  none: <circle cx="8" cy="8" r="6" strokeDasharray="2.2 2.5" />,
  waiting: (
    <>
      <circle cx="8" cy="8" r="6" />
      <path d="M6.4 5.8v4.4M9.6 5.8v4.4" strokeLinecap="round" />
    </>
  ),
  running: (
    <>
      {ring}
      <path d="M8 2a6 6 0 0 1 6 6" strokeLinecap="round" className={styles.spin} />
    </>
  ),
  done: (
    <>
      <circle cx="8" cy="8" r="7" fill="currentColor" stroke="none" />
      <path d="m5 8.2 2.1 2.1L11 6.2" stroke="var(--surface)" strokeLinecap="round" strokeLinejoin="round" />
    </>
  ),
  failed: (
    <>
      <circle cx="8" cy="8" r="7" fill="currentColor" stroke="none" />
      <path d="m5.7 5.7 4.6 4.6M10.3 5.7l-4.6 4.6" stroke="var(--surface)" strokeLinecap="round" />
    </>
  ),
  cut: (
    <>
      <circle cx="8" cy="8" r="6" />
      <path d="m4 12 8-8" />
    </>
  ),
}
