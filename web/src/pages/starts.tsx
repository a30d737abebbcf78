import { useQueries } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { PipelineView } from '#api/wire'
import { call, pathOf } from '../data/call.ts'
import { formatMoment } from '../parts/figures.ts'
import { Icon, type IconName } from '../parts/icon.tsx'
import type { PipelineParams } from './pipeline-page.tsx'
import styles from './starts.module.css'

/** What starts the pipeline beside people, in one line, and when that is next. */
export function Starts({ of, params }: { readonly of: PipelineView; readonly params: PipelineParams }) {
  const { workspace, project } = params
  const path = pathOf('workspaces', workspace, 'projects', project, 'pipelines')
  const schedules = of.events.filter(({ type }) => type === 'SCHEDULE')
  const next = useQueries({
    queries: schedules.map(({ cron, timezone, start_date, delay }) => {
      const schedule = cron === undefined ? { start_date, delay } : { cron, timezone }
      return {
        queryKey: ['next-runs', path, JSON.stringify(schedule)] as const,
        queryFn: () => call<{ next_runs: string[] }>('POST', `${path}/next_runs`, schedule),
        staleTime: 30_000,
      }
    }),
    combine: (answers) =>
      answers
        .flatMap(({ data }) => data?.next_runs ?? [])
        .toSorted()
        .at(0),
  })
  const pushes = of.events.filter(({ type }) => type === 'PUSH_IMAGE')
  const facts: readonly (readonly [IconName, string])[] = [
    ...(schedules.length === 0
      ? []
      : [
          [
            'clock',
            next === undefined ? 'On a schedule' : `Next by schedule ${formatMoment(new Date(next))}`,
          ] as const,
        ]),
    ...pushes.map(
      ({ images = [], tags = [] }) =>
        [
          'tag',
          `On a push of ${images.join(', ')}${tags.length > 0 ? ` : ${tags.join(', ')}` : ''}`,
        ] as const,
    ),
    ...(of.events.some(({ type }) => type === 'WEBHOOK') ? [['webhook', 'By its URL'] as const] : []),
    ...(of.trigger_conditions.length > 0 ? [['check', 'Under conditions'] as const] : []),
  ]
  return (
    <ul className={styles.starts} aria-label="What starts it">
      {facts.length === 0 && <li>Starts when somebody runs it</li>}
      {facts.map(([icon, words]) => (
        <li key={words}>
          <Icon name={icon} size={14} />
          {words}
        </li>
      ))}
      <li>
        <Link to="/$workspace/$project/pipelines/pipeline/$pipeline/settings" params={params}>
          {facts.length === 0 ? 'Add a trigger' : 'Change'}
        </Link>
      </li>
    </ul>
  )
}
