import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Asked {
  readonly method: string
  /** Path and query. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export interface Answer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly json?: unknown
  /** In place of `json`. */
  readonly text?: string
}

/** A vendor's endpoint on a loopback port. */
export interface Vendor extends AsyncDisposable {
  readonly asked: readonly Asked[]
  readonly url: URL
}

/** Starts one; `answer` sees each request. */
export async function startVendor(answer: (asked: Asked) => Answer): Promise<Vendor> {
  const asked: Asked[] = []
  const server = createServer(async (request, response) => {
    const one = await read(request)
    asked.push(one)
    const { status, json, text, headers } = answer(one)
    const type = text === undefined ? 'application/json' : 'text/plain'
    response.writeHead(status, { 'content-type': type, ...headers }).end(text ?? JSON.stringify(json))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    asked,
    url: new URL(`http://127.0.0.1:${port}`),
    async [Symbol.asyncDispose](): Promise<void> {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function read(request: IncomingMessage): Promise<Asked> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
  )
  const body = Buffer.concat(chunks).toString('utf8')
  return { method: request.method ?? '', path: request.url ?? '', headers, body }
}
