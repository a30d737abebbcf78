import type { Database } from './database.ts'

/** What is remembered for as long as a transaction lasts, made when it is asked for first. Outside of one nothing is: it is made anew each time. */
export function ofTransaction<T>(make: () => T): (db: Database) => T {
  const kept = new WeakMap<Database, T>()
  return (db) => {
    const known = kept.get(db) ?? make()
    if (db.isTransaction) kept.set(db, known)
    return known
  }
}
