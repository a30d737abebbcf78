import { Button } from '@mantine/core'
import type { UseQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { ApiError } from '../data/call.ts'
import styles from './answer.module.css'
import { Empty } from './empty.tsx'

/** Shows what a query answered; until then, after a moment, that it is waited for; and if it failed, why and what to do. */
export function Answer<T>({
  of: query,
  children,
}: {
  readonly of: UseQueryResult<T, Error>
  readonly children: (data: T) => ReactNode
}) {
  if (query.data !== undefined) return children(query.data)
  if (query.error !== null) return <Failed error={query.error} again={() => query.refetch()} />
  return (
    <div className={styles.waiting} role="status">
      <span className="visually-hidden">Loading</span>
    </div>
  )
}

function Failed({ error, again }: { readonly error: Error; readonly again: () => void }) {
  if (error instanceof ApiError && error.status === 404)
    return <Empty title="There is nothing here">It was removed, or your token may not see it.</Empty>
  if (error instanceof ApiError && error.status === 403)
    return <Empty title="Your token may not see this">{error.message}</Empty>
  return (
    <Empty title="The service did not answer" action={<Button onClick={again}>Try again</Button>}>
      {error.message}
    </Empty>
  )
}
