import { Type } from 'typebox'
import type { ExecutionRequest } from '#engine'
import { isVariableKey, Secret, type TriggerKey } from '#model'
import { invalid } from '../errors.ts'
import type { Located } from '../find.ts'
import type { Links } from '../links.ts'
import { decodeAsked } from './run.ts'
import { HtmlUrl, Url } from './schema.ts'
import { PRIORITIES } from './words.ts'

export const TriggerKeyView = Type.Object({
  url: Url,
  html_url: HtmlUrl,
  token: Type.String({ description: 'Shown this once' }),
  webhook_url: Type.String({ description: 'Runs the pipeline, if it has a WEBHOOK event' }),
  registry_webhook_url: Type.String({
    description: 'For a registry to tell of pushes, for PUSH_IMAGE events',
  }),
  totp_secret: Type.String({ description: 'Base32, for events with totp' }),
  totp_url: Type.String({ description: 'The same for an authenticator app' }),
  secret: Type.String({ description: 'For registries, for events that are signed' }),
})

/** What can be passed with a run by URL: the names that are taken, and all others as variables. */
const MEMBERS: ReadonlySet<string> = new Set([
  ...['token', 'totp', 'comment', 'priority', 'environment'],
  ...['revision', 'branch', 'tag', 'pull_request'],
  ...['from_scratch', 'fromScratch', 'clear_cache', 'clearCache'],
])
const VARIABLES_LIMIT = 100

/** How a run that was asked for by URL is to be. @throws ModelError INVALID */
export function decodeTrigger(
  parameters: ReadonlyMap<string, string>,
): Pick<ExecutionRequest, 'comment' | 'priority' | 'variables' | 'extras'> {
  const comment = parameters.get('comment')
  const others = [...parameters].filter(([name]) => !MEMBERS.has(name))
  if (others.length > VARIABLES_LIMIT) throw invalid('variables', `are more than ${VARIABLES_LIMIT}`)
  const variables = others.map(([key, value]) => {
    if (!isVariableKey(key)) throw invalid(key.slice(0, 100) || 'body', 'cannot be the name of a variable')
    return { key, value: new Secret(value), encrypted: false }
  })
  const asked = decodeAsked({
    branch: nameOf(parameters, 'branch'),
    tag: nameOf(parameters, 'tag'),
    pull_request: nameOf(parameters, 'pull_request'),
    to_revision: nameOf(parameters, 'revision'),
    environment: nameOf(parameters, 'environment'),
    refresh: flagOf(parameters, 'from_scratch', 'fromScratch'),
    clear_cache: flagOf(parameters, 'clear_cache', 'clearCache'),
  })
  return {
    ...(comment !== undefined && { comment: comment.slice(0, 4096) }),
    ...priorityOf(parameters.get('priority')),
    extras: asked.extras,
    variables: [...variables, ...asked.variables],
  }
}

/** An empty one is none. */
function nameOf(parameters: ReadonlyMap<string, string>, name: string): string | undefined {
  const text = parameters.get(name) || undefined
  if (text !== undefined && text.length > 255) throw invalid(name, 'is to have at most 255 characters')
  return text
}

function flagOf(parameters: ReadonlyMap<string, string>, ...names: readonly string[]): boolean | undefined {
  const text = names.map((name) => parameters.get(name)).find((value) => value !== undefined)
  return text === undefined ? undefined : /^(?:1|true)$/i.test(text)
}

/** With the secrets, which are shown this once. */
export function encodeTriggerKey({ token, totp, secret }: TriggerKey, place: Located, links: Links) {
  const { workspace, project, pipeline } = place
  const path = ['workspaces', workspace.domain, 'projects', project.name, 'pipelines', pipeline.id]
  const query = `?token=${token.reveal()}`
  const label = encodeURIComponent(`Tagboat:${workspace.domain}/${project.name}/${pipeline.identifier}`)
  return {
    url: links.api(...path, 'trigger-key'),
    html_url: links.page(workspace.domain, project.name, 'pipelines', 'pipeline', pipeline.id),
    token: token.reveal(),
    webhook_url: `${links.api(...path, 'trigger-webhook')}${query}`,
    registry_webhook_url: `${links.api(...path, 'registry-webhook')}${query}`,
    totp_secret: totp.reveal(),
    totp_url: `otpauth://totp/${label}?secret=${totp.reveal()}&issuer=Tagboat`,
    secret: secret.reveal(),
  }
}

function priorityOf(text: string | undefined): Pick<ExecutionRequest, 'priority'> {
  if (text === undefined || text === '') return {}
  const word = text.toUpperCase()
  if (!Object.hasOwn(PRIORITIES, word))
    throw invalid('priority', `is to be one of ${Object.keys(PRIORITIES).join(', ')}`)
  return { priority: PRIORITIES[word as keyof typeof PRIORITIES] }
}
