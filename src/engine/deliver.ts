import { createHmac } from 'node:crypto'
import type { DeliveryId, DueDelivery, Secret, Store, Webhook, Work } from '#model'
import { type Network, RegistryError } from '#oci'
import type { Log } from './log.ts'

/** What deliveries are made with. Times in milliseconds. */
export interface DeliveryOptions {
  readonly store: Store
  readonly work: Work<DeliveryId>
  readonly network: Network
  /** What a receiver is told, without the secret key: a JSON object. */
  readonly encode: (due: DueDelivery) => object
  readonly now: () => Date
  /** How long deliveries may go on when they are stopped. */
  readonly graceMs: number
  readonly log: Log
}

/** How long a receiver may take to answer. */
const ANSWER_MS = 15_000
const AT_ONCE = 4

/**
 * Tells webhooks what happened, each event at least once and under one id, until a receiver answers with a status of 2xx or half a day is
 * over. Executions never wait for it. Redirects are not followed, and of an answer nothing but the status is looked at or kept.
 */
export async function startDeliveries(options: DeliveryOptions): Promise<{ stop(): Promise<void> }> {
  const { work, graceMs, log } = options
  const run = async (id: DeliveryId, stopped: AbortSignal): Promise<void> => {
    try {
      await deliver(options, id, stopped)
    } catch (err) {
      if (!(err instanceof NotTaken) && !stopped.aborted)
        log.error({ delivery: id, err }, 'a delivery failed unexpectedly')
      throw err
    }
  }
  await work.start(run, { concurrency: AT_ONCE })
  return { stop: () => work.stop(graceMs) }
}

/** The receiver is to be asked again later. */
class NotTaken extends Error {}

async function deliver(options: DeliveryOptions, id: DeliveryId, stopped: AbortSignal): Promise<void> {
  const { store, encode, now, log } = options
  const due = await store.webhooks.due(id)
  if (due === undefined) return
  const { webhook } = due
  const body = due.delivery.body ?? JSON.stringify(encode(due))
  if (due.delivery.body === undefined) await store.webhooks.prepare(id, body)
  const status = await post(options, webhook, id, body, stopped)
  stopped.throwIfAborted()
  await store.webhooks.tried(id, { at: now(), status })
  if (status !== undefined && status >= 200 && status < 300) return
  log.warn({ webhook: webhook.id, delivery: id, status }, 'a webhook was not told')
  throw new NotTaken(`webhook ${webhook.id} did not take it`)
}

/** The status of the answer; undefined where none came: an address that may not be dialled is not told from one where nobody listens. */
async function post(
  { network, now, log }: DeliveryOptions,
  webhook: Webhook,
  id: DeliveryId,
  content: string,
  stopped: AbortSignal,
): Promise<number | undefined> {
  const { secretKey } = webhook.secrets
  const body = Buffer.from(
    JSON.stringify({ ...JSON.parse(content), secret_key: secretKey?.reveal() ?? null }),
  )
  const timestamp = String(Math.floor(now().getTime() / 1000))
  const signed = Buffer.concat([Buffer.from(`${id}.${timestamp}.`), body])
  const headers = {
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': keysOf(webhook, now())
      .map((key) => `v1,${createHmac('sha256', key).update(signed).digest('base64')}`)
      .join(' '),
  }
  const signal = AbortSignal.any([stopped, AbortSignal.timeout(ANSWER_MS)])
  try {
    const request = { method: 'POST', url: new URL(webhook.targetUrl), headers, body }
    const answer = await network.exchange(request, { signal })
    answer.body.cancel()
    return answer.status
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error
    log.warn({ webhook: webhook.id, delivery: id, code: error.code }, 'a webhook was not reached')
    return undefined
  }
}

/**
 * What the body is signed with, as Standard Webhooks has it: the signing secret, the one before it for a while, and the secret key, for
 * receivers that know no other.
 */
function keysOf({ secrets: { signing, before, secretKey } }: Webhook, now: Date): readonly Buffer[] {
  const current = before === undefined || before.until <= now ? [signing] : [signing, before.signing]
  return [...current, ...(secretKey === undefined ? [] : [secretKey])].map(keyOf)
}

function keyOf(secret: Secret): Buffer {
  const text = secret.reveal()
  return text.startsWith('whsec_') ? Buffer.from(text.slice(6), 'base64') : Buffer.from(text)
}
