import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { ApiError, call } from '../data/call.ts'
import { formatMoment } from '../parts/figures.ts'
import { When } from '../parts/when.tsx'
import styles from './next-runs.module.css'

const PAUSE_MS = 300

/** When a schedule is due next, in the reader's own zone; or what the API has against it. `path`: of the project's pipelines. */
export function NextRuns({ of: schedule, path }: { readonly of: object; readonly path: string }) {
  const [text] = useDebouncedValue(JSON.stringify(schedule), PAUSE_MS)
  const { data, error } = useQuery({
    queryKey: ['next-runs', path, text] as const,
    queryFn: ({ signal }) =>
      call<{ next_runs: string[] }>('POST', `${path}/next_runs`, JSON.parse(text), signal),
    placeholderData: keepPreviousData,
    staleTime: 30_000,
  })
  if (error !== null)
    return (
      <p className={styles.refused} role="status">
        {error instanceof ApiError ? error.errors.map(({ message }) => message).join('; ') : error.message}
      </p>
    )
  if (data === undefined) return null
  if (data.next_runs.length === 0) return <p className="dim">It is never due.</p>
  return (
    <ol className={styles.runs} aria-label="Next runs">
      {data.next_runs.map((at) => (
        <li key={at}>
          <span className="nums">{formatMoment(new Date(at))}</span>{' '}
          <span className="dim">
            <When at={at} />
          </span>
        </li>
      ))}
    </ol>
  )
}
