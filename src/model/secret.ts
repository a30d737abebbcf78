/**
 * A value that must not be seen. It prints, logs and serialises as `[secret]`; only {@link Secret.reveal}
 * gives the text, and only the store's seal and the keychains have a reason to call it.
 */
export class Secret {
  readonly #text: () => string

  /** From a text, or from what gives the text when it is needed: a sealed value that does not open hurts nobody who does not ask for it. */
  constructor(text: string | (() => string)) {
    this.#text = typeof text === 'string' ? () => text : text
  }

  /**
   * The secret text. Never log it, never put it in a message.
   * @throws ModelError SECRET_UNREADABLE when it rests under another key, or where it was not put.
   */
  reveal(): string {
    return this.#text()
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
