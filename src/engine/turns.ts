/** A place in a queue. */
export interface Turn {
  /** Undefined: nobody is before us. */
  readonly ready: Promise<void> | undefined
  /** Lets the next one in; to be called once whatever happened, also when the turn was not waited for. */
  leave(): void
}

/** One at a time for each key, in the order in which turns were taken. */
export class Turns {
  readonly #last = new Map<string, Promise<void>>()

  /** Takes the next turn. The place in the queue is fixed when this returns. */
  take(key: string): Turn {
    const before = this.#last.get(key)
    const own = Promise.withResolvers<void>()
    const last = before === undefined ? own.promise : before.then(() => own.promise)
    this.#last.set(key, last)
    void last.then(() => {
      if (this.#last.get(key) === last) this.#last.delete(key)
    })
    return { ready: before, leave: own.resolve }
  }
}

/** Waits for the promise unless the signal fires first, and then throws its reason. */
export async function unlessAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted()
  const aborted = Promise.withResolvers<never>()
  const onAbort = (): void => aborted.reject(signal.reason)
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    await Promise.race([work, aborted.promise])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
