import { hostname } from 'node:os'
import { deliveryEncoder } from '#api'
import { startDeliveries, startLookout, startScheduler, startWorker } from '#engine'
import type { Ground } from './ground.ts'

/**
 * Begins to run what waits: executions, schedules, what webhooks are to be told, and a look at tags. Any number of processes do so on one database; with `parts`
 * each takes nothing new, lets what runs end within the grace and hands the rest back.
 */
export async function startLabour(ground: Ground, parts: AsyncDisposableStack): Promise<void> {
  const { config, log, open, network, metrics, baseUrl, listen, now } = ground
  const { leaseMs, graceMs, maxRecoveries, publicUrl } = config
  const { store, work, reminders, deliveries, changes } = open
  // All at once, each within the grace.
  const working: { stop(): Promise<void> }[] = []
  parts.defer(async () => void (await Promise.all(working.map((part) => part.stop()))))
  const worker = await startWorker({
    ...{ store, work, reminders, changes, network, now, leaseMs, graceMs, maxRecoveries, log, baseUrl },
    workerId: `${hostname()}:${process.pid}`,
    ended: (execution) => metrics.executionEnded(execution),
  })
  const lookout = startLookout({ store, network, now, log, everyMs: config.lookEveryMs })
  working.push(worker, startScheduler({ store, now, log }), lookout)
  const encode = deliveryEncoder(publicUrl?.href, listen)
  working.push(await startDeliveries({ store, work: deliveries, network, encode, now, graceMs, log }))
}
