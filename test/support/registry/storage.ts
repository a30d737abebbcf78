import { type Content, contentOf, type Discarded, sha256 } from './content.ts'

export interface StoredManifest {
  readonly digest: string
  readonly mediaType: string
  readonly bytes: Buffer
}

/** One repository: which contents it may show, and its names for them. */
export interface Repository {
  readonly blobs: Map<string, Content | Discarded>
  readonly manifests: Map<string, StoredManifest>
  readonly tags: Map<string, string>
  /** A repository whose last tag is gone still answers `tags/list`. */
  known: boolean
}

/** Everything the registry remembers, apart from open uploads. */
export class Storage {
  readonly repositories = new Map<string, Repository>()

  find(name: string): Repository | undefined {
    return this.repositories.get(name)
  }

  repository(name: string): Repository {
    const found = this.repositories.get(name)
    if (found !== undefined) return found
    const made = { blobs: new Map(), manifests: new Map(), tags: new Map(), known: false }
    this.repositories.set(name, made)
    return made
  }

  putBlob(name: string, bytes: Uint8Array): string {
    const content = contentOf(Buffer.from(bytes))
    this.repository(name).blobs.set(content.digest, content)
    return content.digest
  }

  putManifest(name: string, reference: string, bytes: Uint8Array, mediaType: string): string {
    const repository = this.repository(name)
    const digest = reference.includes(':') ? reference : sha256(bytes)
    repository.manifests.set(digest, { digest, mediaType, bytes: Buffer.from(bytes) })
    if (digest !== reference) repository.tags.set(reference, digest)
    repository.known = true
    return digest
  }

  getManifest(name: string, reference: string): StoredManifest | undefined {
    const repository = this.find(name)
    if (repository === undefined) return undefined
    const digest = reference.includes(':') ? reference : repository.tags.get(reference)
    return digest === undefined ? undefined : repository.manifests.get(digest)
  }
}
