import type { Digest } from '#oci'
import type { Plan, Progress, Target } from '#promotion'

/**
 * Lets promotions into one repository that run side by side move each blob once: what one of them has moved is there for all of them, and
 * what one of them is moving the others wait for.
 */
export class SharedBlobs {
  readonly #there = new Set<Digest>()
  readonly #moving = new Map<Digest, PromiseWithResolvers<boolean>>()

  /** The target, asked about each blob until it was found once. */
  remembering(target: Target): Target {
    const found = new Map<Digest, Promise<boolean>>()
    const has: Target['has'] = (blob, options) => {
      if (this.#there.has(blob.digest)) return Promise.resolve(true)
      const asking = found.get(blob.digest)
      if (asking !== undefined) return asking
      const asked = target.has(blob, options)
      found.set(blob.digest, asked)
      asked.catch(() => found.delete(blob.digest))
      return asked
    }
    return new Proxy(target, {
      get: (one, key) => {
        if (key === 'has') return has
        const value: unknown = Reflect.get(one, key, one)
        return typeof value === 'function' ? value.bind(one) : value
      },
    })
  }

  /** The plan without what others have moved since, after waiting for what they are moving now. What is left is this plan's to move. */
  async claim(plan: Plan): Promise<{ readonly plan: Plan; readonly claimed: readonly Digest[] }> {
    const digests = plan.moves.flatMap((move) => ('blob' in move ? [move.blob.digest] : []))
    const others = digests.map((digest) => this.#moving.get(digest)).filter((one) => one !== undefined)
    const claimed = digests.filter((digest) => !this.#moving.has(digest) && !this.#there.has(digest))
    // All at once, and only then waiting: whoever waits, waits for an earlier one, so nobody waits in a circle.
    for (const digest of claimed) this.#moving.set(digest, Promise.withResolvers())
    await Promise.all(others.map((other) => other.promise))
    return { plan: this.#without(plan), claimed }
  }

  /** A promotion made progress. */
  saw(progress: Progress): void {
    if (progress.kind === 'moved' && 'blob' in progress.move) this.#end(progress.move.blob.digest, true)
  }

  /** A promotion is over; what it claimed and did not move is free again. */
  release(claimed: readonly Digest[]): void {
    for (const digest of claimed) if (!this.#there.has(digest)) this.#end(digest, false)
  }

  #end(digest: Digest, moved: boolean): void {
    if (moved) this.#there.add(digest)
    this.#moving.get(digest)?.resolve(moved)
    this.#moving.delete(digest)
  }

  #without(plan: Plan): Plan {
    const gone = plan.moves.filter((move) => 'blob' in move && this.#there.has(move.blob.digest))
    if (gone.length === 0) return plan
    const size = (kind: 'copy' | 'mount'): number =>
      gone.reduce((sum, move) => sum + (move.kind === kind ? move.blob.size : 0), 0)
    const { copy, mount, present } = plan.bytes
    return {
      ...plan,
      moves: plan.moves.filter((move) => !gone.includes(move)),
      bytes: {
        copy: copy - size('copy'),
        mount: mount - size('mount'),
        present: present + size('copy') + size('mount'),
      },
    }
  }
}
