import helmet from '@fastify/helmet'
import fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  LogController,
} from 'fastify'
import type { Planner } from '#engine'
import { admits, type Changes, parseAddressRange, type Store } from '#model'
import { routeActions } from './actions.ts'
import { authorizeOperations } from './allow.ts'
import { routeApprovals } from './approvals.ts'
import { authenticate } from './authenticate.ts'
import { routeBoard } from './board.ts'
import { BODY_LIMIT, takeBodies, takeBytes } from './body.ts'
import { describeRoutes } from './description.ts'
import { answerBrokenRequest, answerError, Closing, notFound } from './errors.ts'
import { routeEvents } from './events.ts'
import { routeExecutions } from './executions.ts'
import { routeGroups } from './groups.ts'
import { routeIdentifiers } from './identifiers.ts'
import { routeIntegrations } from './integrations.ts'
import { linksFor } from './links.ts'
import { routeLogs } from './logs.ts'
import { routeMembers } from './members.ts'
import { type Exchange, exchangeOf, observeRequests } from './observe.ts'
import { routePermissionSets } from './permission-sets.ts'
import { routePipelines } from './pipelines.ts'
import { routeProfile } from './profile.ts'
import { routeProjects } from './projects.ts'
import { RateLimit } from './rate-limit.ts'
import { routeReference } from './reference.ts'
import type { Context, TryIntegration } from './route.ts'
import { routeSchedules } from './schedules.ts'
import { routeService } from './service.ts'
import { routeSession } from './session.ts'
import { siteOf } from './site.ts'
import { routeTeams } from './teams.ts'
import { routeTokens } from './tokens.ts'
import { routeTriggerKeys, routeTriggers } from './triggers.ts'
import { serveUi } from './ui.ts'
import { validateRequests } from './validation.ts'
import { routeVariables } from './variables.ts'
import { routeWebhooks } from './webhooks.ts'
import { routeWorkspaces } from './workspaces.ts'
import { routeYaml } from './yaml.ts'

const MEDIA_TYPE = 'buddy.v1.1.0'

/** What the API is made of. */
export interface ApiOptions {
  readonly store: Store
  readonly changes: Changes
  readonly planner: Planner
  readonly now: () => Date
  /** Base of every `url` and `html_url`; undefined: the address that was asked, if it is ours. */
  readonly publicUrl: string | undefined
  /** `host:port` that the server listens on. */
  readonly listen: string
  readonly rateLimitPerMinute: number
  /** Addresses and networks whose `X-Forwarded-For` is believed. */
  readonly trustedProxies?: readonly string[]
  /** Whether a token may stand in the query, as `access_token`. */
  readonly queryTokens?: boolean
  readonly version: string
  /** Whether webhooks may have this URL, as far as can be told without looking its name up. */
  readonly mayDial: (url: URL) => boolean
  readonly tryIntegration: TryIntegration
  /** The folder that the pages were built into; where there is none, there are no pages. */
  readonly ui: string
  /** Resolves while the service can do its work. */
  readonly ready: () => Promise<void>
  /** What Prometheus is told, and its media type. */
  readonly metrics?: { readonly contentType: string; read(): Promise<string> }
  /** Is told of each request. */
  readonly observe?: (exchange: Exchange) => void
  readonly log?: FastifyBaseLogger
}

/**
 * Buddy's dialect over HTTP, at `/` and under `/api`. The server is ready to listen, or to be asked with `inject`; closing it is up to the
 * caller. Every answer that is no success has the shape `{"errors": [{message, code, field?}]}`.
 */
export async function createApi(options: ApiOptions): Promise<FastifyInstance> {
  const { store, planner, now, publicUrl, listen, log, mayDial, tryIntegration, observe = () => {} } = options
  const { trustedProxies = [], queryTokens = false } = options
  const proxies = trustedProxies.flatMap((text) => parseAddressRange(text) ?? [])
  const limit = new RateLimit(options.rateLimitPerMinute, now)
  const context: Context = {
    ...{ store, planner, now, mayDial, tryIntegration },
    links: (request) => linksFor(request, publicUrl, listen),
    site: siteOf(publicUrl, listen),
  }
  const app = fastify({
    ...(log === undefined ? { logger: false } : { loggerInstance: log }),
    bodyLimit: BODY_LIMIT,
    trustProxy: (address) => admits(proxies, address),
    rewriteUrl: ({ method, url }) => rewritten(method, url),
    routerOptions: { maxParamLength: 300, ignoreTrailingSlash: true },
    // What happens before there is a route: no hook runs for it.
    frameworkErrors: (error, request, reply) => {
      allowOrigin(reply)
      try {
        limit.count(reply, `address ${request.ip}`)
        void answerError(reply, error)
      } catch (limited) {
        void answerError(reply, limited)
      }
      observe(exchangeOf(request, reply))
    },
    clientErrorHandler: answerBrokenRequest,
    logController: new LogController({ disableRequestLogging: true }),
    // Answered below, in the shape of all errors.
    return503OnClosing: false,
  })
  validateRequests(app)
  // Answers are made by hand: a schema describes them, and takes nothing away.
  app.setSerializerCompiler(() => (data) => JSON.stringify(data))
  app.setErrorHandler((error, _, reply) => answerError(reply, error))
  app.setNotFoundHandler((_, reply) => answerError(reply, notFound()))
  app.addHook('onRequest', async (_, reply) => allowOrigin(reply))
  answerAsBuddy(app)
  observeRequests(app, observe)
  refuseWhenClosing(app)
  authenticate(app, { ...context, queryTokens }, limit)
  answerPreflights(app)
  authorizeOperations(app, store)
  takeBodies(app)
  // Before anything is written, and not before the body is there: that comes by events that know of no attempt.
  app.addHook('preHandler', (_, __, done) => store.attempt(done))
  // Over plain http these two make a white page anywhere but on loopback.
  await app.register(helmet, {
    hsts: false,
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
    },
    crossOriginResourcePolicy: { policy: 'cross-origin' },
  })
  await describeRoutes(app, options.version)
  serveUi(app, options.ui, context.site)
  app.register(async (api) => {
    routeService(api, options, context)
    routeReference(api)
    routeEvents(api, context, options.changes)
    const routes = [
      routeProfile,
      routeWorkspaces,
      routeIdentifiers,
      routeMembers,
      routeGroups,
      routePermissionSets,
      routeProjects,
      routeTeams,
      routePipelines,
      routeSchedules,
      routeYaml,
      routeActions,
      routeIntegrations,
      routeExecutions,
      routeLogs,
      routeBoard,
      routeApprovals,
      routeVariables,
      routeTriggerKeys,
      routeWebhooks,
      routeTokens,
      routeSession,
    ]
    for (const route of routes) route(api, context)
  })
  app.register(async (api) => {
    takeBytes(api)
    routeTriggers(api, context)
  })
  await app.ready()
  return app
}

/** The same routes under `/api`, without a second set of them; and Buddy's way to ask for a text leads to where that is. */
function rewritten(method = 'GET', url = '/'): string {
  const plain = url.replace(/^\/api(?=[/?]|$)/, '') || '/'
  const [path = '', search = ''] = plain.split('?', 2)
  const asText = method === 'GET' && /^true$/i.test(new URLSearchParams(search).get('yaml') ?? '')
  return asText && /\/pipelines(?:\/[^/]+)?$/.test(path) ? `${path}/yaml` : plain
}

/** Any page may ask, none with the browser's own credentials. */
function allowOrigin(reply: FastifyReply): void {
  reply.headers({
    'access-control-allow-origin': '*',
    'access-control-expose-headers':
      'X-Rate-Limit-Limit, X-Rate-Limit-Remaining, X-Rate-Limit-Reset, Retry-After, X-0Auth-Scopes, X-Accepted-0Auth-Scopes, X-Buddy-Media-Type, Location',
  })
}

/** The media type that answers are of, whichever was asked for, and where a new thing is. */
function answerAsBuddy(app: Pick<FastifyInstance, 'addHook'>): void {
  app.addHook('onRequest', async (_, reply) => void reply.header('x-buddy-media-type', MEDIA_TYPE))
  app.addHook('preSerialization', async (_, reply, payload) => {
    const { url } = (payload ?? {}) as { readonly url?: unknown }
    if (reply.statusCode === 201 && typeof url === 'string') reply.header('location', url)
    return payload
  })
}

function answerPreflights(app: Pick<FastifyInstance, 'addHook'>): void {
  app.addHook('onRequest', async (request, reply) => {
    if (request.method !== 'OPTIONS' || request.headers['access-control-request-method'] === undefined) return
    reply.headers({
      'access-control-allow-methods': 'GET, POST, PATCH, DELETE',
      'access-control-allow-headers': 'Authorization, Content-Type, Last-Event-ID, X-Buddy-Media-Type',
      'access-control-max-age': '600',
    })
    await reply.code(204).send()
  })
}

function refuseWhenClosing(app: Pick<FastifyInstance, 'addHook'>): void {
  let closing = false
  app.addHook('preClose', async () => {
    closing = true
  })
  app.addHook('onRequest', async () => {
    if (closing) throw new Closing()
  })
}
