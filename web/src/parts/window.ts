import { type RefObject, useLayoutEffect, useMemo, useRef, useState } from 'react'

const BEYOND_PX = 320

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
 * row comes near.
 */
export function useWindow(heights: readonly number[]): Window {
  const frame = useRef<HTMLDivElement>(null)
  const [[first, end], setRange] = useState<readonly [number, number]>([0, 24])
  const tops = useMemo(() => {
    let top = 0
    return [0, ...heights.map((height) => (top += height))]
  }, [heights])
  useLayoutEffect(() => {
    const see = (): void => {
      const top = frame.current?.getBoundingClientRect().top
      if (top === undefined) return
      const from = tops.findIndex((_, row) => (tops[row + 1] ?? Number.POSITIVE_INFINITY) > -top - BEYOND_PX)
      const to = tops.findIndex((each) => each > window.innerHeight - top + BEYOND_PX)
      const range = [from, to < 0 ? tops.length - 1 : Math.min(to, tops.length - 1)] as const
      setRange((before) => (before[0] === range[0] && before[1] === range[1] ? before : range))
    }
    see()
    const passive = { capture: true, passive: true }
    window.addEventListener('scroll', see, passive)
    window.addEventListener('resize', see)
    return () => {
      window.removeEventListener('scroll', see, passive)
      window.removeEventListener('resize', see)
    }
  }, [tops])
  return { frame, heightPx: tops.at(-1) ?? 0, first, end, topOf: (row) => tops[row] ?? 0 }
}
