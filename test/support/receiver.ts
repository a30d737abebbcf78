import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** One request as it came. */
export interface Received {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
  // biome-ignore lint/suspicious/noExplicitAny: tests look into bodies of every shape
  readonly body: any
}

/** Answers one request: a status, or `hang` for none at all. */
export type Reaction = number | 'hang' | { readonly status: number; readonly location: string }

/** Something that listens on loopback and is told things. */
export interface Receiver extends AsyncDisposable {
  readonly url: string
  /** `host:port` */
  readonly address: string
  readonly received: readonly Received[]
  /** How the next requests are answered, one after the other; 204 when none is left. */
  react(...reactions: readonly Reaction[]): void
  /** Once there are so many. */
  until(count: number): Promise<readonly Received[]>
}

export async function startReceiver(): Promise<Receiver> {
  const received: Received[] = []
  const reactions: Reaction[] = []
  let wake = Promise.withResolvers<void>()
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part)
    const text = Buffer.concat(parts).toString()
    const { method = '', url: path = '' } = request
    const headers = request.headers as Record<string, string>
    const reaction = reactions.shift() ?? 204
    received.push({ method, path, headers, text, body: text === '' ? undefined : JSON.parse(text) })
    wake.resolve()
    wake = Promise.withResolvers()
    if (reaction === 'hang') return
    const { status, ...rest } = typeof reaction === 'number' ? { status: reaction } : reaction
    response.writeHead(status, rest).end(status === 204 ? undefined : 'the answer of the receiver')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url: `http://${address}`,
    address,
    received,
    react: (...next) => void reactions.push(...next),
    async until(count) {
      while (received.length < count) await wake.promise
      return received
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
