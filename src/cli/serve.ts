import { once } from 'node:events'
import { readConfig, startService } from '#serve'
import type { Invocation } from './command.ts'

/** `serve`: the service, until SIGINT or SIGTERM; a second one ends it on the spot. */
export async function serve({ env, stdout, signal }: Invocation): Promise<number> {
  const service = await startService(readConfig(env), (token) => stdout.write(`owner token: ${token}\n`))
  if (!signal.aborted) await once(signal, 'abort')
  await service.stop()
  return 0
}
