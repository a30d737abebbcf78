import styles from './diff.module.css'

const WORDS: Readonly<Record<string, string>> = { '-': 'removed', '+': 'added', '@': 'place' }

/** What changes between two texts, in the unified form. */
export function Diff({ of: diff }: { readonly of: string }) {
  return (
    <section className={styles.frame} aria-label="Differences">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is to be reached by the keyboard */}
      <pre className={styles.diff} tabIndex={0}>
        {diff
          .replace(/\n$/, '')
          .split('\n')
          .map((line, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a line is its place
            <span key={index} className={styles.line} data-kind={WORDS[line[0] ?? '']}>
              {line}
              {'\n'}
            </span>
          ))}
      </pre>
    </section>
  )
}
