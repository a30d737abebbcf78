/** Does `work` for each item, at most `limit` at once, and answers in their order. The first failure ends it: no further item is begun. */
export async function inParallel<T, R>(
  items: readonly T[],
  limit: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = new Array(items.length)
  const rest = items.entries()
  let failed = false
  const run = async (): Promise<void> => {
    for (const [index, item] of rest) {
      if (failed) return
      try {
        results[index] = await work(item)
      } catch (error) {
        failed = true
        throw error
      }
    }
  }
  const runs = Array.from({ length: Math.min(limit, items.length) }, run)
  // All of them, so that nothing goes on behind the back of whoever handles the failure.
  const ended = await Promise.allSettled(runs)
  for (const end of ended) if (end.status === 'rejected') throw end.reason
  return results
}
