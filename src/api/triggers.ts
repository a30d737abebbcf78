import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { makeTriggerKey, readNotice, startByNotice, startByWebhook } from '#engine'
import { Secret } from '#model'
import { parseJson } from './body.ts'
import { invalid, notFound } from './errors.ts'
import { findPipeline, seekPipeline } from './find.ts'
import type { Query } from './page.ts'
import { type Api, type Context, operation } from './route.ts'
import { encodeExecution, ShortExecutionView } from './wire/execution.ts'
import { Params } from './wire/schema.ts'
import { decodeTrigger, encodeTriggerKey, TriggerKeyView } from './wire/trigger.ts'

/** What protects the URLs that start a pipeline. */
export function routeTriggerKeys(api: Api, { store, links }: Context): void {
  const params = Params('workspace', 'project', 'pipeline')
  const path = '/workspaces/:workspace/projects/:project/pipelines/:pipeline/trigger-key'
  api.post(
    path,
    operation(
      'makePipelineTriggerKey',
      "Make the key of a pipeline's URLs, in place of the one that there was",
      'pipeline.manage',
      { params },
      { 201: TriggerKeyView },
    ),
    async (request, reply) => {
      const place = await findPipeline(store, request)
      const key = makeTriggerKey()
      await store.triggerKeys.save(place.pipeline.id, key)
      reply.code(201)
      return encodeTriggerKey(key, place, links(request))
    },
  )

  api.delete(
    path,
    operation(
      'deletePipelineTriggerKey',
      "Let a pipeline's URLs start it no more",
      'pipeline.manage',
      { params },
      { 204: undefined },
    ),
    async (request, reply) => {
      const { pipeline } = await findPipeline(store, request)
      await store.triggerKeys.remove(pipeline.id)
      reply.code(204)
    },
  )
}

/**
 * The URLs that start pipelines for whoever has their key. Bodies come as they are. Whatever is wrong with pipeline or key, the answer is the
 * one for what does not exist.
 */
export function routeTriggers(api: Api, { store, links, now }: Context): void {
  const params = Params('workspace', 'project', 'pipeline')
  const querystring = Type.Object({ token: Type.Optional(Type.String()) }, { additionalProperties: true })
  const run = async (request: FastifyRequest) => {
    // All that can be wrong with a request comes first: it is wrong whether the pipeline exists or not.
    const parameters = parametersOf(request)
    const wanted = decodeTrigger(parameters)
    const shown = { token: new Secret(parameters.get('token') ?? ''), code: parameters.get('totp') }
    const place = await seekPipeline(store, request)
    const execution = await startByWebhook(store, place.pipeline, shown, wanted, now())
    if (execution === undefined) throw notFound()
    return encodeExecution(execution, place, links(request))
  }
  const described = (method: string) =>
    operation(
      `trigger${method}Execution`,
      'Run a pipeline by its webhook URL: parameters in the query, a form or JSON; others than these are variables',
      'public',
      { params, querystring },
      { 200: ShortExecutionView },
    )
  const path = '/workspaces/:workspace/projects/:project/pipelines/:pipeline/trigger-webhook'
  api.get(path, { ...described('Get'), exposeHeadRoute: false }, run)
  api.post(path, described('Post'), run)
  // As Buddy's pages have it.
  const old = '/:workspace/:project/pipelines/pipeline/:pipeline/trigger-webhook'
  const hidden = { config: { permission: 'public' as const }, schema: { hide: true }, exposeHeadRoute: false }
  api.get(old, hidden, run)
  api.post(old, hidden, run)

  const Started = Type.Object({ executions: Type.Array(ShortExecutionView) })
  api.post(
    '/workspaces/:workspace/projects/:project/pipelines/:pipeline/registry-webhook',
    operation(
      'triggerExecutionByPush',
      'What a registry tells of pushes, in its own words: runs the pipeline for those that its events mean',
      'public',
      { params, querystring },
      { 200: Started },
    ),
    async (request) => {
      const { headers } = request
      const body = bytesOf(request)
      const images = readNotice(noticeIn(body, headers['content-type']), headers)
      const place = await seekPipeline(store, request)
      const token = new Secret(tokenOf(request))
      const signature = headers['x-hub-signature-256']
      const proof = {
        body,
        signature: typeof signature === 'string' ? signature : undefined,
        authorization: headers.authorization,
      }
      const executions = await startByNotice(store, place.pipeline, token, proof, images ?? [], now())
      if (executions === undefined) throw notFound()
      if (images === undefined) throw invalid('body', 'is no notice of a registry that is known here')
      return { executions: executions.map((execution) => encodeExecution(execution, place, links(request))) }
    },
  )
}

const FORM = /^application\/x-www-form-urlencoded\b/i
const JSON_TYPE = /^application\/(?:[\w.+-]+\+)?json\b/i

/** All parameters, wherever they stand; those of the body before those of the query. */
function parametersOf(request: FastifyRequest): ReadonlyMap<string, string> {
  const query = Object.entries(request.query as Query).map(([name, value]): [string, string] => [
    name,
    String([value].flat().at(-1)),
  ])
  return new Map([...query, ...parametersIn(bytesOf(request), request.headers['content-type'])])
}

function parametersIn(body: Buffer, type = ''): readonly [string, string][] {
  if (body.length === 0) return []
  if (FORM.test(type)) return [...new URLSearchParams(body.toString())]
  if (!JSON_TYPE.test(type)) throw Object.assign(new Error('neither a form nor JSON'), { statusCode: 415 })
  const given = parseJson(body.toString())
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw invalid('body', 'is to be an object')
  return Object.entries(given).map(([name, value]) => {
    if (typeof value === 'object') throw invalid(name.slice(0, 100), 'is to be a text, a number or a boolean')
    return [name, String(value)]
  })
}

/** GitHub can be told to send a form that has the JSON in it. */
function noticeIn(body: Buffer, type = ''): unknown {
  const text = FORM.test(type) ? new URLSearchParams(body.toString()).get('payload') : body.toString()
  return parseJson(text ?? '')
}

function bytesOf({ body }: FastifyRequest): Buffer {
  return Buffer.isBuffer(body) ? body : Buffer.alloc(0)
}

/** Registries are given a URL, and nothing else. */
function tokenOf({ query }: FastifyRequest): string {
  const { token } = query as Query
  return typeof token === 'string' ? token : ''
}
