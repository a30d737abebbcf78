import { once } from 'node:events'
import { createServer } from 'node:http'
import type { Listen } from './config.ts'
import type { Ground } from './ground.ts'
import { StartError } from './start-error.ts'

/**
 * Shows the numbers of a worker, which has no API: `/metrics` for Prometheus, and `/health`, which is well while the database answers.
 * @throws StartError when the port is taken.
 */
export async function showNumbers(
  { metrics, open }: Pick<Ground, 'metrics' | 'open'>,
  { host, port }: Listen,
): Promise<{ close(): Promise<void> }> {
  const server = createServer(async (request, response) => {
    const path = request.method === 'GET' ? request.url : undefined
    try {
      if (path === '/metrics')
        response.setHeader('content-type', metrics.contentType).end(await metrics.read())
      else if (path === '/health') response.end(await open.health().then(() => 'ok\n'))
      else response.writeHead(404).end()
    } catch {
      response.writeHead(503).end()
    }
  })
  server.listen(port, host)
  try {
    await once(server, 'listening')
  } catch (cause) {
    throw new StartError(
      `cannot listen on TAGBOAT_METRICS_LISTEN=${host}:${port}: ${(cause as Error).message}`,
      { cause },
    )
  }
  return {
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
