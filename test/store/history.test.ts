import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { CamelCasePlugin, Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import { advance, type Execution, type Executions, type TagMoves, type Turns } from '#model'
import { fillHistory } from '#support/history'
import { draftAction, draftExecution, makePipeline, startStore, type TestStore } from '#support/store'
import { keepExecutions } from '../../src/store/executions.ts'
import { Seal } from '../../src/store/seal.ts'
import type { Tables } from '../../src/store/tables.ts'
import { keepTagMoves } from '../../src/store/tag-moves.ts'
import { keepTurns } from '../../src/store/turns.ts'

interface Asked {
  readonly sql: string
  readonly parameters: readonly unknown[]
}

let open: TestStore
let pool: pg.Pool
let client: pg.Client
let directory: string
let executions: Executions
let tagMoves: TagMoves
let turns: Turns
let ended: Execution
let aimed: Execution
const asked: Asked[] = []

/** One pipeline that has moved a hundred tags, a hundred times each. */
before(async () => {
  open = await startStore()
  client = new pg.Client({ connectionString: open.url })
  await client.connect()
  const { store } = open
  const { pipeline } = await makePipeline(open, 'past')
  const action = await store.actions.create(draftAction(pipeline.id))
  const { id: creatorId } = await store.tokens.owner()
  const at = new Date()
  const { id, actions } = await store.executions.create(draftExecution(pipeline, [action], creatorId), at)
  const [{ id: actionId } = assert.fail()] = actions
  const outcome = {
    ...{ source: 'one.example/app:1', target: 'two.example/app:1', place: 'two.example/app:1' },
    ...{ digest: `sha256:${'a'.repeat(64)}` as never, previous: undefined, requests: 9 },
    bytes: { sent: 1, mounted: 0, present: 0 },
    phases: undefined as never,
  }
  await store.executions.appendLog(actionId, ['one', 'two', 'three'])
  ended =
    (await store.executions.change(id, (found) =>
      [
        { kind: 'started', at } as const,
        { kind: 'action-started', id: actionId, at } as const,
        { kind: 'action-succeeded', id: actionId, at, outcome } as const,
        { kind: 'finished', at } as const,
      ].reduce(advance, found),
    )) ?? assert.fail()
  aimed = { ...ended, actions: ended.actions.map((action) => ({ ...action, aim: 'two.example/app:1' })) }
  await fillHistory(client, id, 10_000)

  directory = await mkdtemp(join(tmpdir(), 'tagboat-history-'))
  pool = new pg.Pool({ connectionString: open.url })
  const db = new Kysely<Tables>({
    dialect: new PostgresDialect({ pool }),
    plugins: [new CamelCasePlugin({ maintainNestedObjectKeys: true })],
    log: ({ query }) => void asked.push(query),
  })
  const seal = await Seal.open({ keyFile: join(directory, 'master.key'), create: true })
  executions = keepExecutions(db, seal, { put: async () => {} })
  tagMoves = keepTagMoves(db)
  turns = keepTurns(db)
})
after(async () => {
  await pool.end()
  await client.end()
  await open.close()
  await rm(directory, { recursive: true, force: true })
})

interface Node {
  readonly 'Node Type': string
  readonly 'Relation Name'?: string
  readonly Plans?: readonly Node[]
}

function scans(node: Node): readonly string[] {
  const own = node['Node Type'] === 'Seq Scan' ? [node['Relation Name'] ?? ''] : []
  return [...own, ...(node.Plans ?? []).flatMap(scans)]
}

/** Which tables PostgreSQL would read from one end to the other for what was asked. */
async function readWhole(ask: () => Promise<unknown>): Promise<readonly string[]> {
  asked.length = 0
  await ask()
  assert.ok(asked.length > 0)
  const whole: string[] = []
  for (const { sql, parameters } of asked) {
    const { rows } = await client.query(`explain (format json) ${sql}`, [...parameters])
    for (const table of scans(rows[0]['QUERY PLAN'][0].Plan)) whole.push(`${table}: ${sql}`)
  }
  return whole.filter((line) => !/^(projects|pipelines|workspaces):/.test(line))
}

describe('ten thousand runs', { timeout: 60_000 }, () => {
  test('are there', async () => {
    const { items, total } = await executions.list(ended.pipelineId, { page: 1, perPage: 20 })
    assert.deepEqual([items[0]?.number, total], [10_001, 10_001])
    const { total: moves } = await tagMoves.list(ended.pipeline.projectId, {}, { page: 1, perPage: 1 })
    assert.equal(moves, 10_001)
  })

  const questions: Readonly<Record<string, () => Promise<unknown>>> = {
    'a page of a list, the first': () => executions.list(ended.pipelineId, { page: 1, perPage: 20 }),
    'a page of a list, further on': () => executions.list(ended.pipelineId, { page: 50, perPage: 20 }),
    'a page of a list, the deepest': () => executions.list(ended.pipelineId, { page: 500, perPage: 20 }),
    'one run': () => executions.find(ended.pipelineId, 5000),
    'its log': () => executions.readLog(ended.actions[0]?.id ?? assert.fail(), 0, 100),
    'the newest of each pipeline': () => executions.latest([ended.pipelineId]),
    'how the last one ended': () => executions.lastEnd(ended.pipelineId, 9000),
    'what waits for an answer': () => executions.waiting(1 as never, 20),
    'what is open': () => executions.takeOpen(ended.pipelineId),
    'who waits for what it lets go of': () => turns.behind([ended]),
    'whose turn it is': () => turns.inPipeline(ended),
    'whose turn it is at a tag': () => turns.atTag(aimed, aimed.actions[0]?.id ?? assert.fail()),
    'what was abandoned': () => executions.takeLapsed(),
    'the board': () => tagMoves.latest(ended.pipeline.projectId),
    'a page of the history': () =>
      tagMoves.list(ended.pipeline.projectId, { pipelineIds: [ended.pipelineId] }, { page: 1, perPage: 20 }),
    'a page of the history, the deepest': () =>
      tagMoves.list(
        ended.pipeline.projectId,
        { pipelineIds: [ended.pipelineId] },
        { page: 500, perPage: 20 },
      ),
    'the history of a tag': () =>
      tagMoves.list(ended.pipeline.projectId, { place: 'two.example/app:1-7' }, { page: 3, perPage: 20 }),
  }
  for (const [what, ask] of Object.entries(questions))
    test(`${what} is read by an index`, async () => {
      assert.deepEqual(await readWhole(ask), [])
    })
})
