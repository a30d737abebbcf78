const PAUSE_LIMIT_MS = 120_000

/** How long to wait after a call that was one too many: until the second that the answer names. */
export function pauseMs(headers: Headers): number {
  const resetAt = Number(headers.get('x-rate-limit-reset')) * 1000
  const wanted = resetAt > 0 ? resetAt - Date.now() : Number(headers.get('retry-after')) * 1000
  return Math.min(PAUSE_LIMIT_MS, Math.max(0, wanted))
}

/** Waits. @throws the signal's reason as soon as it is aborted. */
export function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    const end = (): void => {
      clearTimeout(timer)
      reject(signal?.reason)
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', end)
      resolve()
    }, ms)
    signal?.addEventListener('abort', end, { once: true })
  })
}
