import type { ColumnType, Generated } from 'kysely'
import type { IntegrationType, Json, JsonObject, WebhookEvent } from '#model'

/** Goes in as text, comes out parsed. */
type JsonColumn<T> = ColumnType<T, string, string>
type Timestamp = ColumnType<Date, Date, Date>
type OptionalTimestamp = ColumnType<Date | null, Date | null | undefined, Date | null>

interface WorkspaceTable {
  id: Generated<number>
  domain: string
  name: string
  createdAt: ColumnType<Date, never, never>
}

interface ProjectTable {
  id: Generated<number>
  workspaceId: number
  name: string
  displayName: string
  access: 'private' | 'public'
  status: Generated<'active' | 'closed'>
  createdAt: ColumnType<Date, never, never>
}

interface PipelineTable {
  id: Generated<number>
  projectId: number
  name: string
  identifier: string
  priority: 'low' | 'normal' | 'high'
  disabled: boolean
  disabledReason: string | null
  extras: JsonColumn<JsonObject>
  /** How many executions were ever made: the next one's number less one. */
  executions: Generated<number>
  createdAt: ColumnType<Date, never, never>
}

interface ActionTable {
  id: Generated<number>
  pipelineId: number
  position: number
  definition: JsonColumn<Json>
}

interface IntegrationTable {
  hash: string
  workspaceId: number
  identifier: string
  name: string
  type: IntegrationType
  authType: string
  scope: 'workspace' | 'project' | 'environment'
  projectName: string | null
  secrets: JsonColumn<Json>
  extras: JsonColumn<JsonObject>
  createdAt: ColumnType<Date, never, never>
}

interface PersonTable {
  id: Generated<number>
  name: string
  email: string | null
  owner: boolean
}

interface TokenTable {
  id: Generated<string>
  personId: number
  name: string
  /** SHA-256 of the text. */
  hash: Buffer
  scopes: string[]
  workspaces: string[]
  /** Whether the environment set it: the next start replaces it. */
  configured: boolean
  createdAt: ColumnType<Date, never, never>
  expiresAt: OptionalTimestamp
}

interface SessionTable {
  /** SHA-256 of the text in the cookie. */
  hash: Buffer
  tokenId: string
  expiresAt: Timestamp
}

interface ExecutionTable {
  id: Generated<number>
  pipelineId: number
  number: number
  status: 'enqueued' | 'running' | 'terminating' | 'succeeded' | 'failed' | 'terminated'
  priority: 'low' | 'normal' | 'high'
  comment: string | null
  creatorId: number
  triggeredOn: 'click'
  pipeline: JsonColumn<Json>
  createdAt: Timestamp
  startedAt: OptionalTimestamp
  finishedAt: OptionalTimestamp
  recoveries: Generated<number>
  /** The number of the newest claim. */
  fence: Generated<number>
  worker: string | null
  leaseUntil: OptionalTimestamp
}

interface ActionExecutionTable {
  id: string
  executionId: number
  position: number
  action: JsonColumn<Json>
  status: 'initial' | 'running' | 'succeeded' | 'failed' | 'skipped' | 'terminated' | 'not-executed'
  progress: number
  startedAt: OptionalTimestamp
  finishedAt: OptionalTimestamp
  pinned: string | null
  failure: JsonColumn<Json | null> | null
  outcome: JsonColumn<Json | null> | null
}

interface LogLineTable {
  actionExecutionId: string
  line: number
  text: string
}

interface HeadwayTable {
  actionExecutionId: string
  headway: JsonColumn<Json>
}

interface WebhookTable {
  id: Generated<number>
  workspaceId: number
  targetUrl: string
  events: WebhookEvent[]
  projects: string[]
  secrets: JsonColumn<Json>
  createdAt: ColumnType<Date, never, never>
}

interface DeliveryTable {
  id: string
  webhookId: number
  executionId: number
  event: WebhookEvent
  /** What of the execution has changed since. */
  execution: JsonColumn<Json>
  createdAt: ColumnType<Date, never, never>
  body: string | null
  postedAt: OptionalTimestamp
  responseStatus: number | null
}

interface SettingTable {
  name: string
  value: string
}

/** The tables as the queries see them: camelCase here, snake_case in PostgreSQL. */
export interface Tables {
  workspaces: WorkspaceTable
  projects: ProjectTable
  pipelines: PipelineTable
  actions: ActionTable
  integrations: IntegrationTable
  people: PersonTable
  tokens: TokenTable
  sessions: SessionTable
  executions: ExecutionTable
  actionExecutions: ActionExecutionTable
  logLines: LogLineTable
  headways: HeadwayTable
  webhooks: WebhookTable
  deliveries: DeliveryTable
  settings: SettingTable
}
