import { RegistryError } from '../errors.ts'

/** So many at once, the others wait in the order in which they came. */
export class Lane {
  #width: number
  #inside = 0
  readonly #waiting: (() => void)[] = []

  constructor(width: number) {
    this.#width = Math.max(1, width)
  }

  /** Whoever is inside stays when it gets narrower. */
  set width(width: number) {
    this.#width = Math.max(1, width)
    this.#admit()
  }

  /**
   * Resolves when there is room, with the function that gives the room back; call it once.
   * @throws RegistryError CANCELLED
   */
  async enter(signal?: AbortSignal): Promise<() => void> {
    if (this.#inside < this.#width) this.#inside += 1
    else await this.#wait(signal)
    let inside = true
    return () => {
      if (!inside) return
      inside = false
      this.#inside -= 1
      this.#admit()
    }
  }

  #admit(): void {
    while (this.#inside < this.#width) {
      const next = this.#waiting.shift()
      if (next === undefined) return
      this.#inside += 1
      next()
    }
  }

  #wait(signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const enter = () => {
        signal?.removeEventListener('abort', abort)
        resolve()
      }
      const abort = () => {
        this.#waiting.splice(this.#waiting.indexOf(enter), 1)
        reject(new RegistryError('CANCELLED', 'cancelled', { cause: signal?.reason }))
      }
      if (signal?.aborted)
        return reject(new RegistryError('CANCELLED', 'cancelled', { cause: signal.reason }))
      this.#waiting.push(enter)
      signal?.addEventListener('abort', abort, { once: true })
    })
  }
}
