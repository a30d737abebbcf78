import { useSyncExternalStore } from 'react'
import { formatAge, formatDuration, formatExact } from './figures.ts'

// One clock for the page: whatever shows an age turns with it.
const listeners = new Set<() => void>()
let now = new Date()
let timer: ReturnType<typeof setInterval> | undefined

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  timer ??= setInterval(() => {
    now = new Date()
    for (const each of listeners) each()
  }, 1000)
  return () => {
    listeners.delete(listener)
    if (listeners.size > 0) return
    clearInterval(timer)
    timer = undefined
  }
}

/** How long ago, and the exact time in the reader's zone on hover. */
export function When({ at }: { readonly at: string | Date | null | undefined }) {
  const date = at === null || at === undefined ? undefined : new Date(at)
  const age = useSyncExternalStore(subscribe, () => (date === undefined ? '' : formatAge(date, now)))
  if (date === undefined) return <span className="dim">–</span>
  return (
    <time dateTime={date.toISOString()} title={formatExact(date)}>
      {age}
    </time>
  )
}

/** How long something took, or takes by now. */
export function Took({ from, to }: { readonly from: string | null; readonly to: string | null }) {
  const text = useSyncExternalStore(subscribe, () => {
    if (from === null) return '–'
    const end = to === null ? Math.max(now.getTime(), Date.parse(from)) : Date.parse(to)
    return formatDuration(end - Date.parse(from), to === null)
  })
  return <span className="nums">{text}</span>
}
