import { Button, CloseButton, TextInput } from '@mantine/core'
import { useHotkeys } from '@mantine/hooks'
import { useMutation, useQuery } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { useCallback, useDeferredValue, useEffect, useMemo, useRef, useState } from 'react'
import type { BoardView, ShortPipelineView } from '#api/wire'
import { board, cellsOf, isLooking, look, seenAt } from '../data/board.ts'
import { pathOf } from '../data/call.ts'
import { queries, thing } from '../data/query.ts'
import { Answer } from '../parts/answer.tsx'
import { AsCurl } from '../parts/code.tsx'
import { Empty } from '../parts/empty.tsx'
import { Icon } from '../parts/icon.tsx'
import { STANDINGS, type Standing, StandingMark, standingOf } from '../parts/standing.tsx'
import { When } from '../parts/when.tsx'
import styles from './board.module.css'
import { BoardGrid } from './board-grid.tsx'
import { BoardPanel } from './board-panel.tsx'
import { NewPipeline } from './pipelines.tsx'
import { ProjectPage } from './project.tsx'

const OLD_MS = 30_000

const route = getRouteApi('/$workspace/$project')

/** A project's home: what stands where, what asks for somebody's eyes, and what can be done about it. */
export function Board() {
  const { workspace, project } = route.useParams()
  const query = useQuery(board(workspace, project))
  const path = pathOf('workspaces', workspace, 'projects', project, 'board')
  return (
    <ProjectPage
      workspace={workspace}
      project={project}
      actions={
        <>
          <AsCurl path={path} />
          {query.data !== undefined && query.data.images.length > 0 && (
            <LookAgain workspace={workspace} project={project} of={query.data} />
          )}
        </>
      }
    >
      <Answer of={query}>
        {(view) =>
          view.images.length === 0 ? (
            <NoPromotion workspace={workspace} project={project} />
          ) : (
            <Content of={view} workspace={workspace} project={project} />
          )
        }
      </Answer>
    </ProjectPage>
  )
}

interface ContentProps {
  readonly of: BoardView
  readonly workspace: string
  readonly project: string
}

function Content({ of: view, workspace, project }: ContentProps) {
  const { place, show } = route.useSearch()
  const navigate = useNavigate({ from: '/$workspace/$project' })
  const [wanted, setWanted] = useState('')
  const text = useDeferredValue(wanted.trim().toLowerCase())
  const filter = useRef<HTMLInputElement>(null)
  const grid = useRef<HTMLDivElement>(null)
  useHotkeys([['/', () => filter.current?.focus()]])
  const counts = useMemo(() => {
    const all = cellsOf(view).map(standingOf)
    return STANDINGS.filter((standing) => standing !== 'source').map(
      (standing) => [standing, all.filter((one) => one === standing).length] as const,
    )
  }, [view])
  const images = useMemo(
    () =>
      view.images.filter(
        ({ image, cells }) =>
          (text === '' ||
            image.toLowerCase().includes(text) ||
            cells.some(
              ({ place, digest }) => place.toLowerCase().includes(text) || digest?.includes(text),
            )) &&
          (show === undefined || cells.some((cell) => standingOf(cell) === show)),
      ),
    [view, text, show],
  )
  const open = useCallback(
    (to: string) => void navigate({ search: (before) => ({ ...before, place: to }), resetScroll: false }),
    [navigate],
  )
  const close = (): void =>
    void navigate({ search: ({ place: _, ...rest }) => rest, resetScroll: false, replace: true })
  const choose = (to: Standing | undefined): void =>
    void navigate({
      search: ({ show: _, ...rest }) => (to === undefined ? rest : { ...rest, show: to }),
      resetScroll: false,
      replace: true,
    })
  return (
    <div className={styles.board}>
      <div className={styles.tools}>
        <TextInput
          ref={filter}
          size="xs"
          className={styles.filter ?? ''}
          aria-label="Filter the images"
          placeholder="Filter"
          leftSection={<Icon name="search" size={14} />}
          rightSection={
            wanted === '' ? (
              <kbd className={styles.key}>/</kbd>
            ) : (
              <CloseButton size="xs" aria-label="Clear the filter" onClick={() => setWanted('')} />
            )
          }
          value={wanted}
          onChange={({ currentTarget }) => setWanted(currentTarget.value)}
          onKeyDown={({ key }) => {
            if (key === 'Escape') setWanted('')
            if (key === 'ArrowDown') grid.current?.querySelector<HTMLElement>('button[tabindex="0"]')?.focus()
          }}
        />
        <ul className={styles.counts} aria-label="Show only">
          {counts.map(
            ([standing, count]) =>
              (count > 0 || standing === show) && (
                <li key={standing}>
                  <button
                    type="button"
                    className={styles.count}
                    aria-pressed={standing === show}
                    onClick={() => choose(standing === show ? undefined : standing)}
                  >
                    <StandingMark of={standing} />
                    <span className="nums">{count}</span>
                  </button>
                </li>
              ),
          )}
        </ul>
        <span className={`dim nums ${styles.shown}`} role="status">
          {images.length === view.images.length
            ? counted(images.length)
            : `${images.length} of ${counted(view.images.length)}`}
        </span>
      </div>
      {cellsOf(view).every(({ move }) => move === null) && (
        <p className="dim">
          Nothing was promoted yet. Open a place where nothing stands to see what would go there, and promote
          it.
        </p>
      )}
      {images.length === 0 ? (
        <Empty
          title="No image is like that"
          action={
            <Button
              onClick={() => {
                setWanted('')
                choose(undefined)
              }}
            >
              Show all
            </Button>
          }
        />
      ) : (
        <BoardGrid ref={grid} environments={view.environments} images={images} open={open} />
      )}
      <BoardPanel workspace={workspace} project={project} board={view} place={place} close={close} />
    </div>
  )
}

function counted(images: number): string {
  return images === 1 ? '1 image' : `${images} images`
}

/** When the registries were last looked at. They are looked at again when the page is opened after a while, and at a click; nothing waits. */
function LookAgain({ of, workspace, project }: ContentProps) {
  const seen = seenAt(of)
  const asked = useMutation({
    mutationFn: () => look(workspace, project),
    onSuccess: () => queries.invalidateQueries(board(workspace, project)),
  })
  const { mutate } = asked
  const [old] = useState(seen === undefined || Date.now() - Date.parse(seen) > OLD_MS)
  useEffect(() => {
    if (old) mutate()
  }, [old, mutate])
  return (
    <>
      <span className={styles.seen} role="status">
        {isLooking(of) ? (
          'Looking at the registries …'
        ) : seen === undefined ? (
          'Not looked at yet'
        ) : (
          <>
            Looked at <When at={seen} />
          </>
        )}
      </span>
      <Button
        leftSection={<Icon name="retry" size={14} />}
        loading={asked.isPending}
        onClick={() => mutate()}
      >
        Look again
      </Button>
    </>
  )
}

/** Nothing is promoted from anywhere to anywhere: what to make first. */
function NoPromotion({ workspace, project }: Omit<ContentProps, 'of'>) {
  const path = pathOf('workspaces', workspace, 'projects', project, 'pipelines')
  const list = useQuery(thing<{ pipelines: ShortPipelineView[] }>(`${path}?per_page=1`))
  return (
    <Answer of={list}>
      {({ pipelines: [first] }) =>
        first === undefined ? (
          <Empty title="No pipeline yet" action={<NewPipeline workspace={workspace} project={project} />}>
            The board shows which image stands under which tag where, as soon as a pipeline promotes one. A
            pipeline is a row of actions: each promotes an image from one place to another, or waits for
            somebody's yes.
          </Empty>
        ) : (
          <Empty
            title="Nothing is promoted yet"
            action={
              <Button
                variant="filled"
                leftSection={<Icon name="add" />}
                renderRoot={(props) => (
                  <Link
                    to="/$workspace/$project/pipelines/pipeline/$pipeline"
                    params={{ workspace, project, pipeline: String(first.id) }}
                    {...props}
                  />
                )}
              >
                Add an action to {first.name}
              </Button>
            }
          >
            The board shows what actions promote from where to where. Those whose images are only known when a
            run is given its variables come to stand here afterwards.
          </Empty>
        )
      }
    </Answer>
  )
}
