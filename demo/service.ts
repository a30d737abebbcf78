import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findFreePort } from '#support/process'

/** A running service, and how to speak to it. */
export interface DemoService {
  readonly url: string
  readonly token: string
  /** One request of the API; throws with the answer's text unless it is a success. */
  call<T>(
    method: string,
    path: string,
    body?: unknown,
  ): Promise<{ readonly status: number; readonly body: T }>
  close(): Promise<void>
}

const TAGBOAT = fileURLToPath(new URL('../bin/tagboat', import.meta.url))

/** Starts `tagboat serve` as a process of its own, on a free port, with a database that is thrown away. `endpoints`: as TAGBOAT_ENDPOINTS. */
export async function startService(endpoints: string): Promise<DemoService> {
  const folder = await mkdtemp(join(tmpdir(), 'tagboat-demo-'))
  const token = randomBytes(24).toString('hex')
  const listen = `127.0.0.1:${await findFreePort()}`
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('TAGBOAT_'))
  const child = spawn(TAGBOAT, ['serve'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own: Ctrl-C is for the demo, which then ends its parts in order.
    detached: true,
    env: {
      ...Object.fromEntries(own),
      TAGBOAT_LISTEN: listen,
      TAGBOAT_DATA_DIR: folder,
      TAGBOAT_ADMIN_TOKEN: token,
      TAGBOAT_ENDPOINTS: endpoints,
    },
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      said = (said + chunk).slice(-4_000)
    })
  }
  const exited = once(child, 'exit')
  const close = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM')
    await exited
    await rm(folder, { recursive: true, force: true })
  }
  const url = `http://${listen}`
  const service: DemoService = { url, token, call: (...request) => call(url, token, ...request), close }
  try {
    await Promise.race([
      answers(url),
      exited.then(() => Promise.reject(new Error(`the service did not start:\n${said}`))),
    ])
    return service
  } catch (error) {
    await close()
    throw error
  }
}

async function answers(url: string): Promise<void> {
  for (const deadline = Date.now() + 60_000; Date.now() < deadline; ) {
    const ready = await fetch(`${url}/ready`).catch(() => undefined)
    await ready?.body?.cancel()
    if (ready?.ok) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error('the service was not ready within a minute')
}

async function call<T>(
  url: string,
  token: string,
  method: string,
  path: string,
  body?: unknown,
): Promise<{ status: number; body: T }> {
  const response = await fetch(`${url}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`)
  return { status: response.status, body: text === '' ? undefined : JSON.parse(text) }
}
