const SHORTEST = 4
/** More than all requests that are under way at once can have been redirected with. */
const PASSING = 1_000

/** Takes secrets out of other people's words, in all the forms in which they may be echoed. */
export class Redactor {
  readonly #forms = new Set<string>()
  /** The newest last. */
  readonly #passing = new Set<string>()

  /** From now on it does not show. What is too short to be told from a word is left. */
  keep(secret: string): void {
    if (secret.length < SHORTEST) return
    for (const form of formsOf(secret)) this.#forms.add(form)
  }

  /** Until many others have come, it does not show: what a signed URL carries is a secret of one request, and each blob may have another. */
  keepForNow(secret: string): void {
    if (secret.length < SHORTEST) return
    this.#passing.delete(secret)
    this.#passing.add(secret)
    const [oldest] = this.#passing
    if (this.#passing.size > PASSING && oldest !== undefined) this.#passing.delete(oldest)
  }

  redact(text: string): string {
    let clean = text
    const forms = [...this.#forms, ...[...this.#passing].flatMap(formsOf)]
    // The longest first: one may be a part of another.
    for (const form of forms.toSorted((a, b) => b.length - a.length))
      clean = clean.replaceAll(form, '[secret]')
    return clean
  }
}

function formsOf(secret: string): readonly string[] {
  const bytes = Buffer.from(secret)
  const percents = encodeURIComponent(secret)
  const base64 = bytes.toString('base64')
  return [
    secret,
    percents,
    percents.replace(/%[0-9A-F]{2}/g, (triplet) => triplet.toLowerCase()),
    new URLSearchParams([['', secret]]).toString().slice(1),
    base64.replace(/=+$/, ''),
    encodeURIComponent(base64),
    bytes.toString('base64url'),
    bytes.toString('hex'),
    JSON.stringify(secret).slice(1, -1),
    secret.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;'),
  ]
}
