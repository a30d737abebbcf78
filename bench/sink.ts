/**
 * A registry that costs next to nothing, so that the client is what is measured. It serves what a docker-registry has stored, answers as that
 * one does, and counts uploads and throws them away. `node sink.ts [--data DIRECTORY] [--delay MS]`; prints its port. Started by the benchmark as a process of its own.
 */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readdir, readFile, stat } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'

const { values } = parseArgs({ options: { data: { type: 'string' }, delay: { type: 'string' } } })
const root = values.data === undefined ? undefined : join(values.data, 'docker/registry/v2')
const delayMs = Number(values.delay ?? 0)

const blobs = new Set<string>()
const manifests = new Map<string, { readonly type: string; readonly bytes: Buffer }>()
let requests = 0

createServer({ highWaterMark: 1024 * 1024 }, (request, response) => {
  answer(request, response).catch((error) => {
    response.writeHead(500).end(String(error))
  })
}).listen(0, '127.0.0.1', function (this: { address(): unknown }) {
  console.log((this.address() as AddressInfo).port)
})

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method = '', url = '' } = request
  if (url === '/requests') return void response.end(String(requests))
  requests += 1
  if (delayMs > 0) await sleep(delayMs)
  const [path = '', query = ''] = url.split('?', 2)
  const [, repository = '', kind = '', name = ''] =
    /^\/v2\/(.+)\/(blobs|manifests|tags|referrers)\/(.*)$/.exec(path) ?? []
  const params = new URLSearchParams(query)
  if (kind === 'blobs' && name.startsWith('uploads/')) return upload(request, response, repository, params)
  if (kind === 'blobs') return blob(method, response, repository, name)
  if (kind === 'manifests') return manifest(request, response, repository, name)
  if (kind === 'tags' && root !== undefined) {
    const tags = await readdir(join(root, 'repositories', repository, '_manifests/tags'))
    return void response.setHeader('content-type', 'application/json').end(JSON.stringify({ tags }))
  }
  request.resume()
  response.writeHead(path === '/v2/' ? 200 : 404).end('{}')
}

async function upload(
  request: IncomingMessage,
  response: ServerResponse,
  repository: string,
  params: URLSearchParams,
): Promise<void> {
  for await (const _ of request);
  const mounted = params.get('mount')
  const digest = params.get('digest')
  if (digest !== null) blobs.add(`${repository}@${digest}`)
  const there = mounted !== null && blobs.has(`${params.get('from')}@${mounted}`)
  const location = there
    ? `/v2/${repository}/blobs/${mounted}`
    : `/v2/${repository}/blobs/uploads/${requests}?_state=none`
  response.writeHead(digest !== null || there ? 201 : 202, { location }).end()
}

async function blob(
  method: string,
  response: ServerResponse,
  repository: string,
  digest: string,
): Promise<void> {
  if (root === undefined || blobs.has(`${repository}@${digest}`))
    return void response.writeHead(blobs.has(`${repository}@${digest}`) ? 200 : 404).end()
  const file = fileOf(digest)
  response.setHeader('content-length', (await stat(file)).size)
  if (method === 'HEAD') return void response.end()
  createReadStream(file, { highWaterMark: 1024 * 1024 }).pipe(response)
}

async function manifest(
  request: IncomingMessage,
  response: ServerResponse,
  repository: string,
  name: string,
): Promise<void> {
  if (request.method === 'PUT') {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const bytes = Buffer.concat(chunks)
    const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`
    const kept = { type: request.headers['content-type'] ?? '', bytes }
    for (const key of [name, digest]) manifests.set(`${repository}@${key}`, kept)
    response.setHeader('docker-content-digest', digest)
    return void response.writeHead(201, { location: `/v2/${repository}/manifests/${digest}` }).end()
  }
  const found = manifests.get(`${repository}@${name}`) ?? (await stored(repository, name))
  if (found === undefined) return void response.writeHead(404).end('{"errors":[{"code":"MANIFEST_UNKNOWN"}]}')
  const { type, bytes } = found
  const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`
  response.writeHead(200, {
    'content-type': type,
    'content-length': bytes.length,
    'docker-content-digest': digest,
  })
  response.end(request.method === 'HEAD' ? undefined : bytes)
}

async function stored(repository: string, name: string) {
  if (root === undefined) return undefined
  const link = join(root, 'repositories', repository, '_manifests/tags', name, 'current/link')
  const digest = name.includes(':') ? name : await readFile(link, 'utf8').catch(() => undefined)
  if (digest === undefined) return undefined
  const bytes = await readFile(fileOf(digest))
  return { type: String(JSON.parse(bytes.toString('utf8')).mediaType), bytes }
}

function fileOf(digest: string): string {
  const hex = digest.replace(/^sha256:/, '')
  return join(root ?? '', 'blobs/sha256', hex.slice(0, 2), hex, 'data')
}
