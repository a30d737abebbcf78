import { Button } from '@mantine/core'
import { useState } from 'react'
import type { Headway } from '../data/live.ts'
import { Digest } from '../parts/digest.tsx'
import { formatBytes, formatDuration } from '../parts/figures.ts'
import { Section } from '../parts/page.tsx'
import styles from './moves.module.css'

type Move = Headway['moves'][number]

const SHOWN = 12
const DONE: Readonly<Record<string, string>> = {
  MOUNTED: 'mounted',
  COPIED: 'sent',
  PRESENT: 'already there',
  PUT: 'put',
  TAGGED: 'tagged',
}

/** What a promotion moves: each blob a bar, and how fast all of it goes. */
export function Moves({ of: headway, running }: { readonly of: Headway; readonly running: boolean }) {
  const [wanted, setWanted] = useState<number>()
  const blobs = headway.moves.filter(({ kind }) => kind === 'COPY' || kind === 'MOUNT')
  // What moves now is looked at, the large ones first; what is done has had its time.
  const ordered = blobs.toSorted((one, other) => rank(one) - rank(other) || other.size - one.size)
  const count = wanted ?? (running ? SHOWN : 0)
  const shown = ordered.slice(0, count)
  return (
    <Section title="Moves" actions={<Summary of={headway} running={running} />}>
      {running && (
        <div
          role="progressbar"
          aria-label="Bytes sent"
          aria-valuenow={Math.round(share(headway.bytes_sent, headway.bytes_total) * 100)}
          aria-valuemin={0}
          aria-valuemax={100}
          className={styles.whole}
        >
          <div style={{ transform: `scaleX(${share(headway.bytes_sent, headway.bytes_total)})` }} />
        </div>
      )}
      {shown.length > 0 && (
        <ol className={styles.blobs} aria-label="Blobs">
          {shown.map((move) => (
            <Blob key={`${move.kind} ${move.digest}`} of={move} />
          ))}
        </ol>
      )}
      {blobs.length > count && (
        <div>
          <Button onClick={() => setWanted(blobs.length)}>
            {blobs.length === 1 ? 'Show the blob' : `Show all ${blobs.length} blobs`}
          </Button>
        </div>
      )}
    </Section>
  )
}

function Summary({ of, running }: { readonly of: Headway; readonly running: boolean }) {
  const { moves_done, moves_total, bytes_sent, bytes_total, rate } = of
  const left = rate !== undefined && rate > 0 ? ((bytes_total - bytes_sent) / rate) * 1000 : undefined
  return (
    <span className={`dim nums ${styles.summary}`}>
      <span>
        {moves_done} of {moves_total} moves
      </span>
      <span>
        {formatBytes(bytes_sent)} of {formatBytes(bytes_total)}
      </span>
      {running && rate !== undefined && <span>{formatBytes(rate)}/s</span>}
      {running && left !== undefined && left > 1000 && <span>{formatDuration(left, true)} left</span>}
    </span>
  )
}

function Blob({ of: { digest, size, sent, done_as } }: { readonly of: Move }) {
  const part = done_as === null ? share(sent, size) : 1
  return (
    <li className={styles.blob} data-done={done_as ?? undefined}>
      <Digest of={digest} />
      <div className={styles.bar} aria-hidden="true">
        <div style={{ transform: `scaleX(${part})` }} />
      </div>
      <span className={`nums ${styles.bytes}`}>
        {done_as === null && sent > 0 ? `${formatBytes(sent)} of ${formatBytes(size)}` : formatBytes(size)}
      </span>
      <span className={styles.as}>
        {done_as === null ? (sent > 0 ? 'sending' : 'waits') : (DONE[done_as] ?? done_as)}
      </span>
    </li>
  )
}

function rank({ done_as, sent }: Move): number {
  return done_as !== null ? 2 : sent > 0 ? 0 : 1
}

function share(part: number, whole: number): number {
  return whole === 0 ? 1 : Math.min(1, part / whole)
}
