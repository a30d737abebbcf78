import { Button } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import type { ShortExecutionView } from '#api/wire'
import { pathOf } from '../data/call.ts'
import { thing } from '../data/query.ts'
import { Answer } from '../parts/answer.tsx'
import { Section } from '../parts/page.tsx'
import { isOver, Status } from '../parts/status.tsx'
import { nameCell, Table } from '../parts/table.tsx'
import { Took, When } from '../parts/when.tsx'

interface List {
  readonly page: number
  readonly total_page_count: number
  readonly total_element_count: number
  readonly executions: readonly ShortExecutionView[]
}

/** How a pipeline's runs went, the newest first. */
export function Executions(params: {
  readonly workspace: string
  readonly project: string
  readonly pipeline: string
}) {
  const { workspace, project, pipeline } = params
  const [page, setPage] = useState(1)
  const path = pathOf('workspaces', workspace, 'projects', project, 'pipelines', pipeline, 'executions')
  const list = useQuery({
    ...thing<List>(`${path}?page=${page}&per_page=20`),
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) =>
      state.data?.executions.some(({ status }) => !isOver(status)) ? 1500 : false,
  })
  const more = (list.data?.total_page_count ?? 0) > 1
  return (
    <Section title="Runs">
      <Answer of={list}>
        {({ executions, total_element_count, total_page_count }) =>
          executions.length === 0 ? (
            <p className="dim">It was not run yet.</p>
          ) : (
            <>
              <Table label="Runs of this pipeline" heads={['Run', 'Status', 'Started', 'Took', 'Comment']}>
                {executions.map(({ id, status, start_date, finish_date, comment }) => (
                  <tr key={id}>
                    <td className={nameCell}>
                      <Link
                        to="/$workspace/$project/pipelines/pipeline/$pipeline/execution/$execution"
                        params={{ ...params, execution: String(id) }}
                      >
                        #{id}
                      </Link>
                    </td>
                    <td>
                      <Status of={status} />
                    </td>
                    <td className="dim">
                      <When at={start_date} />
                    </td>
                    <td className="dim">
                      <Took from={start_date} to={finish_date} />
                    </td>
                    <td className="dim">{comment}</td>
                  </tr>
                ))}
              </Table>
              {more && (
                <nav aria-label="Pages of runs" style={{ display: 'flex', gap: 8, alignItems: 'center' }}>
                  <Button disabled={page === 1} onClick={() => setPage(page - 1)}>
                    Newer
                  </Button>
                  <Button disabled={page >= total_page_count} onClick={() => setPage(page + 1)}>
                    Older
                  </Button>
                  <span className="dim nums">
                    page {page} of {total_page_count}, {total_element_count} runs
                  </span>
                </nav>
              )}
            </>
          )
        }
      </Answer>
    </Section>
  )
}
