import {
  type Digest,
  Network,
  type NetworkOptions,
  openRepository,
  parseReference,
  type Reference,
  type Repository,
} from '#oci'
import {
  type PerformOptions,
  type Plan,
  type PlanOptions,
  type Progress,
  type PromotionRequest,
  perform,
  plan,
  type Receipt,
} from '#promotion'

/** Two repositories on one network. */
export interface Stage extends AsyncDisposable {
  readonly network: Network
  readonly from: Reference
  readonly to: Reference
  readonly source: Repository
  readonly target: Repository
  plan(options?: PlanOptions): Promise<Plan>
  /** Plans and performs, and answers with what happened on the way and at the end. */
  promote(
    options?: PerformOptions,
  ): Promise<{ readonly receipt: Receipt; readonly progress: readonly Progress[] }>
}

/** Opens what a promotion from one reference to another needs; nothing is sent yet. */
export function setStage(
  from: string,
  to: string,
  options: Partial<NetworkOptions> & Pick<PromotionRequest, 'referrers' | 'platforms'> = {},
): Stage {
  const { referrers = 'with-copy', platforms = [], ...rest } = options
  const network = new Network({ retries: 2, retryBaseMs: 5, idleTimeoutMs: 5_000, ...rest })
  const [fromReference, toReference] = [parseReference(from), parseReference(to)]
  const source = openRepository(network, fromReference)
  const same = from.split(':').slice(0, -1).join() === to.split(':').slice(0, -1).join()
  const target = same ? source : openRepository(network, toReference, undefined, 'push')
  const request = {
    source: (fromReference.digest ?? fromReference.tag) as Digest,
    target: toReference.digest === undefined ? toReference.tag : undefined,
    ...{ referrers, platforms },
  }
  return {
    ...{ network, source, target, from: fromReference, to: toReference },
    plan: (more) => plan(request, source, target, more),
    async promote(more = {}) {
      const work = perform(await plan(request, source, target), source, target, {
        retry: network.options,
        ...more,
      })
      const progress: Progress[] = []
      for (;;) {
        const step = await work.next()
        if (step.done) return { receipt: step.value, progress }
        progress.push(step.value)
      }
    },
    [Symbol.asyncDispose]: () => network.close(),
  }
}
