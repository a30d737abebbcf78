import type { PlannedView } from '#api/wire'
import { Digest } from './digest.tsx'
import { formatBytes } from './figures.ts'
import styles from './plan.module.css'

/** What promotions would do: which tag moves from which digest to which, and what that costs. */
export function Plan({ of: plan }: { readonly of: readonly PlannedView[] }) {
  if (plan.length === 0) return <p className="dim">Nothing is promoted.</p>
  return (
    <ol className={styles.plan} aria-label="Plan">
      {plan.map((planned, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: one action may be planned for several values
        <li key={`${planned.action_id} ${index}`} className={styles.item}>
          <div className={styles.places}>
            <span title={planned.source ?? ''}>{shortSource(planned.source ?? planned.name)}</span>
            {planned.target !== null && <span>→ {planned.target}</span>}
          </div>
          {planned.error_message === null ? (
            <Change of={planned} />
          ) : (
            <p className={styles.failure}>{planned.error_message}</p>
          )}
        </li>
      ))}
    </ol>
  )
}

/** A source that is named by its digest, whose first figures stand below as well. */
function shortSource(source: string): string {
  return source.replace(/(@sha256:[0-9a-f]{12})[0-9a-f]+$/, '$1…')
}

function Change({ of }: { readonly of: PlannedView }) {
  const { digest, previous_digest: previous } = of
  return (
    <div className={styles.change}>
      {previous !== null && <Digest of={previous} />}
      {previous !== null && previous !== digest && <span aria-hidden="true">→</span>}
      {previous === null && <span className="dim">new tag</span>}
      {digest !== null && digest !== previous && <Digest of={digest} />}
      <span className="dim nums">{costOf(of)}</span>
    </div>
  )
}

/** `12.4 MB to send · 3.1 MB already there`, or that there is nothing to do. */
export function costOf({ moves, bytes_to_send, bytes_to_mount, bytes_present }: PlannedView): string {
  if (moves.tag + moves.put + moves.copy + moves.mount === 0) return 'nothing to do: it is there already'
  const parts = [
    bytes_to_send > 0 && `${formatBytes(bytes_to_send)} to send`,
    bytes_to_mount > 0 && `${formatBytes(bytes_to_mount)} to mount`,
    bytes_present > 0 && `${formatBytes(bytes_present)} already there`,
  ].filter(Boolean)
  return parts.length === 0 ? 'the tag alone moves' : parts.join(' · ')
}

/** These digests and no others, as they were shown: each action's, where it has one. */
export function expected(plan: readonly PlannedView[]) {
  const shown = plan.flatMap(({ action_id, digest }) => (digest === null ? [] : [{ action_id, digest }]))
  const once = new Set(shown.map(({ action_id }) => action_id)).size === shown.length
  return once && shown.length > 0 ? { expected: shown } : {}
}
