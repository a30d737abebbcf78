import { formatBytes, type Progress } from '#promotion'
import type { Output } from './command.ts'

const QUIET_MS = 10_000
const WINDOW_MS = 5_000

/** Shows how far it is: one line that is rewritten on a terminal, a line every ten seconds anywhere else. */
export class ProgressDisplay {
  readonly #output: Output
  readonly #now: () => number
  readonly #samples: { readonly at: number; readonly sent: number }[]
  #printedAt: number
  #shown = false

  constructor(output: Output, now: () => number = Date.now) {
    this.#output = output
    this.#now = now
    this.#printedAt = now()
    this.#samples = [{ at: now(), sent: 0 }]
  }

  /** A line of its own. */
  note(line: string): void {
    this.clear()
    this.#output.write(`${line}\n`)
  }

  show(progress: Progress): void {
    if (progress.kind === 'bytes') this.#bytes(progress.sent, progress.total)
    else if (progress.kind === 'note') this.note(progress.text)
    else if (progress.kind === 'retry') {
      const { digest, code, side, attempt } = progress
      this.note(`${code} ${side}: ${digest} is tried again (${attempt})`)
    }
  }

  /** Takes the line away. */
  clear(): void {
    if (this.#shown) this.#output.write('\r\x1b[K')
    this.#shown = false
  }

  #bytes(sent: number, total: number): void {
    const now = this.#now()
    this.#samples.push({ at: now, sent })
    while (this.#samples.length > 2 && now - (this.#samples[0]?.at ?? now) > WINDOW_MS) this.#samples.shift()
    const line = this.#line(sent, total, now)
    if (this.#output.isTTY) {
      this.#output.write(`\r${line.slice(0, (this.#output.columns || 80) - 1)}\x1b[K`)
      this.#shown = true
    } else if (now - this.#printedAt >= QUIET_MS) {
      this.#printedAt = now
      this.#output.write(`${line}\n`)
    }
  }

  #line(sent: number, total: number, now: number): string {
    const [oldest] = this.#samples
    const seconds = (now - (oldest?.at ?? now)) / 1000
    const rate = seconds > 0 ? (sent - (oldest?.sent ?? 0)) / seconds : 0
    const parts = [`${formatBytes(sent)} of ${formatBytes(total)}`]
    if (rate > 0) {
      parts.push(`${formatBytes(rate)}/s`)
      // The first moments say little about the hours to come.
      if (sent < total && seconds >= 1) parts.push(`${formatDuration((total - sent) / rate)} left`)
    }
    return parts.join(' · ')
  }
}

/** Seconds for people: `4 s`, `3 min 20 s`, `2 h 5 min`. */
export function formatDuration(seconds: number): string {
  const whole = Math.ceil(seconds)
  if (whole < 60) return `${whole} s`
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`
}
