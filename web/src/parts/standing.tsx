import type { BoardCellView } from '#api/wire'
import styles from './standing.module.css'

/** How a place stands, as people read it: a word, a shape and a colour for each. */
export type Standing =
  | 'moving'
  | 'waiting'
  | 'drifted'
  | 'missing'
  | 'behind'
  | 'in-step'
  | 'unknown'
  | 'empty'
  | 'source'

interface Look {
  readonly words: string
  readonly tone?: 'green' | 'red' | 'amber' | 'blue'
  readonly shape: keyof typeof SHAPES
}

const ring = <circle cx="8" cy="8" r="6" />
const SHAPES = {
  check: (
    <>
      <circle cx="8" cy="8" r="7" fill="currentColor" stroke="none" />
      <path d="m5 8.2 2.1 2.1L11 6.2" stroke="var(--surface)" />
    </>
  ),
  behind: (
    <>
      {ring}
      <path d="M8 11V5.2M5.6 7.4 8 5l2.4 2.4" />
    </>
  ),
  warning: (
    <>
      <path d="M8 1.8 15 14H1z" fill="currentColor" stroke="currentColor" strokeWidth={1} />
      <path d="M8 6.2v3.4M8 11.8v.1" stroke="var(--surface)" />
    </>
  ),
  cross: (
    <>
      <circle cx="8" cy="8" r="7" fill="currentColor" stroke="none" />
      <path d="m5.7 5.7 4.6 4.6M10.3 5.7l-4.6 4.6" stroke="var(--surface)" />
    </>
  ),
  moving: (
    <>
      <circle cx="8" cy="8" r="6" opacity={0.3} />
      <path d="M8 2a6 6 0 0 1 6 6" className={styles.spin} />
    </>
  ),
  pause: (
    <>
      {ring}
      <path d="M6.4 5.8v4.4M9.6 5.8v4.4" />
    </>
  ),
  question: (
    <>
      <circle cx="8" cy="8" r="6" strokeDasharray="2.2 2.5" />
      <path d="M6.6 6.6a1.5 1.5 0 1 1 2 1.4c-.5.2-.6.5-.6 1M8 11.2v.1" strokeWidth={1.3} />
    </>
  ),
  dash: <circle cx="8" cy="8" r="6" strokeDasharray="2.2 2.5" />,
  dot: (
    <>
      {ring}
      <circle cx="8" cy="8" r="2.2" fill="currentColor" stroke="none" />
    </>
  ),
} as const

const LOOKS: Readonly<Record<Standing, Look>> = {
  moving: { words: 'Moving now', tone: 'blue', shape: 'moving' },
  waiting: { words: 'Waits for approval', tone: 'amber', shape: 'pause' },
  drifted: { words: 'Changed outside', tone: 'red', shape: 'warning' },
  missing: { words: 'Tag is gone', tone: 'red', shape: 'cross' },
  behind: { words: 'Behind', tone: 'amber', shape: 'behind' },
  'in-step': { words: 'In step', tone: 'green', shape: 'check' },
  unknown: { words: 'Not known', shape: 'question' },
  empty: { words: 'Nothing yet', shape: 'dash' },
  source: { words: 'Source', shape: 'dot' },
}

export const STANDINGS = Object.keys(LOOKS) as readonly Standing[]

export function standingOf({ state, underway }: Pick<BoardCellView, 'state' | 'underway'>): Standing {
  if (underway !== null) return underway.status.startsWith('WAITING_') ? 'waiting' : 'moving'
  return state.toLowerCase().replaceAll('_', '-') as Standing
}

export function standingWords(standing: Standing): string {
  return LOOKS[standing].words
}

/** How a place stands, as a mark and its word. */
export function StandingMark({
  of,
  bare = false,
}: {
  readonly of: Standing
  /** The mark alone: its word stands beside it already. */
  readonly bare?: boolean
}) {
  const { words, tone, shape } = LOOKS[of]
  return (
    <span
      className={tone === undefined ? styles.standing : `${styles.standing} ${styles[tone]}`}
      data-standing={of}
    >
      <svg
        aria-hidden="true"
        width={14}
        height={14}
        viewBox="0 0 16 16"
        fill="none"
        stroke="currentColor"
        strokeWidth={1.6}
        strokeLinecap="round"
        strokeLinejoin="round"
      >
        {SHAPES[shape]}
      </svg>
      {!bare && words}
    </span>
  )
}
