import { randomBytes } from 'node:crypto'
import { type Static, Type } from 'typebox'
import {
  type Attempt,
  type DueDelivery,
  Secret,
  type Webhook,
  type WebhookEvent,
  type Workspace,
} from '#model'
import { invalid } from '../errors.ts'
import type { Links } from '../links.ts'
import { encodeFullExecution } from './execution.ts'
import { HtmlUrl, Name, Nullable, Text, Url, When, Word } from './schema.ts'
import { encodeWord } from './words.ts'
import { encodeMember, encodeProject, encodeWorkspace } from './workspace.ts'

const EVENTS = {
  PUSH: 'push',
  EXECUTION_STARTED: 'execution-started',
  EXECUTION_SUCCESSFUL: 'execution-succeeded',
  EXECUTION_FAILED: 'execution-failed',
  EXECUTION_FINISHED: 'execution-finished',
} as const satisfies Record<string, WebhookEvent>

const members = {
  projects: Type.Optional(Type.Array(Name, { maxItems: 1000, description: 'Their names; none: all' })),
  secret_key: Type.Optional(Type.String({ maxLength: 4096, description: 'Sent along in every body' })),
  signing_secret: Type.Optional(
    Type.String({
      maxLength: 1024,
      description:
        'whsec_ and 24 to 64 bytes in Base64. A new one replaces it; the old one signs too for a day',
    }),
  ),
}
const Events = Type.Array(Word(EVENTS), { minItems: 1 })
export const WebhookBody = Type.Object({ target_url: Text, events: Events, ...members })
export const WebhookPatch = Type.Object({
  target_url: Type.Optional(Text),
  events: Type.Optional(Events),
  ...members,
})
export const WebhookView = Type.Object(
  {
    url: Url,
    html_url: HtmlUrl,
    id: Type.Integer(),
    target_url: Type.String(),
    secret_key: Nullable(Type.String({ description: 'Null for who may not manage webhooks' })),
    signing_secret: Type.Optional(Type.String({ description: 'Only in the answer that sets it' })),
    projects: Type.Array(Type.String()),
    events: Type.Array(Word(EVENTS)),
    requests: Type.Array(
      Type.Object({
        post_date: When,
        response_status: Type.String({ description: '0 where no answer came' }),
        body: Type.String({ description: 'What was sent, the secret key left out' }),
      }),
    ),
  },
  { title: 'Webhook' },
)

type Body = Static<typeof WebhookPatch>
const DAY_MS = 86_400_000
const SIGNING_BYTES = 32

export function decodeWebhook(
  body: Static<typeof WebhookBody>,
  { id: workspaceId }: Workspace,
): Omit<Webhook, 'id' | 'createdAt'> {
  return {
    workspaceId,
    targetUrl: decodeTarget(body.target_url),
    events: decodeEvents(body.events),
    projects: body.projects ?? [],
    secrets: {
      secretKey: decodeSecret(body.secret_key),
      signing:
        decodeSigning(body.signing_secret) ??
        new Secret(`whsec_${randomBytes(SIGNING_BYTES).toString('base64')}`),
      before: undefined,
    },
  }
}

/** What is not sent stays. */
export function decodeWebhookPatch(body: Body, before: Webhook, now: Date): Webhook {
  const { secrets } = before
  const signing = decodeSigning(body.signing_secret)
  const replaced = signing && {
    signing,
    before: { signing: secrets.signing, until: new Date(now.getTime() + DAY_MS) },
  }
  return {
    ...before,
    targetUrl: body.target_url === undefined ? before.targetUrl : decodeTarget(body.target_url),
    events: body.events === undefined ? before.events : decodeEvents(body.events),
    projects: body.projects ?? before.projects,
    secrets: {
      ...secrets,
      ...replaced,
      secretKey: body.secret_key === undefined ? secrets.secretKey : decodeSecret(body.secret_key),
    },
  }
}

/** `shows`: whether the secret key is shown, as Buddy does, to whom may set it anyway. */
export function encodeWebhook(
  { id, targetUrl, events, projects, secrets }: Webhook,
  { domain }: Workspace,
  attempts: readonly Attempt[],
  shows: boolean,
  links: Links,
) {
  return {
    url: links.api('workspaces', domain, 'webhooks', id),
    html_url: links.page(domain, '-', 'webhooks', id),
    id,
    target_url: targetUrl,
    secret_key: (shows ? secrets.secretKey?.reveal() : undefined) ?? null,
    projects,
    events: events.map((event) => encodeWord(EVENTS, event)),
    requests: attempts.map(({ at, status = 0, body }) => ({
      post_date: at.toISOString(),
      response_status: String(status),
      body,
    })),
  }
}

/** What a receiver is told, but for the secret key. */
export function encodeDelivery(
  { delivery, workspace, project, execution, invoker }: DueDelivery,
  links: Links,
): object {
  const place = { workspace, project, pipeline: execution.pipeline }
  return {
    event: encodeWord(EVENTS, delivery.event),
    workspace: encodeWorkspace(workspace, links),
    invoker: encodeMember(invoker, workspace, links),
    project: encodeProject(project, workspace, links),
    current_date: delivery.at.toISOString(),
    execution: {
      ...encodeFullExecution(execution, place, invoker, links),
      mode: execution.triggeredOn.toUpperCase(),
    },
  }
}

function decodeEvents(events: Body['events'] = []): readonly WebhookEvent[] {
  return [...new Set(events.map((event) => EVENTS[event]))]
}

function decodeTarget(text: string): string {
  const url = URL.parse(text)
  if (url === null || !/^https?:$/.test(url.protocol))
    throw invalid('target_url', 'is to be an http or https URL')
  if (url.username !== '' || url.password !== '')
    throw invalid('target_url', 'is to have no user name and password in it')
  return text
}

/** An empty one is none. */
function decodeSecret(text: string | undefined): Secret | undefined {
  return text ? new Secret(text) : undefined
}

function decodeSigning(text: string | undefined): Secret | undefined {
  if (text === undefined) return undefined
  const bytes = /^whsec_[A-Za-z0-9+/]+={0,2}$/.test(text) ? Buffer.from(text.slice(6), 'base64').length : 0
  if (bytes < 24 || bytes > 64)
    throw invalid('signing_secret', 'is to be whsec_ and 24 to 64 bytes in Base64')
  return new Secret(text)
}
