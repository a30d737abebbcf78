import { Button, Drawer, Select } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import type { BoardCellView, BoardView, ExecutionView, HistoryView, PipelineView } from '#api/wire'
import { cellsOf } from '../data/board.ts'
import { pathOf } from '../data/call.ts'
import { thing } from '../data/query.ts'
import { Answer } from '../parts/answer.tsx'
import { Digest } from '../parts/digest.tsx'
import { Icon } from '../parts/icon.tsx'
import { Section } from '../parts/page.tsx'
import { type Span, spansOf } from '../parts/spans.ts'
import { StandingMark, standingOf } from '../parts/standing.tsx'
import { Timeline } from '../parts/timeline.tsx'
import { explain } from './board-explain.tsx'
import styles from './board-panel.module.css'
import { BegunRun, PlannedRun } from './board-run.tsx'

interface PanelProps {
  readonly workspace: string
  readonly project: string
  readonly board: BoardView
  readonly place: string | undefined
  readonly close: () => void
}

/** One place of the board from near: how it stands and why, what can be promoted there, and the way back. */
export function BoardPanel({ place, close, ...props }: PanelProps) {
  const cell = cellsOf(props.board).find((each) => each.place === place)
  const image = props.board.images.find(({ cells }) => cell !== undefined && cells.includes(cell))
  return (
    <Drawer
      opened={cell !== undefined}
      onClose={close}
      position="right"
      size={520}
      title={cell && `${image?.image} · ${cell.environment}`}
      classNames={{ title: styles.title ?? '' }}
      closeButtonProps={{ 'aria-label': 'Close' }}
      overlayProps={{ backgroundOpacity: 0.25 }}
    >
      {cell !== undefined && <Content key={cell.place} cell={cell} row={image?.cells ?? []} {...props} />}
    </Drawer>
  )
}

interface ContentProps extends Omit<PanelProps, 'place' | 'close' | 'board'> {
  readonly cell: BoardCellView
  readonly row: readonly BoardCellView[]
}

function Content({ cell, row, workspace, project }: ContentProps) {
  const [begun, setBegun] = useState<ExecutionView>()
  const [back, setBack] = useState<Span>()
  const standing = standingOf(cell)
  const here = { workspace, project }
  const begin = (run: ExecutionView): void => {
    setBegun(run)
    setBack(undefined)
  }
  return (
    <div className={styles.panel} data-autofocus tabIndex={-1}>
      <div className={styles.state} data-standing={standing}>
        <StandingMark of={standing} />
        <p>{explain(cell, row, here)}</p>
      </div>
      <dl className={styles.facts}>
        <div>
          <dt>Tag</dt>
          <dd className={styles.place}>{cell.place}</dd>
        </div>
        {cell.digest !== null && (
          <div>
            <dt>Digest</dt>
            <dd>
              <Digest of={cell.digest} />{' '}
              <Link
                to="/$workspace/$project/history"
                params={here}
                search={{ digest: cell.digest }}
                className={styles.aside}
              >
                where else is it?
              </Link>
            </dd>
          </div>
        )}
      </dl>
      {begun !== undefined && <BegunRun {...here} of={begun} />}
      {cell.promotions.length > 0 && back === undefined && (
        <Promotion key={begun?.id} cell={cell} begin={begin} {...here} />
      )}
      <Past cell={cell} back={back} choose={setBack} begin={begin} {...here} />
    </div>
  )
}

interface DoProps {
  readonly cell: BoardCellView
  readonly workspace: string
  readonly project: string
  readonly begin: (run: ExecutionView) => void
}

/** What would be promoted here now, at one click. What somebody is to say yes to before that is asked first. */
function Promotion({ cell, workspace, project, begin }: DoProps) {
  const { promotions } = cell
  const [chosen, choose] = useState(promotions[0]?.action_id)
  const [wanted, setWanted] = useState(cell.state !== 'IN_STEP')
  const promotion = promotions.find(({ action_id }) => action_id === chosen) ?? promotions[0]
  const pipeline = useQuery({
    ...thing<PipelineView>(
      pathOf('workspaces', workspace, 'projects', project, 'pipelines', promotion?.pipeline_id ?? 0),
    ),
    enabled: wanted,
  })
  if (promotion === undefined) return null
  return (
    <Section
      title="Promote"
      actions={
        promotions.length > 1 ? (
          <Select
            size="xs"
            aria-label="Through which promotion"
            value={String(promotion.action_id)}
            data={promotions.map(({ action_id, pipeline_name }) => ({
              value: String(action_id),
              label: `${pipeline_name} (${action_id})`,
            }))}
            onChange={(value) => choose(Number(value))}
          />
        ) : (
          <span className="dim">through {promotion.pipeline_name}</span>
        )
      }
    >
      {!wanted ? (
        <div>
          <Button onClick={() => setWanted(true)}>Plan it anyway</Button>
        </div>
      ) : (
        <Answer of={pipeline}>
          {({ actions }) => {
            const asked = actionsBefore(actions, promotion.action_id)
            return (
              <>
                {asked.length > 0 && (
                  <p className="dim">First it asks: {asked.map(({ name }) => name).join(', ')}.</p>
                )}
                <PlannedRun
                  workspace={workspace}
                  project={project}
                  pipeline={promotion.pipeline_id}
                  body={{ actions_to_run: [...asked.map(({ id }) => id), promotion.action_id] }}
                  state={cell.digest}
                  words="Promote"
                  icon="play"
                  then={begin}
                />
              </>
            )
          }}
        </Answer>
      )}
    </Section>
  )
}

/** The approvals that stand before a promotion in its pipeline: who promotes from the board does not get around them. */
function actionsBefore(actions: PipelineView['actions'], promotion: number) {
  const before = actions.slice(
    0,
    actions.findIndex(({ id }) => id === promotion),
  )
  return before.filter(({ type, disabled }) => type === 'WAIT_FOR_APPLY' && !disabled)
}

/** What stood here before, each with the way back to it. */
function Past({
  cell,
  back,
  choose,
  begin,
  workspace,
  project,
}: DoProps & { readonly back: Span | undefined; readonly choose: (span: Span | undefined) => void }) {
  const { place, state } = cell
  const above = pathOf('workspaces', workspace, 'projects', project)
  const history = useQuery({
    ...thing<HistoryView>(`${above}/history?place=${encodeURIComponent(place)}&per_page=8`),
    enabled: state !== 'SOURCE',
  })
  const actions = new Set(cell.promotions.map(({ action_id }) => action_id))
  const drift = state === 'DRIFTED' || state === 'MISSING' ? { digest: cell.seen_digest } : undefined
  if (state === 'SOURCE') return null
  return (
    <Section
      title="What stood here"
      actions={
        <Link
          to="/$workspace/$project/history"
          params={{ workspace, project }}
          search={{ place }}
          className={styles.aside}
        >
          Whole history
        </Link>
      }
    >
      <Answer of={history}>
        {({ moves, total_page_count }) =>
          moves.length === 0 ? (
            <p className="dim">Nothing was promoted here yet.</p>
          ) : (
            <>
              {back?.digest !== undefined && back.move !== undefined && (
                <div className={styles.back}>
                  <div className={styles.line}>
                    <strong>Roll back to</strong> <Digest of={back.digest} />
                    <Button
                      variant="subtle"
                      color="gray"
                      size="compact-xs"
                      className={styles.leave ?? ''}
                      onClick={() => choose(undefined)}
                    >
                      Leave it
                    </Button>
                  </div>
                  <PlannedRun
                    workspace={workspace}
                    project={project}
                    pipeline={back.move.pipeline_id}
                    body={{ rollback: { action_id: back.move.action_id, digest: back.digest } }}
                    state={cell.digest}
                    words="Roll back"
                    icon="history"
                    then={begin}
                  />
                </div>
              )}
              <Timeline
                of={spansOf(moves, total_page_count <= 1, drift)}
                workspace={workspace}
                project={project}
                beside={(span) =>
                  span.digest !== undefined &&
                  span.digest !== cell.digest &&
                  span.move !== undefined &&
                  actions.has(span.move.action_id) && (
                    <Button
                      size="compact-xs"
                      leftSection={<Icon name="history" size={13} />}
                      aria-label={`Roll back to ${span.digest.slice(0, 19)}`}
                      onClick={() => choose(span)}
                    >
                      Roll back
                    </Button>
                  )
                }
              />
            </>
          )
        }
      </Answer>
    </Section>
  )
}
