import { Button, Select, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import type { HistoryView, MemberView } from '#api/wire'
import { board, cellsOf } from '../data/board.ts'
import { pathOf } from '../data/call.ts'
import { useAll, useList } from '../data/list.ts'
import { Answer } from '../parts/answer.tsx'
import { AsCurl } from '../parts/code.tsx'
import { Digest } from '../parts/digest.tsx'
import { Empty } from '../parts/empty.tsx'
import { Icon } from '../parts/icon.tsx'
import { More } from '../parts/more.tsx'
import { Section } from '../parts/page.tsx'
import { spansOf } from '../parts/spans.ts'
import { StandingMark, standingOf } from '../parts/standing.tsx'
import { nameCell, Table } from '../parts/table.tsx'
import { RunLink, Timeline } from '../parts/timeline.tsx'
import { When } from '../parts/when.tsx'
import styles from './history.module.css'
import { ProjectPage } from './project.tsx'

const route = getRouteApi('/$workspace/$project/history')

/** What of the history is looked for, as the address has it. */
export interface HistorySearch {
  readonly place?: string
  readonly tag?: string
  readonly digest?: string
  readonly image?: string
  readonly person?: number
}

interface Place {
  readonly workspace: string
  readonly project: string
}

const movesOf = ({ moves }: HistoryView) => moves
const membersOf = ({ members }: { readonly members: readonly MemberView[] }) => members

/** What was promoted where, by whom and when; of one tag, all that it ever named; of one digest, where it is and how it got there. */
export function History() {
  const { workspace, project } = route.useParams()
  const { place, ...others } = route.useSearch()
  // All that one tag named is a story without gaps.
  const search: HistorySearch = place === undefined ? others : { place }
  const query = new URLSearchParams(
    Object.entries(search).map(([name, value]) => [name, String(value)]),
  ).toString()
  const above = pathOf('workspaces', workspace, 'projects', project)
  const path = `${above}/history${query === '' ? '' : `?${query}`}`
  const list = useList(path, movesOf)
  const here = { workspace, project }
  return (
    <ProjectPage {...here} actions={<AsCurl path={path} />}>
      {place === undefined ? <Search workspace={workspace} of={search} /> : <OfTag {...here} place={place} />}
      {search.digest !== undefined && <WhereNow {...here} digest={search.digest} />}
      <Answer of={list}>
        {(moves) => {
          if (moves.length === 0) return <Nothing {...here} searched={query !== ''} />
          return (
            <Section title={titleOf(search)}>
              {place === undefined ? (
                <Moves {...here} of={moves} />
              ) : (
                <OneTag {...here} of={moves} place={place} whole={!list.hasNextPage} />
              )}
              <More of={list} words="Older" />
            </Section>
          )
        }}
      </Answer>
    </ProjectPage>
  )
}

function titleOf({ place, digest }: HistorySearch): string {
  if (place !== undefined) return 'What it named'
  return digest === undefined ? 'What was promoted' : 'How it got there'
}

/** The fields of a search. What is typed is looked for after a moment, and stands in the address. */
function Search({ of, workspace }: Pick<Place, 'workspace'> & { readonly of: HistorySearch }) {
  const navigate = useNavigate({ from: '/$workspace/$project/history' })
  const { data: members = [] } = useAll(pathOf('workspaces', workspace, 'members'), membersOf)
  const [typed, setTyped] = useState({ image: of.image ?? '', tag: of.tag ?? '', digest: of.digest ?? '' })
  const [{ image, tag, digest }] = useDebouncedValue(typed, 250)
  useEffect(() => {
    void navigate({
      search: ({ image: _, tag: __, digest: ___, ...rest }) => ({
        ...rest,
        ...(image !== '' && { image }),
        ...(tag !== '' && { tag }),
        ...(digest !== '' && { digest }),
      }),
      replace: true,
      resetScroll: false,
    })
  }, [image, tag, digest, navigate])
  const field = (name: keyof typeof typed, label: string, placeholder: string) => (
    <TextInput
      size="xs"
      label={label}
      placeholder={placeholder}
      value={typed[name]}
      onChange={({ currentTarget: { value } }) => setTyped((before) => ({ ...before, [name]: value.trim() }))}
      autoComplete="off"
      spellCheck={false}
    />
  )
  return (
    <search className={styles.search} aria-label="Search the history">
      {field('image', 'Image', 'A part of its name')}
      {field('tag', 'Tag', 'production')}
      {field('digest', 'Digest', 'Its first characters')}
      <Select
        size="xs"
        label="Person"
        placeholder="Anybody"
        clearable
        searchable
        value={of.person === undefined ? null : String(of.person)}
        data={members.map(({ id, name, email }) => ({
          value: String(id),
          label: name || email || String(id),
        }))}
        onChange={(value) =>
          void navigate({
            search: ({ person: _, ...rest }) => (value === null ? rest : { ...rest, person: Number(value) }),
            replace: true,
            resetScroll: false,
          })
        }
      />
    </search>
  )
}

/** Which tag's history this is, and the ways on from it. */
function OfTag({ place, workspace, project }: Place & { readonly place: string }) {
  return (
    <div className={styles.place}>
      <strong className="mono">{place}</strong>
      <Link to="/$workspace/$project" params={{ workspace, project }} search={{ place }}>
        On the board
      </Link>
      <Link to="/$workspace/$project/history" params={{ workspace, project }} search={{}}>
        All tags
      </Link>
    </div>
  )
}

/** Moves of many tags, the newest first. */
function Moves({ of, workspace, project }: Place & { readonly of: HistoryView['moves'] }) {
  return (
    <Table label="What was promoted" heads={['Tag', 'Moved', 'When', 'By', 'Run']}>
      {of.map((move) => (
        <tr key={move.id}>
          <td className={nameCell}>
            <Link
              to="/$workspace/$project/history"
              params={{ workspace, project }}
              search={{ place: move.place }}
              className={styles.tag}
            >
              <span className="dim">{move.place.slice(0, -move.tag.length)}</span>
              {move.tag}
            </Link>
          </td>
          <td>
            <span className={styles.moved}>
              {move.previous_digest === null ? (
                <span className="dim">new tag</span>
              ) : (
                <Digest of={move.previous_digest} />
              )}
              <span aria-hidden="true">→</span>
              <span className="visually-hidden">became</span>
              <Digest of={move.digest} />
              {move.outside && <span className={styles.outside}>had been changed outside</span>}
            </span>
          </td>
          <td className="dim">
            <When at={move.date} />
          </td>
          <td>{move.promoted_by.name}</td>
          <td className="dim">
            <RunLink of={move} workspace={workspace} project={project} />
          </td>
        </tr>
      ))}
    </Table>
  )
}

/** All that one tag named, and what another tool made of it. */
function OneTag({
  of,
  place,
  whole,
  workspace,
  project,
}: Place & { readonly of: HistoryView['moves']; readonly place: string; readonly whole: boolean }) {
  const { data } = useQuery(board(workspace, project))
  const cell = data && cellsOf(data).find((each) => each.place === place)
  const drift =
    cell?.state === 'DRIFTED' || cell?.state === 'MISSING' ? { digest: cell.seen_digest } : undefined
  return <Timeline of={spansOf(of, whole, drift)} workspace={workspace} project={project} />
}

/** Every place of the board that has a digest at this moment. */
function WhereNow({ digest, workspace, project }: Place & { readonly digest: string }) {
  const { data } = useQuery(board(workspace, project))
  if (data === undefined) return null
  const start = digest.includes(':') ? digest : `sha256:${digest}`
  const cells = cellsOf(data).filter((cell) => cell.digest?.startsWith(start))
  return (
    <Section title="Where it is now">
      {cells.length === 0 ? (
        <p className="dim">On no tag of the board.</p>
      ) : (
        <ul className={styles.places}>
          {cells.map((cell) => (
            <li key={cell.place}>
              <Link
                to="/$workspace/$project"
                params={{ workspace, project }}
                search={{ place: cell.place }}
                className={styles.where}
              >
                <span className="mono">{cell.place}</span>
                <StandingMark of={standingOf(cell)} />
                <Icon name="right" size={14} />
              </Link>
            </li>
          ))}
        </ul>
      )}
    </Section>
  )
}

function Nothing({ searched, workspace, project }: Place & { readonly searched: boolean }) {
  const navigate = useNavigate({ from: '/$workspace/$project/history' })
  return searched ? (
    <Empty
      title="Nothing like that was promoted"
      action={<Button onClick={() => void navigate({ search: {}, replace: true })}>Look at all of it</Button>}
    >
      An image or a digest is found by a part of it, a tag by its whole name.
    </Empty>
  ) : (
    <Empty
      title="Nothing was promoted yet"
      action={
        <Button
          renderRoot={(props) => (
            <Link to="/$workspace/$project" params={{ workspace, project }} {...props} />
          )}
        >
          To the board
        </Button>
      }
    >
      Each promotion that moves a tag is written down here for good: what it was, what it became, by whom and
      when.
    </Empty>
  )
}
