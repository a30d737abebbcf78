import { RegistryError } from '../errors.ts'

/** So many at once, the others wait in the order in which they came. */
export class Lane {
  #free: number
  readonly #waiting: (() => void)[] = []

  constructor(width: number) {
    this.#free = Math.max(1, width)
  }

  /**
   * Resolves when there is room, with the function that gives the room back; call it once.
   * @throws RegistryError CANCELLED
   */
  async enter(signal?: AbortSignal): Promise<() => void> {
    if (this.#free > 0) this.#free -= 1
    else await this.#wait(signal)
    let inside = true
    return () => {
      if (inside) this.#leave()
      inside = false
    }
  }

  #leave(): void {
    const next = this.#waiting.shift()
    if (next === undefined) this.#free += 1
    else next()
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
