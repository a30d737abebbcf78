import type { FastifyInstance, FastifyRequest, RouteShorthandOptions } from 'fastify'
import type { Static, TSchema } from 'typebox'
import type { Planner, Trial, TrialResult } from '#engine'
import type { Integration, Permission, Store } from '#model'
import type { Links } from './links.ts'
import type { Site } from './site.ts'
import { Errors } from './wire/schema.ts'

/** The server that routes are registered on. */
export type Api = Pick<FastifyInstance, 'get' | 'post' | 'patch' | 'delete' | 'addHook' | 'swagger'>

/** What handlers need beside the request. */
export interface Context {
  readonly store: Store
  readonly planner: Planner
  readonly now: () => Date
  readonly links: (request: FastifyRequest) => Links
  /** Whether requests may go to this URL, as far as can be told without looking its name up. */
  readonly mayDial: (url: URL) => boolean
  readonly tryIntegration: TryIntegration
  readonly site: Site
}

/** Tries an integration as an action would use it. */
export type TryIntegration = (
  integration: Integration,
  trial: Trial,
  signal: AbortSignal,
) => Promise<TrialResult | 'blocked'>

/** A request's body, which the route's schema has let pass. Nothing is inferred from where it goes: that took two thirds of all type checking. */
export function bodyOf<S extends TSchema>(request: FastifyRequest, _: S): NoInfer<Static<S>> {
  return request.body as Static<S>
}

/** Says of an operation what it does, who may do it, and what it answers; the description of the API is made of this. */
export function operation(
  operationId: string,
  summary: string,
  permission: Permission | 'anyone' | 'public',
  schema: { readonly params?: TSchema; readonly querystring?: TSchema; readonly body?: TSchema },
  answers: Readonly<Record<number, TSchema | undefined>>,
): RouteShorthandOptions {
  const response = Object.fromEntries(
    Object.entries(answers).map(([status, body]) => [
      status,
      body ?? { type: 'null', description: 'Nothing' },
    ]),
  )
  return {
    config: { permission },
    schema: {
      ...schema,
      operationId,
      summary,
      tags: [tagOf(operationId)],
      ...(permission === 'public' && { security: [] }),
      response: { ...response, '4XX': Errors, '5XX': Errors },
    },
  }
}

const NOUNS = [
  'PermissionSet',
  'Member',
  'Group',
  'Profile',
  'Execution',
  'Integration',
  'Workspace',
  'Project',
  'Pipeline',
  'Action',
  'Webhook',
  'Token',
]

function tagOf(operationId: string): string {
  return NOUNS.find((noun) => operationId.includes(noun)) ?? 'Service'
}
