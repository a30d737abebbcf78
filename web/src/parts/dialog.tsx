import { Modal } from '@mantine/core'
import { type ReactNode, useState } from 'react'

/** A dialog that something opens. What is in it begins anew each time. */
export function Dialog({
  title,
  wide = false,
  opener,
  children,
}: {
  readonly title: string
  readonly wide?: boolean
  readonly opener: (open: () => void) => ReactNode
  readonly children: (close: () => void) => ReactNode
}) {
  const [open, setOpen] = useState(false)
  const close = (): void => setOpen(false)
  return (
    <>
      {opener(() => setOpen(true))}
      <Modal opened={open} onClose={close} title={title} size={wide ? 760 : 460} closeButtonProps={CLOSE}>
        {open && children(close)}
      </Modal>
    </>
  )
}

const CLOSE = { 'aria-label': 'Close' }
