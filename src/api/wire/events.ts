import { NOTHING_SEEN, type Seen, type Sighting } from '#engine'
import type { Headway } from '#model'
import type { InPipeline } from '../find.ts'
import type { Links } from '../links.ts'
import { encodeActionExecution, encodeExecution } from './execution.ts'

/**
 * One event of the stream, in the form of the HTML standard, "Server-sent events". What it carries is JSON and so has no line ends in it; its
 * id is what has been seen with it.
 */
export function formatEvent(sighting: Sighting, place: InPipeline, links: Links): string {
  if (sighting.kind === 'quiet') return ': still here\n\n'
  const [event, content] = encode(sighting, place, links)
  return `id: ${formatSeen(sighting.seen)}\nevent: ${event}\ndata: ${JSON.stringify(content)}\n\n`
}

/** What the stream begins with: how soon to come back, in milliseconds. */
export const PREAMBLE = 'retry: 1000\n\n'

function encode(
  sighting: Exclude<Sighting, { readonly kind: 'quiet' }>,
  place: InPipeline,
  links: Links,
): readonly [string, object] {
  switch (sighting.kind) {
    case 'line': {
      const { id, line, text } = sighting.line
      return ['log', { action_execution_id: id, line, text }]
    }
    case 'headway':
      return ['progress', { action_execution_id: sighting.action.id, ...encodeHeadway(sighting.headway) }]
    case 'action':
      return ['action_execution', encodeActionExecution(sighting.action, sighting.execution, place, links)]
    case 'execution':
      return ['execution', encodeExecution(sighting.execution, place, links)]
  }
}

/** What `progress` carries. */
export type ProgressEvent = ReturnType<typeof encodeHeadway> & { readonly action_execution_id: string }

function encodeHeadway({ bytes, done, total, moves }: Headway) {
  return {
    bytes_sent: bytes.sent,
    bytes_total: bytes.total,
    moves_done: done,
    moves_total: total,
    moves: moves.map(({ kind, digest, size, tag, sent, as }) => ({
      kind: kind.toUpperCase(),
      digest,
      size,
      tag: tag ?? null,
      sent,
      done_as: as?.toUpperCase() ?? null,
    })),
  }
}

/** `running;succeeded.100.12,running.40.3`: the status of the execution, and status, progress and lines of each action. */
function formatSeen({ status, actions }: Seen): string {
  const each = actions.map((action) => `${action.status ?? ''}.${action.progress}.${action.lines}`)
  return `${status ?? ''};${each.join(',')}`
}

/** From a `Last-Event-ID`. Whoever sends what is none of ours has seen nothing. */
export function parseSeen(text: string | undefined): Seen {
  const [, status, actions = ''] = /^([a-z-]*);([a-z0-9.,-]{0,4000})$/.exec(text ?? '') ?? []
  const seen = actions.split(',').flatMap((action) => {
    const [, of, progress, lines] = /^([a-z-]*)\.([0-9]{1,3})\.([0-9]{1,9})$/.exec(action) ?? []
    return lines === undefined ? [] : [{ status: of, progress: Number(progress), lines: Number(lines) }]
  })
  return status === undefined ? NOTHING_SEEN : { status, actions: seen }
}
