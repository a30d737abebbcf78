import type { ReactNode } from 'react'
import styles from './table.module.css'

/** Rows under headings; wide ones scroll by themselves. A heading that is empty is that of what can be done with a row. */
export function Table({
  label,
  heads,
  children,
}: {
  readonly label: string
  readonly heads: readonly string[]
  readonly children: ReactNode
}) {
  return (
    <div className={styles.frame}>
      <table className={styles.table} aria-label={label}>
        <thead>
          <tr>
            {heads.map((head) => (
              <th key={head} scope="col">
                {head === '' ? <span className="visually-hidden">What to do</span> : head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  )
}

export const nameCell = styles.name
export const endCell = styles.end
