/**
 * Asks for one path over and over, over so many connections at once, and prints what came of it as JSON: a process of its own, which does no
 * more than it must, since it takes its time from the same processors. `URL TOKEN CONNECTIONS WARM_MS MS`
 */
import { once } from 'node:events'
import { connect } from 'node:net'
import { performance } from 'node:perf_hooks'

/** What the generator prints. */
export interface Load {
  readonly perSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  /** Answers other than 200. */
  readonly refused: number
}

const [target = '', token = '', connections = '', warmMs = '', forMs = ''] = process.argv.slice(2)
const url = new URL(target)
const request = `GET ${url.pathname}${url.search} HTTP/1.1\r\nHost: ${url.host}\r\nAuthorization: Bearer ${token}\r\n\r\n`

const begin = performance.now() + Number(warmMs)
const end = begin + Number(forMs)
const times: number[] = []
let refused = 0

async function askOverAndOver(): Promise<void> {
  const socket = connect(Number(url.port), url.hostname).setNoDelay()
  await once(socket, 'connect')
  let sentAt = performance.now()
  let answer = ''
  const done = once(socket, 'close')
  socket.setEncoding('latin1').on('data', (text) => {
    answer += text
    const head = answer.indexOf('\r\n\r\n')
    if (head < 0) return
    const [, length] = /^content-length: (\d+)/im.exec(answer) ?? []
    if (length === undefined) throw new Error(`no length: ${answer.slice(0, 200)}`)
    if (answer.length < head + 4 + Number(length)) return
    const now = performance.now()
    if (!answer.startsWith('HTTP/1.1 200')) refused += 1
    if (sentAt >= begin && now <= end) times.push(now - sentAt)
    if (now > end) {
      socket.end()
      return
    }
    answer = ''
    sentAt = now
    socket.write(request)
  })
  socket.write(request)
  await done
}

await Promise.all(Array.from({ length: Number(connections) }, askOverAndOver))
times.sort((one, other) => one - other)
const at = (share: number) => times[Math.floor(times.length * share)] ?? Number.NaN
const load: Load = {
  perSecond: times.length / (Number(forMs) / 1000),
  ...{ p50Ms: at(0.5), p99Ms: at(0.99), refused },
}
console.log(JSON.stringify(load))
