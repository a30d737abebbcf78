// Figures as people read them, in the manner of their own language where there is one.

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const

/** `3.2 MB`: three figures at most, decimal units as registries count. */
export function formatBytes(bytes: number): string {
  const power = bytes < 1000 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log10(bytes) / 3))
  const value = bytes / 1000 ** power
  const digits = power === 0 || value >= 100 ? 0 : value >= 10 ? 1 : 2
  return `${value.toFixed(digits)} ${UNITS[power]}`
}

/** `420 ms`, `12.4 s`, `3 m 05 s`, `2 h 10 m`. `whole`: no fractions of what still changes, `12 s`. */
export function formatDuration(ms: number, whole = false): string {
  const seconds = Math.floor(ms / 1000)
  if (seconds < 60 && whole) return `${Math.max(0, seconds)} s`
  if (ms < 1000) return `${Math.max(0, Math.round(ms))} ms`
  if (seconds < 60) return `${(ms / 1000).toFixed(1)} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes} m ${String(seconds % 60).padStart(2, '0')} s`
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} m`
}

/** `sha256:1a2b3c4d5e6f…` without its algorithm where that is the usual one: enough to tell two apart. */
export function shortDigest(digest: string): string {
  const [algorithm = '', hex = ''] = digest.split(':')
  return algorithm === 'sha256' ? hex.slice(0, 12) : `${algorithm}:${hex.slice(0, 12)}`
}

const relative = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto', style: 'short' })
const STEPS = [
  ['year', 365 * 86_400_000],
  ['month', 30 * 86_400_000],
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
] as const

/** `3 min. ago`, `in 2 days`, `just now`. */
export function formatAge(at: Date, now: Date): string {
  const ms = at.getTime() - now.getTime()
  for (const [unit, size] of STEPS)
    if (Math.abs(ms) >= size) return relative.format(Math.round(ms / size), unit)
  return ms > 5_000 ? 'in a moment' : 'just now'
}

const exact = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'long' })

/** To the second, in the reader's zone, which it names. */
export function formatExact(at: Date): string {
  return exact.format(at)
}

const moment = new Intl.DateTimeFormat(undefined, {
  weekday: 'short',
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
  timeZoneName: 'short',
})

/** `Thu 26 Nov, 05:30 CET`: what is planned, in the reader's zone. */
export function formatMoment(at: Date): string {
  return moment.format(at)
}
