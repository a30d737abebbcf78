import { type Answer, bare, notFound, text } from './answer.ts'
import { Gatekeeper } from './auth.ts'
import { type Content, collect, contentOf } from './content.ts'
import { dispatch } from './dispatch.ts'
import type { Exchange } from './exchange.ts'
import { Front } from './front.ts'
import { deleteManifest } from './manifests.ts'
import type { RegistryOptions } from './options.ts'
import { allowed, parseRoute } from './route.ts'
import { Storage, type StoredManifest } from './storage.ts'
import { type OpenUpload, Uploads } from './uploads.ts'

/** A registry of its own on a loopback port. Close it, or declare it with `await using`. */
export class Registry extends Front {
  readonly #options: RegistryOptions
  readonly #storage = new Storage()
  readonly #uploads: Uploads
  readonly #gatekeeper: Gatekeeper

  private constructor(options: RegistryOptions) {
    super(options, { 'docker-distribution-api-version': 'registry/2.0' })
    this.#options = options
    this.#uploads = new Uploads(options.discardBlobs ?? false)
    this.#gatekeeper = new Gatekeeper(options.auth, () => this.url)
  }

  static start(options: RegistryOptions): Promise<Registry> {
    return new Registry(options).listen(options.port)
  }

  /** Every token given out so far is worth nothing any more. */
  revokeTokens(): void {
    this.#gatekeeper.tokens?.revokeAll()
  }

  /** Sessions that were opened and neither finished nor cancelled. */
  uploads(): OpenUpload[] {
    return this.#uploads.open()
  }

  putBlob(repository: string, bytes: Uint8Array): string {
    return this.#storage.putBlob(repository, bytes)
  }

  /** Registers a blob whose bytes are made when they are asked for. */
  putContent(repository: string, content: Content): string {
    this.#storage.repository(repository).blobs.set(content.digest, content)
    return content.digest
  }

  hasBlob(repository: string, digest: string): boolean {
    return this.#storage.find(repository)?.blobs.has(digest) ?? false
  }

  async getBlob(repository: string, digest: string): Promise<Buffer | undefined> {
    const blob = this.#storage.find(repository)?.blobs.get(digest)
    return blob?.open === undefined ? undefined : await collect(blob.open(0, blob.size))
  }

  blobs(repository: string): string[] {
    return [...(this.#storage.find(repository)?.blobs.keys() ?? [])].sort()
  }

  /** What lies behind the digest becomes something else, in this repository; the digest stays. */
  tamperBlob(repository: string, digest: string, bytes: Uint8Array): void {
    this.putContent(repository, contentOf(Buffer.from(bytes), digest))
  }

  deleteBlob(repository: string, digest: string): boolean {
    return this.#storage.find(repository)?.blobs.delete(digest) ?? false
  }

  /** By tag, or by a digest, which is believed: other bytes under it are a tampered manifest. Nothing is checked. */
  putManifest(repository: string, reference: string, bytes: Uint8Array, mediaType: string): string {
    return this.#storage.putManifest(repository, reference, bytes, mediaType)
  }

  getManifest(repository: string, reference: string): StoredManifest | undefined {
    return this.#storage.getManifest(repository, reference)
  }

  deleteManifest(repository: string, digest: string): void {
    deleteManifest(this.#storage.find(repository), digest)
  }

  manifests(repository: string): string[] {
    return [...(this.#storage.find(repository)?.manifests.keys() ?? [])].sort()
  }

  /** Sorted. */
  tags(repository: string): string[] {
    return [...(this.#storage.find(repository)?.tags.keys() ?? [])].sort()
  }

  deleteTag(repository: string, tag: string): boolean {
    return this.#storage.find(repository)?.tags.delete(tag) ?? false
  }

  protected async act(exchange: Exchange): Promise<Answer> {
    const { path, method } = exchange.record
    if (path === '/token' && this.#gatekeeper.tokens !== undefined)
      return this.#gatekeeper.tokens.answer(exchange)
    if (path === '/') return bare(200, { 'cache-control': 'no-cache' })
    const withSlash = parseRoute(`${path}/`)
    if (withSlash?.kind === 'base' || withSlash?.kind === 'uploads')
      return bare(301, { location: `${path}/` })
    const route = parseRoute(path)
    if (route === undefined || (route.kind === 'referrers' && !this.#options.referrers)) return notFound()
    const refusal = this.#gatekeeper.check(exchange, route)
    if (refusal !== undefined) return refusal
    const methods = allowed[route.kind]
    if (methods?.includes(method) === false)
      return text(405, 'Method not allowed', { allow: methods.join(', ') })
    return dispatch(exchange, route, this.#storage, this.#uploads, this.#options)
  }
}
