import type { Execution } from './execution.ts'
import { isFinal } from './execution.ts'
import type { Member } from './member.ts'
import type { Secret } from './secret.ts'
import type { Project, Workspace, WorkspaceId } from './workspace.ts'

/** A webhook's number. */
export type WebhookId = number & { readonly webhook: unique symbol }
/** A delivery's id, the same on every try: `msg_` and random characters. */
export type DeliveryId = string & { readonly delivery: unique symbol }

/** What others can be told of. Nothing is pushed here: `push` can be asked for, as in Buddy, and never comes. */
export type WebhookEvent =
  | 'push'
  | 'execution-started'
  | 'execution-succeeded'
  | 'execution-failed'
  | 'execution-finished'

/** What a webhook knows and says only to those who are meant to hear it. */
export interface WebhookSecrets {
  /** Sent along in every body, for the receiver to compare. */
  readonly secretKey: Secret | undefined
  /** Signs every body; never sent. */
  readonly signing: Secret
  /** The one before, which signs too until then, so that receivers can change over. */
  readonly before: { readonly signing: Secret; readonly until: Date } | undefined
}

/** A URL that is told what happens in a workspace. `projects`: names; empty: all. */
export interface Webhook {
  readonly id: WebhookId
  readonly workspaceId: WorkspaceId
  readonly targetUrl: string
  readonly events: readonly WebhookEvent[]
  readonly projects: readonly string[]
  readonly secrets: WebhookSecrets
  readonly createdAt: Date
}

/** One event that one webhook is told of, in as many tries as it takes. */
export interface Delivery {
  readonly id: DeliveryId
  readonly event: WebhookEvent
  /** When it happened. */
  readonly at: Date
  /** What is sent, without the secret key; undefined until it was prepared. */
  readonly body: string | undefined
}

/** A delivery with what it takes to make it. The execution is as it was when the event happened. */
export interface DueDelivery {
  readonly delivery: Delivery
  readonly webhook: Webhook
  readonly workspace: Workspace
  readonly project: Project
  readonly execution: Execution
  readonly invoker: Member
}

/** How a try went. `status`: undefined when no answer came, for whatever reason. */
export interface Attempt {
  readonly at: Date
  readonly status: number | undefined
  readonly body: string
}

/** Keeps webhooks, their secrets sealed, and what was told to them. Executions put the deliveries in when they change. */
export interface Webhooks {
  list(workspaceId: WorkspaceId): Promise<readonly Webhook[]>
  find(workspaceId: WorkspaceId, id: WebhookId): Promise<Webhook | undefined>
  create(draft: Omit<Webhook, 'id' | 'createdAt'>): Promise<Webhook>
  save(webhook: Webhook): Promise<Webhook>
  remove(id: WebhookId): Promise<void>
  /** The last deliveries of each of these webhooks that were tried, the newest first, {@link KEPT_DELIVERIES} at most. */
  attempts(ids: readonly WebhookId[]): Promise<ReadonlyMap<WebhookId, readonly Attempt[]>>
  /** Undefined when the webhook or the execution is gone. */
  due(id: DeliveryId): Promise<DueDelivery | undefined>
  /** Keeps what is sent, before it is: it is the same on every try. */
  prepare(id: DeliveryId, body: string): Promise<void>
  /** Notes a try, in place of the one before, and lets go of what is too old to be shown. */
  tried(id: DeliveryId, attempt: Omit<Attempt, 'body'>): Promise<void>
}

/** How many deliveries of a webhook can be looked at. */
export const KEPT_DELIVERIES = 20

/** What there is to tell when an execution has become another. */
export function eventsBetween(before: Execution, after: Execution): readonly WebhookEvent[] {
  if (before.startedAt === undefined && after.startedAt !== undefined) return ['execution-started']
  if (isFinal(before.status) || !isFinal(after.status)) return []
  if (after.status === 'succeeded') return ['execution-succeeded', 'execution-finished']
  return after.status === 'failed' ? ['execution-failed', 'execution-finished'] : ['execution-finished']
}
