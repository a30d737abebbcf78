const SHORTEST = 4

/** Takes secrets out of other people's words, in all the forms in which they may be echoed. */
export class Redactor {
  readonly #forms = new Set<string>()

  /** From now on it does not show. What is too short to be told from a word is left. */
  keep(secret: string): void {
    if (secret.length < SHORTEST) return
    for (const form of formsOf(secret)) this.#forms.add(form)
  }

  redact(text: string): string {
    let clean = text
    // The longest first: one may be a part of another.
    for (const form of [...this.#forms].toSorted((a, b) => b.length - a.length))
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
