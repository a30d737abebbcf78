import { ActionIcon, TextInput } from '@mantine/core'
import { type KeyboardEvent, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react'
import { Icon } from './icon.tsx'
import styles from './log.module.css'

const LINE_PX = 20
const BEYOND = 20

/**
 * A log with a search. However long it is, only the lines that are seen are in the page; while it grows, it stays at its end unless somebody
 * scrolled away from there.
 */
export function Log({ lines, label }: { readonly lines: readonly string[]; readonly label: string }) {
  const frame = useRef<HTMLDivElement>(null)
  const [top, setTop] = useState(0)
  const [height, setHeight] = useState(400)
  const [wanted, setWanted] = useState('')
  const [found, setFound] = useState(0)
  const atEnd = useRef(true)

  const hits = useMemo(() => {
    const text = wanted.toLowerCase()
    if (text === '') return []
    return lines.flatMap((line, index) => (line.toLowerCase().includes(text) ? [index] : []))
  }, [lines, wanted])
  const current = hits[Math.min(found, hits.length - 1)]

  useEffect(() => {
    const element = frame.current
    if (element === null) return
    const observer = new ResizeObserver(() => setHeight(element.clientHeight))
    observer.observe(element)
    return () => observer.disconnect()
  }, [])
  // biome-ignore lint/correctness/useExhaustiveDependencies: each new line moves the end
  useLayoutEffect(() => {
    const element = frame.current
    if (element !== null && atEnd.current) element.scrollTop = element.scrollHeight
  }, [lines.length])
  useEffect(() => {
    const element = frame.current
    if (element === null || current === undefined) return
    element.scrollTop = current * LINE_PX - element.clientHeight / 2
  }, [current])

  const first = Math.max(0, Math.floor(top / LINE_PX) - BEYOND)
  const last = Math.min(lines.length, Math.ceil((top + height) / LINE_PX) + BEYOND)
  const turn = (by: number): void => {
    if (hits.length > 0) setFound((Math.min(found, hits.length - 1) + by + hits.length) % hits.length)
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter') return
    event.preventDefault()
    turn(event.shiftKey ? -1 : 1)
  }
  return (
    <div className={styles.log}>
      <div className={styles.bar}>
        <span className="dim nums">
          {lines.length.toLocaleString()} {lines.length === 1 ? 'line' : 'lines'}
        </span>
        <TextInput
          size="xs"
          className={styles.search ?? ''}
          aria-label="Search the log"
          placeholder="Search the log"
          leftSection={<Icon name="search" size={14} />}
          value={wanted}
          onChange={({ currentTarget }) => {
            setWanted(currentTarget.value)
            setFound(0)
          }}
          onKeyDown={onKeyDown}
        />
        <span className={`dim nums ${styles.hits}`} role="status">
          {wanted === ''
            ? ''
            : hits.length === 0
              ? 'not found'
              : `${Math.min(found, hits.length - 1) + 1} of ${hits.length}`}
        </span>
        <ActionIcon aria-label="The one before" disabled={hits.length === 0} onClick={() => turn(-1)}>
          <Icon name="up" />
        </ActionIcon>
        <ActionIcon aria-label="The next one" disabled={hits.length === 0} onClick={() => turn(1)}>
          <Icon name="down" />
        </ActionIcon>
      </div>
      <div
        ref={frame}
        role="log"
        aria-label={label}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is to be reached by the keyboard
        tabIndex={0}
        className={styles.frame}
        onScroll={({ currentTarget }) => {
          setTop(currentTarget.scrollTop)
          atEnd.current =
            currentTarget.scrollTop + currentTarget.clientHeight >= currentTarget.scrollHeight - LINE_PX
        }}
      >
        <div style={{ height: lines.length * LINE_PX }} className={styles.all}>
          <div style={{ transform: `translateY(${first * LINE_PX}px)` }} className={styles.seen}>
            {Array.from({ length: Math.max(0, last - first) }, (_, index) => first + index).map((number) => (
              <div key={number} className={styles.line} data-current={number === current ? true : undefined}>
                <span className={styles.number}>{number + 1}</span>
                <span>{marked(lines[number] ?? '', wanted)}</span>
              </div>
            ))}
          </div>
        </div>
      </div>
    </div>
  )
}

function marked(line: string, wanted: string) {
  const at = wanted === '' ? -1 : line.toLowerCase().indexOf(wanted.toLowerCase())
  if (at < 0) return line
  return (
    <>
      {line.slice(0, at)}
      <mark>{line.slice(at, at + wanted.length)}</mark>
      {line.slice(at + wanted.length)}
    </>
  )
}
