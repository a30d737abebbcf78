import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import type { BoardCellView } from '#api/wire'
import { shortDigest } from '../parts/figures.ts'
import { standingOf } from '../parts/standing.tsx'
import { RunLink } from '../parts/timeline.tsx'
import { When } from '../parts/when.tsx'

interface Place {
  readonly workspace: string
  readonly project: string
}

/** How a place stands and why, in words: what we know, from whom, and since when. */
export function explain(cell: BoardCellView, row: readonly BoardCellView[], here: Place): ReactNode {
  const { move, underway } = cell
  const put = move !== null && (
    <>
      <Short>{move.digest}</Short> was put here <When at={move.date} /> by {move.promoted_by.name} (
      <RunLink of={move} {...here} />)
    </>
  )
  const seen = cell.seen_date !== null && (
    <>
      {' '}
      Seen <When at={cell.seen_date} />.
    </>
  )
  switch (standingOf(cell)) {
    case 'moving':
    case 'waiting':
      return underway && <Underway of={underway} {...here} />
    case 'drifted':
      return (
        <>
          Another tool moved this tag behind our back: it names <Short>{cell.seen_digest}</Short> now. {put}.
          Promote to put things right, or roll back to what stood here.{seen}
        </>
      )
    case 'missing':
      return (
        <>
          Somebody removed this tag at the registry. {put}. Promote to bring it back.{seen}
        </>
      )
    case 'behind':
      return (
        <>
          What it comes from has moved on{before(cell, row)}. {put}
          {put && '.'}
        </>
      )
    case 'in-step':
      return (
        <>
          {inStep(cell, row)} {put}
          {put && '.'}
          {seen}
        </>
      )
    case 'unknown':
      return (
        <>
          What it comes from is not known yet{why(cell, row)}. {put}
          {put && '.'}
        </>
      )
    case 'empty':
      return 'Nothing was promoted here yet, and no such tag was seen.'
    case 'source':
      return cell.digest === null ? (
        <>This is where promotions begin. It was not seen yet{why(cell, row)}.</>
      ) : (
        <>This is where promotions begin; nothing is promoted to it.{seen}</>
      )
  }
}

function Underway({
  of,
  workspace,
  project,
}: Place & { readonly of: NonNullable<BoardCellView['underway']> }) {
  return (
    <>
      <Link
        to="/$workspace/$project/pipelines/pipeline/$pipeline/execution/$execution"
        params={{ workspace, project, pipeline: String(of.pipeline_id), execution: String(of.execution_id) }}
        style={{ textDecoration: 'underline' }}
      >
        Run #{of.execution_id}
      </Link>{' '}
      {of.status.startsWith('WAITING_')
        ? 'is to move this tag, and waits for an answer.'
        : 'is about to move this tag.'}
    </>
  )
}

/** Which of what it comes from has the same. */
function inStep({ digest, promotions }: BoardCellView, row: readonly BoardCellView[]): string {
  const same = row.find(
    (one) => one.digest === digest && promotions.some(({ source }) => source === one.place),
  )
  return same === undefined ? 'It has what it comes from.' : `It has what ${same.environment} has.`
}

/** What stands before it, where that is another thing. */
function before(cell: BoardCellView, row: readonly BoardCellView[]): ReactNode {
  const source = row.find(({ place }) => cell.promotions.some(({ source }) => source === place))
  return source?.digest != null ? (
    <>
      : {source.environment} has <Short>{source.digest}</Short>
    </>
  ) : null
}

function why(cell: BoardCellView, row: readonly BoardCellView[]): string {
  const sources = row.filter(({ place }) => cell.promotions.some(({ source }) => source === place))
  const failed = [cell, ...sources].find(({ seen_error }) => seen_error !== null)
  return failed === undefined ? '' : `: ${failed.registry} could not be asked (${failed.seen_error})`
}

function Short({ children }: { readonly children: string | null }) {
  return (
    <span className="mono" title={children ?? ''}>
      {shortDigest(children ?? '')}
    </span>
  )
}
