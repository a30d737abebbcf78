import type { ActionExecutionView } from '#api/wire'
import { formatBytes, formatDuration } from '../parts/figures.ts'
import { Section } from '../parts/page.tsx'
import styles from './receipt.module.css'

type Promotion = NonNullable<ActionExecutionView['promotion']>
type Phases = NonNullable<Promotion['phases']>

/** What the promotion did, in figures, and where its time went. */
export function Receipt({ of }: { readonly of: Promotion }) {
  const facts: readonly [string, string][] = [
    ['Sent', formatBytes(of.bytes_sent)],
    ['Mounted', formatBytes(of.bytes_mounted)],
    ['Already there', formatBytes(of.bytes_present)],
    ['Requests', of.requests.toLocaleString()],
  ]
  return (
    <Section title="Receipt">
      <div className={styles.receipt}>
        <dl className={styles.facts}>
          {facts.map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd className="nums">{value}</dd>
            </div>
          ))}
        </dl>
        {of.phases !== null && <Time of={of.phases} />}
      </div>
    </Section>
  )
}

const WORDS: Readonly<Record<string, string>> = {
  PLAN: 'Plan',
  COPY: 'Copy blobs',
  PUT: 'Put manifests',
  TAG: 'Tag',
  VERIFY: 'Read back',
}

/** The phases as one bar, each as wide as it was long, and each in words below. */
function Time({ of: phases }: { readonly of: Phases }) {
  const total = phases.reduce((sum, { duration_ms: ms }) => sum + ms, 0)
  return (
    <figure className={styles.time} aria-label="Time by phase">
      {phases.length > 1 && (
        <div className={styles.bar} aria-hidden="true">
          {phases.map(({ phase, duration_ms: ms }) => (
            <i key={phase} data-phase={phase} style={{ flexGrow: Math.max(ms, total / 100) }} />
          ))}
        </div>
      )}
      <dl className={styles.phases}>
        {phases.map(({ phase, duration_ms: ms }) => (
          <div key={phase}>
            <dt>
              <i data-phase={phase} aria-hidden="true" />
              {WORDS[phase] ?? phase}
            </dt>
            <dd className="nums">{formatDuration(ms)}</dd>
          </div>
        ))}
        {phases.length > 1 && (
          <div className={styles.total}>
            <dt>In all</dt>
            <dd className="nums">{formatDuration(total)}</dd>
          </div>
        )}
      </dl>
    </figure>
  )
}
