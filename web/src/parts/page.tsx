import { type ReactNode, useEffect } from 'react'
import styles from './page.module.css'

/** A page: its title, what can be done on it, and its content. */
export function Page({
  title,
  above,
  beside,
  actions,
  tabs,
  children,
}: {
  readonly title: string
  /** Where this is. */
  readonly above?: ReactNode
  /** Facts that belong to the title. */
  readonly beside?: ReactNode
  readonly actions?: ReactNode
  readonly tabs?: ReactNode
  readonly children: ReactNode
}) {
  useEffect(() => {
    document.title = `${title} · Tagboat`
  }, [title])
  return (
    <>
      <header className={styles.header}>
        {above !== undefined && <nav aria-label="Where this is">{above}</nav>}
        <div className={styles.line}>
          <h1>{title}</h1>
          {beside !== undefined && <div className={styles.beside}>{beside}</div>}
          {actions !== undefined && <div className={styles.actions}>{actions}</div>}
        </div>
        {tabs}
      </header>
      <div className={styles.content}>{children}</div>
    </>
  )
}

/** A part of a page under a heading of its own. */
export function Section({
  title,
  actions,
  children,
}: {
  readonly title: string
  readonly actions?: ReactNode
  readonly children: ReactNode
}) {
  return (
    <section className={styles.section} aria-label={title}>
      <div className={styles.line}>
        <h2>{title}</h2>
        {actions !== undefined && <div className={styles.actions}>{actions}</div>}
      </div>
      {children}
    </section>
  )
}
