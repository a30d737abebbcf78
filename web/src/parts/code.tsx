import { Button, CopyButton } from '@mantine/core'
import { urlOf } from '../data/call.ts'
import styles from './code.module.css'
import { Dialog } from './dialog.tsx'
import { Icon } from './icon.tsx'

/** Text for machines, with a button that copies it. */
export function Code({ children }: { readonly children: string }) {
  return (
    <div className={styles.code}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is to be reached by the keyboard */}
      <pre tabIndex={0}>{children}</pre>
      <CopyButton value={children}>
        {({ copied, copy }) => (
          <Button size="compact-xs" className={styles.copy ?? ''} onClick={copy}>
            {copied ? 'Copied' : 'Copy'}
          </Button>
        )}
      </CopyButton>
    </div>
  )
}

/** A button that shows how the same is had or done from a shell. */
export function AsCurl({
  method = 'GET',
  path,
  body,
}: {
  readonly method?: string
  readonly path: string
  readonly body?: unknown
}) {
  return (
    <Dialog
      title="As curl"
      wide
      opener={(open) => (
        <Button variant="subtle" color="gray" leftSection={<Icon name="code" />} onClick={open}>
          as curl
        </Button>
      )}
    >
      {() => <Code>{curlOf(method, path, body)}</Code>}
    </Dialog>
  )
}

/** A command for a POSIX shell. The token comes from the environment. */
export function curlOf(method: string, path: string, body?: unknown): string {
  const lines = [
    `curl ${method === 'GET' ? '' : `-X ${method} `}${quote(urlOf(path))}`,
    `-H "Authorization: Bearer $TAGBOAT_TOKEN"`,
    ...(body === undefined
      ? []
      : [`-H 'Content-Type: application/json'`, `-d ${quote(JSON.stringify(body, null, 2))}`]),
  ]
  return lines.join(' \\\n  ')
}

function quote(text: string): string {
  return /^[\w:/.?=&-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}
