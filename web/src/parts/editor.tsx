import { Button, CopyButton } from '@mantine/core'
import { type KeyboardEvent, type Ref, useId } from 'react'
import styles from './editor.module.css'

/** A text for machines that people write, with numbers at its lines; those that are marked stand out. */
export function Editor({
  ref,
  label,
  value,
  marks,
  onChange,
}: {
  readonly ref: Ref<HTMLTextAreaElement>
  readonly label: string
  readonly value: string
  readonly marks: readonly number[]
  readonly onChange: (value: string) => void
}) {
  const id = useId()
  const lines = value.split('\n').length
  return (
    <div className={styles.editor}>
      <div className={styles.bar}>
        <label htmlFor={id}>{label}</label>
        <CopyButton value={value}>
          {({ copied, copy }) => (
            <Button size="compact-xs" onClick={copy}>
              {copied ? 'Copied' : 'Copy'}
            </Button>
          )}
        </CopyButton>
      </div>
      <div className={styles.frame}>
        <div className={styles.numbers} aria-hidden="true">
          {Array.from({ length: lines }, (_, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a line is its number
            <span key={at} data-marked={marks.includes(at + 1) || undefined}>
              {at + 1}
            </span>
          ))}
        </div>
        <textarea
          ref={ref}
          id={id}
          className={styles.text}
          value={value}
          rows={lines}
          spellCheck={false}
          autoComplete="off"
          autoCapitalize="off"
          wrap="off"
          onKeyDown={indent}
          onChange={({ currentTarget }) => onChange(currentTarget.value)}
          {...(marks.length > 0 && { 'aria-invalid': true })}
        />
      </div>
    </div>
  )
}

/** Enter keeps to where the line above begins. Tab leads on, as everywhere. */
function indent(event: KeyboardEvent<HTMLTextAreaElement>): void {
  if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return
  const { value, selectionStart } = event.currentTarget
  const line = value.slice(value.lastIndexOf('\n', selectionStart - 1) + 1, selectionStart)
  const [blank = ''] = /^ */.exec(line) ?? []
  if (blank === '') return
  event.preventDefault()
  // Typed by the browser, so that it can be undone.
  document.execCommand('insertText', false, `\n${blank}`)
}
