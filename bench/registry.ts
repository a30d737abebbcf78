import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { certificate } from '#support/certificate'
import { startDockerRegistry } from '#support/docker-registry'

// A part that takes too long is ended, and what it started goes with it.
process.once('SIGTERM', () => process.exit(1))

/** A registry in a process of its own, and how many requests it answered since it was last asked to forget. */
export interface BenchRegistry extends AsyncDisposable {
  readonly url: string
  readonly host: string
  /** Where its contents lie, for a {@link startSink} that serves them too. */
  readonly data: string | undefined
  count(): Promise<number>
  forget(): Promise<void>
}

/** The real docker-registry, its storage in memory where `TMPDIR` is. */
export async function startReal(tls: boolean): Promise<BenchRegistry> {
  const registry = await startDockerRegistry({ cache: true, ...(tls && { tls: certificate }) })
  return {
    url: registry.url,
    host: registry.host,
    data: join(registry.root, 'data'),
    count: async () => (await registry.requests()).length,
    forget: () => registry.clear(),
    [Symbol.asyncDispose]: () => registry.close(),
  }
}

/** A registry that throws uploads away, serves what lies in `data`, and waits `delayMs` before every answer. */
export async function startSink(options: {
  readonly data?: string | undefined
  readonly delayMs?: number
}): Promise<BenchRegistry> {
  const { data, delayMs = 0 } = options
  const args = [join(import.meta.dirname, 'sink.ts'), '--delay', String(delayMs)]
  const child = spawn(process.execPath, data === undefined ? args : [...args, '--data', data], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  // A run that breaks off closes nothing, and the child would live on.
  const abandon = (): void => void child.kill()
  process.once('exit', abandon)
  const [port] = await once(createInterface({ input: child.stdout }), 'line')
  const host = `127.0.0.1:${port}`
  const asked = async (): Promise<number> => Number(await (await fetch(`http://${host}/requests`)).text())
  let forgotten = 0
  return {
    url: `http://${host}`,
    host,
    data,
    count: async () => (await asked()) - forgotten,
    async forget() {
      forgotten = await asked()
    },
    async [Symbol.asyncDispose]() {
      process.off('exit', abandon)
      const ended = once(child, 'exit')
      child.kill()
      await ended
    },
  }
}
