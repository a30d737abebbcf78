import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import {
  type Execution,
  matchesGlob,
  type Pipeline,
  type PipelineEvent,
  type PushPattern,
  Secret,
  type Store,
  type TriggerKey,
} from '#model'
import type { ExecutionRequest } from './freeze.ts'
import type { PushedImage } from './notice.ts'
import { startExecution } from './start.ts'
import { encodeBase32, matchTotp, totpStep } from './totp.ts'

/** Tries at a one-time password within one step; nobody mistypes it oftener. */
const TRIES = 5

/** A new key. The one-time passwords' secret is as long as RFC 4226 recommends. */
export function makeTriggerKey(): TriggerKey {
  return {
    token: new Secret(randomBytes(32).toString('base64url')),
    totp: new Secret(encodeBase32(randomBytes(20))),
    secret: new Secret(randomBytes(32).toString('base64url')),
  }
}

/** What somebody shows who is nobody but the one who knows a URL. */
export interface Shown {
  readonly token: Secret
  /** The one-time password, if one was sent. */
  readonly code: string | undefined
}

/**
 * Runs a pipeline for whoever has its webhook URL. Undefined: the pipeline has no such event or no such token, or the one-time password is
 * wrong, used up, or was tried too often; it is not told which.
 * @throws ModelError as {@link startExecution}
 */
export async function startByWebhook(
  store: Store,
  pipeline: Pipeline,
  { token, code }: Shown,
  request: Omit<ExecutionRequest, 'creatorId' | 'triggeredOn'>,
  now: Date,
): Promise<Execution | undefined> {
  const key = await store.triggerKeys.find(pipeline.id, token)
  const [event] = pipeline.events.filter(({ kind }) => kind === 'webhook')
  if (key === undefined || event?.kind !== 'webhook') return undefined
  const step = event.totp ? await stepOf(store, pipeline, key.totp, code, now) : undefined
  if (event.totp && step === undefined) return undefined
  const creatorId = await runnerOf(store, pipeline)
  return store.transaction(async (within) => {
    if (step !== undefined && !(await within.triggerKeys.spend(pipeline.id, step))) return undefined
    return startExecution(within, pipeline, { ...request, creatorId, triggeredOn: 'webhook' }, now)
  })
}

/** How a registry shows that it is the one: by signing what it says, or with a header that it was given. */
export interface Proof {
  readonly body: Uint8Array
  /** `sha256=` and the HMAC of the body. GitHub's `X-Hub-Signature-256`. */
  readonly signature: string | undefined
  readonly authorization: string | undefined
}

/**
 * Runs a pipeline once for each image of a notice that one of its events means, and for none that it was told of before. Undefined: the
 * pipeline has no such token, or none of its events takes what is not signed.
 * @throws ModelError as {@link startExecution}
 */
export async function startByNotice(
  store: Store,
  pipeline: Pipeline,
  token: Secret,
  proof: Proof,
  images: readonly PushedImage[],
  now: Date,
): Promise<readonly Execution[] | undefined> {
  const key = await store.triggerKeys.find(pipeline.id, token)
  const events = pipeline.events.filter(isPush)
  if (key === undefined || events.length === 0) return undefined
  const proven = events.some(({ signed }) => signed) && proves(proof, key.secret)
  const open = events.filter(({ signed }) => proven || !signed)
  if (open.length === 0) return undefined
  const creatorId = await runnerOf(store, pipeline)
  const wanted = images.filter((image) => open.some((event) => means(event, image)))
  return store.transaction(async (within) => {
    const executions: Execution[] = []
    for (const image of wanted) {
      if (image.key !== undefined && !(await within.triggerKeys.hear(pipeline.id, image.key))) continue
      const request = { creatorId, triggeredOn: 'event' as const, ...requestOf(image) }
      executions.push(await startExecution(within, pipeline, request, now))
    }
    return executions
  })
}

/** Whether the pattern means the image. A pattern without a registry is one of Docker Hub's. */
export function means({ images, tags }: PushPattern, { reference }: PushedImage): boolean {
  const place = `${reference.registry}/${reference.repository}`
  return (
    images.some((glob) => matchesGlob(withRegistry(glob), place)) &&
    (tags.length === 0 || tags.some((glob) => matchesGlob(glob, reference.tag)))
  )
}

function withRegistry(glob: string): string {
  const [first = '', ...rest] = glob.split('/')
  if (rest.length === 0) return first.startsWith('**') ? glob : `docker.io/library/${glob}`
  return /[.:]|^\*+$|^localhost$/.test(first) ? glob : `docker.io/${glob}`
}

function isPush(event: PipelineEvent): event is PipelineEvent & { readonly kind: 'image-pushed' } {
  return event.kind === 'image-pushed'
}

function proves({ body, signature, authorization }: Proof, secret: Secret): boolean {
  const text = secret.reveal()
  const hmac = createHmac('sha256', text).update(body).digest('hex')
  return (
    isSame(signature, `sha256=${hmac}`) ||
    isSame(authorization, text) ||
    isSame(authorization, `Bearer ${text}`)
  )
}

function isSame(given: string | undefined, expected: string): boolean {
  const [a, b] = [Buffer.from(given ?? ''), Buffer.from(expected)]
  return a.length === b.length && timingSafeEqual(a, b)
}

async function stepOf(
  store: Store,
  { id }: Pipeline,
  secret: Secret,
  code: string | undefined,
  now: Date,
): Promise<number | undefined> {
  if (code === undefined || (await store.triggerKeys.countTry(id, totpStep(now))) > TRIES) return undefined
  return matchTotp(secret.reveal(), code, now)
}

/** What actions can name of the push that they were started by. */
function requestOf({
  reference: { registry, repository, tag, digest },
}: PushedImage): Pick<ExecutionRequest, 'variables'> {
  const told = { TRIGGER_IMAGE: `${registry}/${repository}`, TRIGGER_TAG: tag, TRIGGER_DIGEST: digest }
  const variables = Object.entries(told).flatMap(([key, value]) =>
    value === undefined ? [] : [{ key, value: new Secret(value), encrypted: false }],
  )
  return { variables }
}

async function runnerOf(store: Store, pipeline: Pipeline): Promise<ExecutionRequest['creatorId']> {
  return pipeline.creatorId ?? (await store.people.owner()).id
}
