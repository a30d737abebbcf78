import { Readable } from 'node:stream'
import { Type } from 'typebox'
import { watchExecution } from '#engine'
import { type Changes, isFinal } from '#model'
import { findExecution } from './find.ts'
import { type Api, type Context, operation } from './route.ts'
import { formatEvent, PREAMBLE, parseSeen } from './wire/events.ts'
import { Params } from './wire/schema.ts'

/** A reader that takes nothing for so long is gone. */
const STALLED_MS = 60_000

const Stream = Type.Unsafe<string>({
  description: 'Events: execution, action_execution, progress, log; their data is JSON',
  content: { 'text/event-stream': { schema: { type: 'string' } } },
})

/**
 * An execution as it goes on, as server-sent events. Every stream ends with its execution, with its reader, or with the service; while the
 * reader takes nothing, nothing is read for it.
 */
export function routeEvents(api: Api, { store, links }: Context, changes: Changes): void {
  const closing = new AbortController()
  api.addHook('preClose', async () => closing.abort())
  const described = operation(
    'watchExecution',
    'An execution as it goes on: server-sent events, which Last-Event-ID resumes',
    'pipeline.read',
    { params: Params('workspace', 'project', 'pipeline', 'execution') },
    { 200: Stream, 204: undefined },
  )
  api.get(
    '/workspaces/:workspace/projects/:project/pipelines/:pipeline/executions/:execution/events',
    { ...described, exposeHeadRoute: false },
    async (request, reply) => {
      const { execution, ...place } = await findExecution(store, request)
      const seen = parseSeen(request.headers['last-event-id'] as string | undefined)
      // The end is told last; a browser would come back for ever to hear more.
      if (isFinal(execution.status) && seen.status === execution.status) return reply.code(204).send()
      const gone = new AbortController()
      request.raw.socket.setTimeout(STALLED_MS, () => request.raw.socket.destroy())
      reply.raw.once('close', () => gone.abort())
      const signal = AbortSignal.any([closing.signal, gone.signal])
      const link = links(request)
      const sightings = watchExecution({ store, changes }, execution.id, seen, signal)
      const text = async function* () {
        yield PREAMBLE
        for await (const sighting of sightings) yield formatEvent(sighting, place, link)
      }
      return reply
        .headers({
          'content-type': 'text/event-stream',
          'cache-control': 'no-store',
          'x-accel-buffering': 'no',
          // Its socket has a time limit that is nobody else's.
          connection: 'close',
        })
        .send(Readable.from(text()))
    },
  )
}
