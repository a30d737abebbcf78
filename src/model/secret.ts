/**
 * A value that must not be seen. It prints, logs and serialises as `[secret]`; only {@link Secret.reveal}
 * gives the text, and only the store's seal and the keychains have a reason to call it.
 */
export class Secret {
  readonly #text: string

  constructor(text: string) {
    this.#text = text
  }

  /** The secret text. Never log it, never put it in a message. */
  reveal(): string {
    return this.#text
  }

  toString(): string {
    return '[secret]'
  }

  toJSON(): string {
    return '[secret]'
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return '[secret]'
  }
}
