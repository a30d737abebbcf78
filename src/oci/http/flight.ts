import { RegistryError } from '../errors.ts'

/** Work that several wait for at once. It goes on as long as anybody does, whoever began it, and is called off when nobody does any more. */
export class Flight<T> {
  readonly #stop = new AbortController()
  readonly #result: Promise<T>
  #waiting = 0
  #over = false

  constructor(work: (signal: AbortSignal) => Promise<T>) {
    this.#result = work(this.#stop.signal).finally(() => {
      this.#over = true
    })
    this.#result.catch(() => {})
  }

  /** Whether it was called off: nobody who comes now is to wait for it. */
  get calledOff(): boolean {
    return this.#stop.signal.aborted
  }

  /** What the work comes to. @throws what the work throws; RegistryError CANCELLED when this one waits no longer. */
  async join(signal?: AbortSignal): Promise<T> {
    this.#waiting += 1
    try {
      return await unlessAborted(this.#result, signal)
    } finally {
      this.#waiting -= 1
      if (this.#waiting === 0 && !this.#over) this.#stop.abort()
    }
  }
}

/** Waits for it, and no longer than until the signal fires: what is waited for goes on. @throws also RegistryError CANCELLED */
export function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work
  return new Promise((resolve, reject) => {
    const abort = () => reject(new RegistryError('CANCELLED', 'cancelled', { cause: signal.reason }))
    if (signal.aborted) return abort()
    signal.addEventListener('abort', abort, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}
