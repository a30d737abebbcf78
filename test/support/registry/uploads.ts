import { createHash, createHmac, type Hash, randomBytes, randomUUID } from 'node:crypto'
import { type Content, contentOf, type Discarded, sha512 } from './content.ts'

/** An upload session that was opened and neither finished nor cancelled. */
export interface OpenUpload {
  readonly repository: string
  readonly id: string
  readonly bytes: number
}

export class Session {
  readonly id = randomUUID()
  size = 0
  readonly repository: string
  readonly #chunks: Uint8Array[] | undefined
  readonly #hash: Hash = createHash('sha256')

  constructor(repository: string, discard: boolean) {
    this.repository = repository
    this.#chunks = discard ? undefined : []
  }

  append(chunk: Uint8Array): void {
    this.size += chunk.length
    this.#hash.update(chunk)
    this.#chunks?.push(chunk)
  }

  /** The content, if its digest is the expected one. Discarded content can be proved by sha256 only. */
  content(expected: string): Content | Discarded | undefined {
    const digest = `sha256:${this.#hash.copy().digest('hex')}`
    if (this.#chunks === undefined) return digest === expected ? { digest, size: this.size } : undefined
    if (digest !== expected && !expected.startsWith('sha512:')) return undefined
    const bytes = Buffer.concat(this.#chunks)
    if (digest !== expected && sha512(bytes) !== expected) return undefined
    return contentOf(bytes, digest)
  }
}

/**
 * Open sessions, and the signed `_state` in their locations. As in docker-registry the state names the
 * offset that was acknowledged: after a half-received request the session has moved on, and no location
 * that the client knows opens it again.
 */
export class Uploads {
  readonly #sessions = new Map<string, Session>()
  readonly #secret = randomBytes(16)
  readonly #discard: boolean

  constructor(discard: boolean) {
    this.#discard = discard
  }

  begin(repository: string): Session {
    const session = new Session(repository, this.#discard)
    this.#sessions.set(session.id, session)
    return session
  }

  end(session: Session): void {
    this.#sessions.delete(session.id)
  }

  open(): OpenUpload[] {
    return [...this.#sessions.values()].map(({ repository, id, size }) => ({ repository, id, bytes: size }))
  }

  path(session: Session): string {
    const state = this.#state(session.repository, session.id, session.size)
    return `/v2/${session.repository}/blobs/uploads/${session.id}?_state=${encodeURIComponent(state)}`
  }

  find(repository: string, id: string, state: string | null): Session | 'unsigned' | 'invalid' | 'unknown' {
    if (state === null) return 'unsigned'
    const session = this.#sessions.get(id)
    if (session === undefined) return this.#wasOurs(repository, id, state) ? 'unknown' : 'invalid'
    return state === this.#state(repository, id, session.size) ? session : 'invalid'
  }

  #state(repository: string, id: string, offset: number): string {
    const claim = JSON.stringify({ repository, id, offset })
    const signature = createHmac('sha256', this.#secret).update(claim).digest('base64')
    return `${signature}.${Buffer.from(claim).toString('base64')}`
  }

  #wasOurs(repository: string, id: string, state: string): boolean {
    const offset = /"offset":(\d+)\}$/.exec(Buffer.from(state.split('.')[1] ?? '', 'base64').toString())?.[1]
    return offset !== undefined && this.#state(repository, id, Number(offset)) === state
  }
}
