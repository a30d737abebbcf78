import { startDockerRegistry } from '#support/docker-registry'
import { startRegistry } from '#support/registry'
import { findTool } from '#support/tools'

/** A registry of the demo: the real docker-registry where there is one, else the in-process one of the tests. */
export interface DemoRegistry {
  readonly url: string
  readonly kind: string
  close(): Promise<void>
}

export async function startDemoRegistry(): Promise<DemoRegistry> {
  if (findTool('docker-registry') !== undefined) {
    const real = await startDockerRegistry()
    return { url: real.url, kind: 'docker-registry', close: () => real.close() }
  }
  const own = await startRegistry()
  return { url: own.url, kind: 'in-process registry', close: () => own.close() }
}
