import { once } from 'node:events'
import { type ClientRequest, type IncomingMessage, request as requestOverHttp } from 'node:http'
import { request as requestOverTls } from 'node:https'
import type { Answer } from './registry/answer.ts'
import { type Exchange, Gone } from './registry/exchange.ts'
import { Front, type FrontOptions } from './registry/front.ts'

export * as faults from './registry/behaviour.ts'
export type { Behaviour, Fault, FaultLimits } from './registry/faults.ts'
export type { RecordedRequest, RequestMatch } from './registry/ledger.ts'

export interface FaultProxyOptions extends FrontOptions {
  /** Whom to believe at an https upstream (PEM). */
  readonly ca?: string
}

const HOP_BY_HOP = new Set(['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'expect'])

/**
 * Stands before a real registry on a loopback port of its own, passes everything on as it comes, and lets go wrong what it is told to: see
 * {@link Front.fault} and `faults`. The Host header goes on too, so that the registry names the proxy in its Locations. What the registry
 * was asked, how much, and with which credentials stands in `requests`. Close it, or declare it with `await using`.
 */
export class FaultProxy extends Front {
  readonly #upstream: URL
  readonly #ca: string | undefined

  private constructor(upstream: URL, options: FaultProxyOptions) {
    super(options)
    this.#upstream = upstream
    this.#ca = options.ca
  }

  static start(upstream: string, options: FaultProxyOptions): Promise<FaultProxy> {
    return new FaultProxy(new URL(upstream), options).listen(options.port)
  }

  protected async act(exchange: Exchange): Promise<Answer> {
    const { method, url, headers } = exchange.record
    const { hostname, port, protocol } = this.#upstream
    const make = protocol === 'https:' ? requestOverTls : requestOverHttp
    const options = { hostname, port, method, path: url, headers: passedOn(headers), agent: false as const }
    const asked = make({ ...options, ...(this.#ca !== undefined && { ca: this.#ca }) })
    if (headers['transfer-encoding'] !== undefined) asked.setHeader('transfer-encoding', 'chunked')
    const answered = once(asked, 'response') as Promise<[IncomingMessage]>
    exchange.closed.then(() => asked.destroy())
    // A registry that is gone is as gone behind the proxy.
    const response = await Promise.race([answered, send(exchange, asked, answered)]).catch(() =>
      exchange.destroy('reset'),
    )
    return answerOf(response ?? (await answered.catch(() => exchange.destroy('reset'))), method)
  }
}

/** Passes the request's body on, until it ends or the registry has answered before it did. */
async function send(
  exchange: Exchange,
  asked: ClientRequest,
  answered: Promise<unknown>,
): Promise<undefined> {
  let over = false
  const end = () => {
    over = true
  }
  const ended = answered.then(end, end)
  asked.flushHeaders()
  for await (const chunk of exchange.body()) {
    if (over) return
    if (!asked.write(chunk)) await Promise.race([once(asked, 'drain').catch(end), ended])
  }
  asked.end()
}

function answerOf([response]: [IncomingMessage], method: string): Answer {
  const { statusCode: status = 0, headersDistinct } = response
  const headers = Object.entries(headersDistinct).map(([name, values = []]) => [name, values.join(', ')])
  const bodiless = method === 'HEAD' || status === 204 || status === 304
  if (bodiless) response.resume()
  return {
    status,
    headers: passedOn(Object.fromEntries(headers)),
    ...(!bodiless && { body: bytesOf(response) }),
  }
}

async function* bytesOf(response: IncomingMessage): AsyncGenerator<Uint8Array> {
  try {
    yield* response
  } catch {
    throw new Gone()
  }
}

function passedOn(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !HOP_BY_HOP.has(name)))
}

/** Starts a proxy before the registry at this URL; it listens when the promise resolves. */
export function startFaultProxy(upstream: string, options: FaultProxyOptions = {}): Promise<FaultProxy> {
  return FaultProxy.start(upstream, options)
}
