import type { ActionExecutionView } from '#api/wire'
import { Mark, wordsOf } from '../parts/status.tsx'
import { Took } from '../parts/when.tsx'
import styles from './stations.module.css'

/** A run's actions as a line of stations; one of them is looked at. */
export function Stations({
  of: actions,
  chosen,
  choose,
}: {
  readonly of: readonly ActionExecutionView[]
  readonly chosen: string | undefined
  readonly choose: (id: string) => void
}) {
  return (
    <ol className={styles.line} aria-label="Actions">
      {actions.map(({ action_execution_id: id, action, status, start_date, finish_date }) => (
        <li key={id} className={styles.stop} data-status={status}>
          <button
            type="button"
            className={styles.station}
            aria-pressed={id === chosen}
            onClick={() => choose(id)}
          >
            <Mark of={status} />
            <span className={styles.name}>{action.name}</span>
            <span className={styles.facts}>
              {wordsOf(status)}
              {start_date !== null && (
                <>
                  {' · '}
                  <Took from={start_date} to={finish_date} />
                </>
              )}
            </span>
          </button>
        </li>
      ))}
    </ol>
  )
}
