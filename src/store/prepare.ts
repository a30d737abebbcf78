import pg from 'pg'

/** What is asked so often is worth a plan of its own. */
const OFTEN = 20
/** Each connection keeps its plans; so many are enough for all that is asked all the time. */
const LIMIT = 200

/** How often each text was asked in this process, as far as it is known by a name or may come to be. */
const counts = new Map<string, number>()
const names = new Map<string, string>()
/** Somebody has changed tables meanwhile: what was planned before may answer otherwise. */
let outdated = false

/**
 * A connection that has what is asked often planned once, by a name, instead of each time: planning costs PostgreSQL more than finding a few rows.
 * While the schema is changed under a running process, its named plans are refused once and never used again.
 */
export class PreparingClient extends pg.Client {
  // biome-ignore lint/suspicious/noExplicitAny: it has a dozen signatures, and one of them is looked at
  override query: any = (...asked: any[]) => {
    const [text, values] = asked
    const name = asked.length === 2 && values?.length > 0 ? nameOf(text) : undefined
    if (name === undefined) return Reflect.apply(super.query, this, asked)
    return Reflect.apply(super.query, this, [{ name, text, values }]).catch((error: { code?: string }) => {
      // feature_not_supported: "cached plan must not change result type". In a transaction, that ends it.
      if (error.code !== '0A000') throw error
      outdated = true
      return Reflect.apply(super.query, this, asked)
    })
  }
}

function nameOf(text: unknown): string | undefined {
  if (outdated || typeof text !== 'string') return undefined
  const known = names.get(text)
  if (known !== undefined || names.size >= LIMIT) return known
  const count = (counts.get(text) ?? 0) + 1
  // Texts that hardly ever come again, with lists of whatever length in them, are not kept for ever.
  if (counts.size > 10 * LIMIT) counts.clear()
  counts.set(text, count)
  if (count < OFTEN) return undefined
  counts.delete(text)
  const name = `often_${names.size}`
  names.set(text, name)
  return name
}
