import { copyFile } from 'node:fs/promises'
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
import { Listener } from '../../src/store/listener.ts'
import { type OpenQueue, openQueue } from '../../src/store/queue.ts'
import { runnersPostgres, type TestPostgres } from './data-dir.ts'
import { askTestPostgres, startTestPostgres, urlOf } from './postgres.ts'

/** A store on a database of its own, thrown away when it is disposed of. */
export interface TestStore extends Omit<OpenStore, 'work' | 'reminders'>, AsyncDisposable {
  /** Where the database is. */
  readonly url: string
  readonly keyFile: string
  /** The side where jobs are taken; each call is another worker's. */
  work(): Work & { readonly reminders: Work }
}

const runners = runnersPostgres()

// The runner's PostgreSQL (test/support/setup.ts) where there is one, else one for all stores of this file.
let shared: Promise<TestPostgres> | undefined = runners && Promise.resolve(runners)
let databases = 0

async function startOwn(): Promise<TestPostgres> {
  const own = await startTestPostgres()
  process.once('beforeExit', () => own.stop())
  return own
}

/**
 * Opens one; without the runner's PostgreSQL the first of a file takes two seconds. `ownKey`: its master key is in a file that nobody else
 * reads, for those who change it.
 */
export async function startStore({ ownKey = false }: { readonly ownKey?: boolean } = {}): Promise<TestStore> {
  shared ??= startOwn()
  const { host, template, masterKeyFile } = await shared
  databases += 1
  const database = `test_${process.pid}_${databases}`
  await askTestPostgres(host, `create database ${database} template ${template}`)
  const url = urlOf(host, database)
  const keyFile = ownKey ? `${masterKeyFile}.of-${database}` : masterKeyFile
  if (ownKey) await copyFile(masterKeyFile, keyFile)
  const open = await openStore({ database: { kind: 'url', url }, masterKeyFile: keyFile })
  const workers: TestWork[] = []
  const close = async (): Promise<void> => {
    for (const worker of workers) await worker.close()
    await open.close()
    await askTestPostgres(host, `drop database ${database} with (force)`)
  }
  const work = () => {
    const worker = new TestWork(url)
    workers.push(worker)
    return worker
  }
  return { ...open, url, keyFile, work, close, [Symbol.asyncDispose]: close }
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
    const listener = new Listener(
      connection,
      async () => {},
      () => {},
    )
    await listener.start()
    const queue = await openQueue(database.db, connection, listener, { exclusive: false, log: () => {} })
    this.#open = {
      queue,
      close: async () => {
        await queue.close()
        await listener.close()
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
    extras: {},
    ...more,
  }
}

/** What an action promotes, which is to be one that does. */
export function promotionOf(action: Action | undefined): PromotionDefinition {
  if (action?.type !== 'promote-image') throw new Error('it promotes nothing')
  return action.promotion
}
