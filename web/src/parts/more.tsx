import { Button } from '@mantine/core'
import type { UseInfiniteQueryResult } from '@tanstack/react-query'

/** The way to the rest of a list; nothing where there is none. */
export function More({
  of: { hasNextPage, isFetchingNextPage, fetchNextPage },
  words = 'Show more',
}: {
  readonly of: Pick<UseInfiniteQueryResult, 'hasNextPage' | 'isFetchingNextPage' | 'fetchNextPage'>
  readonly words?: string
}) {
  if (!hasNextPage) return null
  return (
    <div>
      <Button loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
        {words}
      </Button>
    </div>
  )
}
