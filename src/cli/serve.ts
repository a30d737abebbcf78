import { once } from 'node:events'
import { readConfig, startService, startWorkerAlone, type Working } from '#serve'
import type { Invocation } from './command.ts'

/** `serve`: the service, until SIGINT or SIGTERM; a second one ends it on the spot. */
export async function serve({ env, stdout, signal, options }: Invocation): Promise<number> {
  const announce = (token: string): void => void stdout.write(`owner token: ${token}\n`)
  return stay(startService(readConfig(env), { announce, worker: !options.has('no-worker') }), signal)
}

/** `worker`: a worker by itself, until SIGINT or SIGTERM; a second one ends it on the spot. */
export async function work({ env, signal }: Invocation): Promise<number> {
  return stay(startWorkerAlone(readConfig(env)), signal)
}

async function stay(started: Promise<Working>, signal: AbortSignal): Promise<number> {
  const working = await started
  if (!signal.aborted) await once(signal, 'abort')
  await working.stop()
  return 0
}
