import type { ColumnType, Generated } from 'kysely'
import type {
  ActionStatus,
  ExecutionStatus,
  IntegrationType,
  Json,
  JsonObject,
  PermissionSet,
  Trigger,
  WebhookEvent,
} from '#model'

/** Goes in as text, comes out parsed. */
type JsonColumn<T> = ColumnType<T, string, string>
type Timestamp = ColumnType<Date, Date, Date>
type OptionalTimestamp = ColumnType<Date | null, Date | null | undefined, Date | null>

interface WorkspaceTable {
  id: Generated<number>
  domain: string
  name: string
  ownerId: number
  createdAt: ColumnType<Date, never, never>
}

interface ProjectTable {
  id: Generated<number>
  workspaceId: number
  name: string
  displayName: string
  access: 'private' | 'public'
  status: Generated<'active' | 'closed'>
  creatorId: number
  extras: JsonColumn<JsonObject>
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
  paused: Generated<boolean>
  rules: JsonColumn<JsonObject>
  /** How many runs in a row have failed. */
  failures: Generated<number>
  extras: JsonColumn<JsonObject>
  creatorId: number | null
  permissions: JsonColumn<Json> | null
  events: ColumnType<Json, string | undefined, string>
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
  permissions: JsonColumn<Json>
  allPipelines: boolean
  pipelines: number[]
  extras: JsonColumn<JsonObject>
  createdAt: ColumnType<Date, never, never>
}

interface PersonTable {
  id: Generated<number>
  name: string
  email: string | null
  owner: boolean
}

interface MemberTable {
  workspaceId: number
  personId: number
  admin: boolean
  autoAssign: number | null
}

interface PermissionSetTable {
  id: Generated<number>
  workspaceId: number
  type: PermissionSet['type']
  name: string
  description: string | null
  levels: JsonColumn<Json>
}

interface GroupTable {
  id: Generated<number>
  workspaceId: number
  name: string
  description: string | null
  autoAssign: number | null
}

interface GroupMemberTable {
  groupId: number
  workspaceId: number
  personId: number
  manager: boolean
}

interface ProjectMemberTable {
  projectId: number
  workspaceId: number
  personId: number
  permissionSetId: number
}

interface ProjectGroupTable {
  projectId: number
  groupId: number
  permissionSetId: number
}

interface TokenTable {
  id: Generated<string>
  personId: number
  name: string
  /** SHA-256 of the text. */
  hash: Buffer
  scopes: string[]
  workspaces: string[]
  addresses: string[]
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
  status: ExecutionStatus
  priority: 'low' | 'normal' | 'high'
  comment: string | null
  creatorId: number
  triggeredOn: Trigger
  pipeline: JsonColumn<Json>
  createdAt: Timestamp
  startedAt: OptionalTimestamp
  finishedAt: OptionalTimestamp
  delayUntil: OptionalTimestamp
  extras: JsonColumn<JsonObject>
  cancelled: JsonColumn<Json | null> | null
  variables: JsonColumn<Json>
  recoveries: Generated<number>
  /** The place among those that are ready: bigint, so text. */
  turn: string | null
  /** The number of the newest claim. */
  fence: Generated<number>
  /** Who has it; null: the queue, where it is ready. */
  worker: string | null
  /** Until when; null: it is not ready. */
  leaseUntil: OptionalTimestamp
}

interface ActionExecutionTable {
  id: string
  executionId: number
  position: number
  action: JsonColumn<Json>
  status: ActionStatus
  progress: number
  startedAt: OptionalTimestamp
  finishedAt: OptionalTimestamp
  attempts: Generated<number>
  aim: string | null
  pinned: string | null
  approval: JsonColumn<Json | null> | null
  failure: JsonColumn<Json | null> | null
  outcome: JsonColumn<Json | null> | null
}

interface LogLineTable {
  actionExecutionId: string
  line: number
  text: string
}

interface ScheduleTable {
  pipelineId: number
  position: number
  schedule: JsonColumn<Json>
  since: ColumnType<Date, never, never>
  dueAt: OptionalTimestamp
}

interface TriggerKeyTable {
  pipelineId: number
  /** SHA-256 of the token. */
  hash: Buffer
  secrets: JsonColumn<Json>
  triedStep: Generated<number>
  tries: Generated<number>
  spentStep: Generated<number>
}

interface NoticeTable {
  pipelineId: number
  notice: string
  heardAt: ColumnType<Date, never, never>
}

interface TagMoveTable {
  id: Generated<number>
  projectId: number
  pipelineId: number
  actionId: number
  actionExecutionId: string
  number: number
  source: string
  target: string
  place: string
  tag: string
  digest: string
  previous: string | null
  personId: number
  at: Timestamp
}

interface TagSightingTable {
  projectId: number
  place: string
  digest: string | null
  failure: string | null
  at: Timestamp
}

interface TagLookTable {
  projectId: number
  lookedAt: Timestamp
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

interface VariableTable {
  id: Generated<number>
  workspaceId: number
  projectId: number | null
  pipelineId: number | null
  actionId: number | null
  key: string
  definition: JsonColumn<Json>
}

interface FlightTable {
  name: string
  /** One flight of one process. */
  holder: string
  until: ColumnType<Date, Date, Date>
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
  members: MemberTable
  permissionSets: PermissionSetTable
  groups: GroupTable
  groupMembers: GroupMemberTable
  projectMembers: ProjectMemberTable
  projectGroups: ProjectGroupTable
  tokens: TokenTable
  sessions: SessionTable
  executions: ExecutionTable
  actionExecutions: ActionExecutionTable
  logLines: LogLineTable
  headways: HeadwayTable
  schedules: ScheduleTable
  triggerKeys: TriggerKeyTable
  notices: NoticeTable
  webhooks: WebhookTable
  deliveries: DeliveryTable
  settings: SettingTable
  flights: FlightTable
  variables: VariableTable
  tagMoves: TagMoveTable
  tagSightings: TagSightingTable
  tagLooks: TagLookTable
}
