// biome-ignore-all lint/a11y/useSemanticElements: rows come and go with the scrolling, which those of tables cannot
// biome-ignore-all lint/a11y/useFocusableInteractive: the buttons in its cells are
import { useMediaQuery } from '@mantine/hooks'
import {
  type CSSProperties,
  type KeyboardEvent,
  memo,
  type Ref,
  useEffect,
  useMemo,
  useRef,
  useState,
} from 'react'
import type { BoardView } from '#api/wire'
import { useWindow } from '../parts/window.ts'
import { Cell } from './board-cell.tsx'
import styles from './board-grid.module.css'

type Image = BoardView['images'][number]

const ROW_PX = 56
// On a phone each image is a card: its name, and a line for each environment.
const GAP_PX = 8
const CARD_PX = 48 + GAP_PX
const LINE_PX = 44
const PAGE_ROWS = 8

/** The grid itself: a row for each image. However many there are, only those that are seen are in the page; the arrow keys go through all. */
export function BoardGrid({
  environments,
  images,
  open,
  ref,
}: {
  readonly environments: readonly string[]
  readonly images: readonly Image[]
  readonly open: (place: string) => void
  readonly ref: Ref<HTMLDivElement>
}) {
  const narrow = useMediaQuery('(max-width: 760px)', undefined, { getInitialValueInEffect: false }) ?? false
  const heights = useMemo(
    () => images.map(({ cells }) => (narrow ? CARD_PX + cells.length * LINE_PX : ROW_PX)),
    [images, narrow],
  )
  const { frame, heightPx, first, end, topOf } = useWindow(heights)
  const columns = useMemo(() => new Map(environments.map((name, index) => [name, index])), [environments])
  const [chosen, setChosen] = useState<readonly [row: number, column: number]>([0, 0])
  const moved = useRef(false)
  const row = Math.min(chosen[0], images.length - 1)
  const column = nearest(images[row], columns, chosen[1])

  useEffect(() => {
    if (!moved.current) return
    moved.current = false
    const cell = frame.current?.querySelector<HTMLElement>(`[data-at="${row} ${column}"]`)
    cell?.focus({ preventScroll: true })
    cell?.scrollIntoView({ block: 'nearest', inline: 'nearest' })
  }, [row, column, frame])

  const go = (event: KeyboardEvent): void => {
    const [to, at] = target(event, row, column, images, columns)
    if (to === undefined) return
    event.preventDefault()
    moved.current = true
    setChosen([Math.max(0, Math.min(images.length - 1, to)), at])
  }
  const drawn = rowsOf(first, Math.min(end, images.length), row)
  const style = { '--columns': environments.length } as CSSProperties
  return (
    <div
      ref={ref}
      role="grid"
      aria-label="What stands where"
      aria-rowcount={images.length + 1}
      aria-colcount={environments.length + 1}
      className={styles.grid}
      style={style}
      onKeyDown={go}
    >
      <Heads environments={environments} />
      <div ref={frame} role="rowgroup" className={styles.rows} style={{ height: heightPx }}>
        {drawn.map((index) => {
          const image = images[index]
          return (
            image !== undefined && (
              <Row
                key={image.cells[0]?.place}
                of={image}
                row={index}
                topPx={topOf(index)}
                heightPx={(heights[index] ?? ROW_PX) - (narrow ? GAP_PX : 0)}
                columns={columns}
                active={index === row ? column : -1}
                open={open}
              />
            )
          )
        })}
      </div>
    </div>
  )
}

const Heads = memo(function Heads({ environments }: { readonly environments: readonly string[] }) {
  return (
    <div role="row" aria-rowindex={1} className={styles.heads}>
      <span role="columnheader" className={styles.head}>
        Image
      </span>
      {environments.map((name) => (
        <span key={name} role="columnheader" className={styles.head} title={name}>
          {name}
        </span>
      ))}
    </div>
  )
})

interface RowProps {
  readonly of: Image
  readonly row: number
  readonly topPx: number
  readonly heightPx: number
  readonly columns: ReadonlyMap<string, number>
  readonly active: number
  readonly open: (place: string) => void
}

const Row = memo(function Row({
  of: { image, cells },
  row,
  topPx,
  heightPx,
  columns,
  active,
  open,
}: RowProps) {
  const registries = [...new Set(cells.map(({ registry }) => registry))].join(' → ')
  return (
    <div
      role="row"
      aria-rowindex={row + 2}
      className={styles.row}
      style={{ height: heightPx, transform: `translateY(${topPx}px)` }}
    >
      <div role="rowheader" className={styles.image}>
        <span className={styles.name} title={image}>
          {image}
        </span>
        <span className={styles.registry} title={registries}>
          {registries}
        </span>
      </div>
      {cells.map((cell) => {
        const column = columns.get(cell.environment) ?? 0
        return (
          <Cell
            key={cell.place}
            of={cell}
            at={`${row} ${column}`}
            column={column}
            active={active === column}
            open={open}
          />
        )
      })}
    </div>
  )
})

/** Those that are seen, and the one that has the focus, wherever that is. */
function rowsOf(first: number, end: number, chosen: number): readonly number[] {
  const seen = Array.from({ length: Math.max(0, end - first) }, (_, index) => first + index)
  if (chosen < 0 || (chosen >= first && chosen < end)) return seen
  return chosen < first ? [chosen, ...seen] : [...seen, chosen]
}

/** Of the columns that an image has, the one that is closest to this. */
function nearest(image: Image | undefined, columns: ReadonlyMap<string, number>, wanted: number): number {
  const own = (image?.cells ?? []).map(({ environment }) => columns.get(environment) ?? 0)
  return own.toSorted((one, other) => Math.abs(one - wanted) - Math.abs(other - wanted))[0] ?? 0
}

/** Where a key leads, in the manner of grids; no row where it is none of theirs. */
function target(
  { key, ctrlKey }: KeyboardEvent,
  row: number,
  column: number,
  images: readonly Image[],
  columns: ReadonlyMap<string, number>,
): readonly [row: number | undefined, column: number] {
  const own = (images[row]?.cells ?? []).map(({ environment }) => columns.get(environment) ?? 0)
  const at = own.indexOf(column)
  switch (key) {
    case 'ArrowDown':
      return [row + 1, column]
    case 'ArrowUp':
      return [row - 1, column]
    case 'ArrowRight':
      return [row, own[at + 1] ?? column]
    case 'ArrowLeft':
      return [row, own[at - 1] ?? column]
    case 'PageDown':
      return [row + PAGE_ROWS, column]
    case 'PageUp':
      return [row - PAGE_ROWS, column]
    case 'Home':
      return [ctrlKey ? 0 : row, own[0] ?? column]
    case 'End':
      return [ctrlKey ? images.length - 1 : row, own.at(-1) ?? column]
    default:
      return [undefined, column]
  }
}
