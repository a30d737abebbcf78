import { setTimeout as sleep } from 'node:timers/promises'
import {
  type ImageDraft,
  type Log,
  NOTHING,
  type PromotionDraft,
  settlePromotion,
  startExecution,
  startWorker,
} from '#engine'
import type {
  Action,
  ActionDraft,
  Execution,
  ExecutionId,
  Integration,
  IntegrationSecrets,
  Pipeline,
  Project,
  PromoteImage,
  Store,
  Workspace,
} from '#model'
import { isFinal, PIPELINE_DEFAULTS, STEP_DEFAULTS } from '#model'
import { Network, type NetworkOptions } from '#oci'
import { type Registry, type RegistryOptions, startRegistry } from '#support/registry'
import { startStore, type TestStore } from '#support/store'

/** One worker on one store, between two registries. */
export interface Stage extends AsyncDisposable {
  readonly store: Store
  readonly test: TestStore
  readonly source: Registry
  readonly target: Registry
  readonly project: Project
  readonly workspace: Workspace
  readonly network: Network
  /** What the worker told its operator. */
  readonly lines: string[]
  pipeline(...actions: StepDraft[]): Promise<Pipeline>
  /** One that is not as usual. */
  pipelineWith(rules: Partial<Pipeline>, ...actions: StepDraft[]): Promise<Pipeline>
  integration(
    identifier: string,
    secrets: IntegrationSecrets,
    more?: Partial<Integration>,
  ): Promise<Integration>
  start(pipeline: Pipeline, request?: Partial<Parameters<typeof startExecution>[2]>): Promise<Execution>
  /** Once it is final. Fails after 20 s. */
  ended(id: ExecutionId): Promise<Execution>
  /** Once it is as it should be. Fails after 20 s. */
  until(id: ExecutionId, is: (execution: Execution) => boolean): Promise<Execution>
  log(execution: Execution, index?: number): Promise<readonly string[]>
  work(options?: Partial<Parameters<typeof startWorker>[0]>): Promise<{ stop(): Promise<void> }>
}

type Partly<T> = T extends Action ? Partial<T> & Pick<T, 'type'> : never
/** A promotion unless another type is named. */
export type StepDraft =
  | (Partial<Omit<PromoteImage, 'id' | 'position' | 'pipelineId' | 'promotion' | 'type'>> & {
      readonly from?: Partial<ImageDraft>
      readonly to?: Partial<ImageDraft>
      readonly sameLocation?: boolean
    })
  | Partly<Exclude<Action, PromoteImage>>

export interface StageOptions {
  readonly source?: RegistryOptions
  readonly target?: RegistryOptions
  readonly network?: (registries: { source: Registry; target: Registry }) => Partial<NetworkOptions>
  /** Without: nobody works until `work` is called. */
  readonly worker?: boolean
}

let made = 0

export async function setStage(options: StageOptions = {}): Promise<Stage> {
  const test = await startStore()
  const { store } = test
  const [source, target] = await Promise.all([startRegistry(options.source), startRegistry(options.target)])
  const network = new Network({
    retries: 2,
    retryBaseMs: 10,
    idleTimeoutMs: 5000,
    ...options.network?.({ source, target }),
  })
  made += 1
  const workspace = await store.workspaces.create({ domain: `stage-${process.pid}-${made}`, name: 'Stage' })
  const draft = { workspaceId: workspace.id, name: 'p', displayName: 'P', access: 'private' } as const
  const project = await store.projects.create(draft)
  const owner = await store.tokens.owner()
  const lines: string[] = []
  const tell = (details: object, message: string): void =>
    void lines.push(`${message} ${JSON.stringify(details)}`)
  const log: Log = { info: tell, warn: tell, error: tell }
  const workers: { stop(): Promise<void> }[] = []

  const stage: Stage = {
    store,
    test,
    source,
    target,
    project,
    workspace,
    network,
    lines,
    pipeline: (...drafts) => stage.pipelineWith({}, ...drafts),
    async pipelineWith(rules, ...drafts) {
      made += 1
      const pipeline = await store.pipelines.create({
        ...PIPELINE_DEFAULTS,
        projectId: project.id,
        name: `Pipeline ${made}`,
        identifier: `pipeline-${made}`,
        ...rules,
      })
      for (const draft of drafts) {
        if ('type' in draft) {
          await store.actions.create({
            ...STEP_DEFAULTS,
            pipelineId: pipeline.id,
            name: draft.type,
            ...draft,
          } as ActionDraft)
          continue
        }
        const { from, to, sameLocation, ...action } = draft
        const promotion: PromotionDraft = {
          sameLocation,
          source: { ...NOTHING, kind: 'other', registry: source.host, image: 'team/app', tag: '1', ...from },
          target: { ...NOTHING, kind: 'other', registry: target.host, image: 'live/app', tag: 'prod', ...to },
        }
        await store.actions.create({
          ...STEP_DEFAULTS,
          pipelineId: pipeline.id,
          name: 'Promote',
          type: 'promote-image',
          ...action,
          promotion: settlePromotion(promotion),
        })
      }
      return pipeline
    },
    integration: (identifier, secrets, more = {}) =>
      store.integrations.create({
        workspaceId: workspace.id,
        identifier,
        name: identifier,
        type: 'docker-hub',
        authType: 'DEFAULT',
        scope: 'workspace',
        projectName: undefined,
        extras: {},
        secrets,
        ...more,
      }),
    start: (pipeline, request = {}) =>
      startExecution(store, pipeline, { creatorId: owner.id, ...request }, new Date()),
    ended: (id) => stage.until(id, ({ status }) => isFinal(status)),
    async until(id, is) {
      const deadline = performance.now() + 20_000
      for (;;) {
        const execution = await store.executions.findById(id)
        if (execution !== undefined && is(execution)) return execution
        if (performance.now() > deadline) {
          const state = execution?.actions.map(({ status, progress }) => `${status} ${progress}`)
          throw new Error(`execution ${id} is ${execution?.status} (${state}); ${lines.join('\n')}`)
        }
        await sleep(10)
      }
    },
    async log(execution, index = 0) {
      const id = execution.actions[index]?.id
      return id === undefined ? [] : (await store.executions.readLog(id, 0, 1000)).items
    },
    async work(more = {}) {
      const work = test.work()
      const worker = await startWorker({
        store,
        work,
        reminders: work.reminders,
        network,
        changes: test.changes,
        now: () => new Date(),
        leaseMs: 3000,
        graceMs: 1000,
        maxRecoveries: 3,
        workerId: `worker-${workers.length}`,
        log,
        ...more,
      })
      workers.push(worker)
      return worker
    },
    async [Symbol.asyncDispose]() {
      source.clearFaults()
      target.clearFaults()
      for (const worker of workers) await worker.stop()
      await network.close()
      await Promise.all([source.close(), target.close()])
      await test.close()
    },
  }
  if (options.worker !== false) await stage.work()
  return stage
}
