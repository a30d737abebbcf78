import { type RefObject, useEffect, useMemo, useRef, useState } from 'react'

const BEYOND_PX = 240
/** Drawn in one frame: more of them would keep the page from answering. */
const AT_ONCE = 6

/** Which of many rows are to be drawn, and where. */
export interface Window {
  /** For the element that holds the rows, of the height of all of them. */
  readonly frame: RefObject<HTMLDivElement | null>
  readonly heightPx: number
  readonly first: number
  /** The one behind the last. */
  readonly end: number
  topOf(row: number): number
}

/**
 * Follows what is seen of a long list whose rows have known heights, whoever scrolls: the page, or a frame in it. It draws anew only when another
 * row comes near, and few rows a frame.
 */
export function useWindow(heights: readonly number[]): Window {
  const frame = useRef<HTMLDivElement>(null)
  const [[first, end], setRange] = useState<Range>([0, AT_ONCE])
  const drawn = useRef<Range>([0, AT_ONCE])
  const tops = useMemo(() => {
    let top = 0
    return [0, ...heights.map((height) => (top += height))]
  }, [heights])
  useEffect(() => {
    let asked: number | undefined
    const see = (): void => {
      asked = undefined
      const top = frame.current?.getBoundingClientRect().top
      if (top === undefined) return
      const wanted = wantedOf(tops, -top - BEYOND_PX, window.innerHeight - top + BEYOND_PX)
      const range = step(drawn.current, wanted)
      if (!same(range, wanted)) ask()
      if (!same(range, drawn.current)) setRange(range)
      drawn.current = range
    }
    const ask = (): void => {
      asked ??= requestAnimationFrame(see)
    }
    ask()
    const passive = { capture: true, passive: true }
    window.addEventListener('scroll', ask, passive)
    window.addEventListener('resize', ask)
    return () => {
      if (asked !== undefined) cancelAnimationFrame(asked)
      window.removeEventListener('scroll', ask, passive)
      window.removeEventListener('resize', ask)
    }
  }, [tops])
  return { frame, heightPx: tops.at(-1) ?? 0, first, end, topOf: (row) => tops[row] ?? 0 }
}

type Range = readonly [first: number, end: number]

function same(one: Range, other: Range): boolean {
  return one[0] === other[0] && one[1] === other[1]
}

/** The rows between two heights. */
function wantedOf(tops: readonly number[], fromPx: number, toPx: number): Range {
  const rows = tops.length - 1
  const first = tops.findIndex((_, row) => (tops[row + 1] ?? Number.POSITIVE_INFINITY) > fromPx)
  const end = tops.findIndex((top) => top > toPx)
  return [Math.min(first, rows), end < 0 ? rows : Math.min(end, rows)]
}

/** From what is drawn to what is wanted, no more than a few new rows at once: those in the middle of the screen first, where none is drawn yet. */
function step([first, end]: Range, wanted: Range): Range {
  const kept: Range = [Math.max(first, wanted[0]), Math.min(end, wanted[1])]
  if (kept[0] >= kept[1]) {
    const from = wanted[0] === 0 ? 0 : Math.max(wanted[0], Math.floor((wanted[0] + wanted[1] - AT_ONCE) / 2))
    return [from, Math.min(wanted[1], from + AT_ONCE)]
  }
  const down = Math.min(wanted[1], kept[1] + AT_ONCE)
  const left = AT_ONCE - (down - kept[1])
  return [Math.max(wanted[0], kept[0] - left), down]
}
