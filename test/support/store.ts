import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import {
  type Action,
  type ExecutionDraft,
  type PersonId,
  PIPELINE_DEFAULTS,
  type Pipeline,
  type Project,
  type PromoteImage,
  type PromotionDefinition,
  STEP_DEFAULTS,
  type Work,
  type Workspace,
} from '#model'
import { type OpenStore, openStore } from '#store'
import { openDatabase } from '../../src/store/database.ts'
import { type EmbeddedPostgres, startEmbedded } from '../../src/store/embedded.ts'
import { type OpenQueue, openQueue } from '../../src/store/queue.ts'

/** A store on a database of its own, thrown away when it is disposed of. */
export interface TestStore extends Omit<OpenStore, 'work' | 'reminders'>, AsyncDisposable {
  /** Where the database is. */
  readonly url: string
  /** The side where jobs are taken; each call is another worker's. */
  work(): Work & { readonly reminders: Work }
}

interface Server {
  readonly postgres: EmbeddedPostgres
  readonly dataDir: string
}

// One PostgreSQL for all stores of a test file, since its start takes a second; it ends when nothing is left to do.
let server: Promise<Server> | undefined
let databases = 0

async function startServer(): Promise<Server> {
  const dataDir = await mkdtemp(join(tmpdir(), 'tagboat-test-'))
  const postgres = await startEmbedded({ dataDir })
  process.once('beforeExit', async () => {
    await postgres.stop()
    await rm(dataDir, { recursive: true, force: true })
  })
  return { postgres, dataDir }
}

async function query(connection: pg.ClientConfig, text: string): Promise<void> {
  const client = new pg.Client(connection)
  await client.connect()
  await client.query(text).finally(() => client.end())
}

/** Opens one; the first of a file takes about a second. */
export async function startStore(): Promise<TestStore> {
  server ??= startServer()
  const { postgres, dataDir } = await server
  databases += 1
  const database = `test_${databases}`
  const { host } = postgres.connection
  await query(postgres.connection, `create database ${database}`)
  const url = `postgres://tagboat@/${database}?host=${encodeURIComponent(host)}`
  const open = await openStore({
    database: { kind: 'url', url },
    masterKeyFile: join(dataDir, `${database}.key`),
  })
  const workers: TestWork[] = []
  const close = async (): Promise<void> => {
    for (const worker of workers) await worker.close()
    await open.close()
    await query(postgres.connection, `drop database ${database} with (force)`)
  }
  const work = () => {
    const worker = new TestWork(url)
    workers.push(worker)
    return worker
  }
  return { ...open, url, work, close, [Symbol.asyncDispose]: close }
}

/** A worker's own queue, as in a process of its own. */
class TestWork implements Work {
  readonly #url: string
  #open: { readonly queue: OpenQueue; close(): Promise<void> } | undefined

  constructor(url: string) {
    this.#url = url
  }

  async start(...args: Parameters<Work['start']>): Promise<void> {
    const connection = { connectionString: this.#url }
    const database = openDatabase(connection, () => {})
    const queue = await openQueue(database.db, connection, { exclusive: false, log: () => {} })
    this.#open = {
      queue,
      close: async () => {
        await queue.close()
        await database.close()
      },
    }
    await queue.work.start(...args)
  }

  async stop(graceMs: number): Promise<void> {
    await this.#open?.queue.work.stop(graceMs)
  }

  /** To be started after the jobs themselves. */
  get reminders(): Work {
    return {
      start: async (...args) => this.#open?.queue.reminders.start(...args),
      stop: async (graceMs) => this.#open?.queue.reminders.stop(graceMs),
    }
  }

  async close(): Promise<void> {
    await this.#open?.close()
    this.#open = undefined
  }
}

/** A workspace with a project and an empty pipeline, under a name that nobody else has. */
export async function makePipeline(
  { store }: Pick<TestStore, 'store'>,
  name: string,
): Promise<{ readonly workspace: Workspace; readonly project: Project; readonly pipeline: Pipeline }> {
  const workspace = await store.workspaces.create({ domain: name, name })
  const project = await store.projects.create({
    workspaceId: workspace.id,
    name: 'shop',
    displayName: 'Shop',
    access: 'private',
  })
  const pipeline = await store.pipelines.create({
    ...PIPELINE_DEFAULTS,
    projectId: project.id,
    name: 'Production',
    identifier: 'production',
  })
  return { workspace, project, pipeline }
}

/** An action that promotes from one place of a registry to another; nothing of it is looked up. */
export function draftAction(
  pipelineId: Pipeline['id'],
  name = 'Promote',
): Omit<PromoteImage, 'id' | 'position'> {
  const image = {
    kind: 'other' as const,
    registry: undefined,
    tag: undefined,
    integration: undefined,
    region: undefined,
    username: undefined,
    password: undefined,
    createRepository: undefined,
  }
  return {
    pipelineId,
    name,
    ...STEP_DEFAULTS,
    type: 'promote-image',
    promotion: {
      sameLocation: false,
      copyReferrers: undefined,
      platforms: [],
      source: { ...image, image: 'one.example/app:1' },
      target: { ...image, image: 'two.example/app:1' },
    },
  }
}

/** An execution of these actions, as a click makes it. */
export function draftExecution(
  pipeline: Pipeline,
  actions: readonly Action[],
  creatorId: PersonId,
  more: Partial<ExecutionDraft> = {},
): ExecutionDraft {
  return {
    pipeline,
    actions: actions.map((action) => ({ action, loop: [], pinned: undefined })),
    variables: [],
    priority: 'normal',
    comment: undefined,
    creatorId,
    triggeredOn: 'click',
    delayUntil: undefined,
    ...more,
  }
}

/** What an action promotes, which is to be one that does. */
export function promotionOf(action: Action | undefined): PromotionDefinition {
  if (action?.type !== 'promote-image') throw new Error('it promotes nothing')
  return action.promotion
}
