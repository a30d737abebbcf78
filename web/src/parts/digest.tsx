import { CopyButton, Tooltip, UnstyledButton } from '@mantine/core'
import styles from './digest.module.css'
import { shortDigest } from './figures.ts'

/** A digest short enough to read, whole on hover, and copied by a click. */
export function Digest({ of }: { readonly of: string }) {
  return (
    <CopyButton value={of} timeout={1500}>
      {({ copied, copy }) => (
        <Tooltip label={copied ? 'Copied' : of} multiline maw={560}>
          <UnstyledButton className={styles.digest} onClick={copy} data-digest={of}>
            {copied ? 'copied' : shortDigest(of)}
            <span className="visually-hidden"> Copy the whole digest</span>
          </UnstyledButton>
        </Tooltip>
      )}
    </CopyButton>
  )
}
