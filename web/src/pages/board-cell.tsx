// biome-ignore-all lint/a11y/useSemanticElements: rows come and go with the scrolling, which those of tables cannot
// biome-ignore-all lint/a11y/useFocusableInteractive: the buttons in its cells are
import { memo } from 'react'
import type { BoardCellView } from '#api/wire'
import { shortDigest } from '../parts/figures.ts'
import { StandingMark, standingOf, standingWords } from '../parts/standing.tsx'
import { When } from '../parts/when.tsx'
import styles from './board-grid.module.css'

interface CellProps {
  readonly of: BoardCellView
  readonly at: string
  readonly column: number
  readonly active: boolean
  readonly open: (place: string) => void
}

/** What stands in one place, how that is, since when and by whom; opens what can be done there. */
export const Cell = memo(function Cell({ of, at, column, active, open }: CellProps) {
  const standing = standingOf(of)
  return (
    <div
      role="gridcell"
      className={styles.cell}
      aria-colindex={column + 2}
      style={{ gridColumn: column + 2 }}
    >
      <button
        type="button"
        className={styles.button}
        data-at={at}
        data-standing={standing}
        tabIndex={active ? 0 : -1}
        onClick={() => open(of.place)}
      >
        <span className={styles.environment}>{of.environment}</span>
        <span className={styles.what}>
          <StandingMark of={standing} bare />
          {of.digest === null ? (
            <span className={styles.none}>{standingWords(standing)}</span>
          ) : (
            <span className={styles.digest}>{shortDigest(of.digest)}</span>
          )}
        </span>
        {of.digest !== null && (
          <span className={styles.how}>
            {standingWords(standing)}
            {of.move !== null &&
              (standing === 'drifted' || standing === 'missing' ? (
                ` · was ${shortDigest(of.move.digest)}`
              ) : (
                <>
                  {' · '}
                  <When at={of.move.date} />
                  <span className={styles.who}> · {of.move.promoted_by.name}</span>
                </>
              ))}
          </span>
        )}
      </button>
    </div>
  )
})
