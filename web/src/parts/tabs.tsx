import { Link, type LinkProps } from '@tanstack/react-router'
import styles from './tabs.module.css'

/** The views of one thing, each a page of its own. */
export function Tabs({
  label,
  of,
}: {
  readonly label: string
  readonly of: readonly (Pick<LinkProps, 'to' | 'params'> & { readonly words: string })[]
}) {
  return (
    <nav className={styles.tabs} aria-label={label}>
      {of.map(({ words, ...link }) => (
        <Link
          key={words}
          {...link}
          className={styles.tab}
          activeOptions={{ exact: true, includeSearch: false }}
          activeProps={{ 'aria-current': 'page' }}
        >
          {words}
        </Link>
      ))}
    </nav>
  )
}
