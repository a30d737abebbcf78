/** Makes a round, and the next one `everyMs` after its end, until it is stopped; one that fails is told of, and is no reason to make no further ones. */
export function makeRounds(
  round: (stopped: AbortSignal) => Promise<void>,
  everyMs: number,
  failed: (error: unknown) => void,
): { stop(): Promise<void> } {
  const stopped = new AbortController()
  let timer: NodeJS.Timeout | undefined
  const make = async (): Promise<void> => {
    try {
      await round(stopped.signal)
    } catch (error) {
      if (!stopped.signal.aborted) failed(error)
    }
    if (!stopped.signal.aborted) timer = setTimeout(begin, everyMs)
  }
  let making: Promise<void> = Promise.resolve()
  const begin = (): void => {
    making = make()
  }
  begin()
  return {
    async stop() {
      stopped.abort()
      clearTimeout(timer)
      await making
    },
  }
}
