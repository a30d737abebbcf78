import assert from 'node:assert/strict'
import { type Keychain, Network, type NetworkOptions, openRepository, parseReference, type Tag } from '#oci'
import { type Progress, perform, plan, type Receipt } from '#promotion'
import { getBlobRaw, getManifestRaw } from '#support/client'
import {
  type DockerRegistry,
  type DockerRegistryOptions,
  startDockerRegistry,
} from '#support/docker-registry'
import { type FaultProxy, type RequestMatch, startFaultProxy } from '#support/fault-proxy'
import { type Image, push } from '#support/images'
import { requireTool } from '#support/tools'

/** For the suites of this folder: they need the real registry. */
export const ON_DOCKER_REGISTRY = { timeout: 60_000, ...requireTool('docker-registry') }

/** How a promotion of the stage differs from the others. */
export interface Manner {
  readonly keychain?: Keychain
  readonly signal?: AbortSignal
}

/** Two real registries, each behind a proxy that lets things go wrong, and a promotion from one to the other. */
export class FaultStage implements AsyncDisposable {
  readonly source: FaultProxy
  readonly target: FaultProxy
  readonly registries: readonly DockerRegistry[]

  private constructor(source: FaultProxy, target: FaultProxy, registries: readonly DockerRegistry[]) {
    this.source = source
    this.target = target
    this.registries = registries
  }

  static async set(target: DockerRegistryOptions = {}): Promise<FaultStage> {
    const registries = await Promise.all([startDockerRegistry(), startDockerRegistry(target)])
    const [a, b] = await Promise.all(registries.map(({ url }) => startFaultProxy(url)))
    return new FaultStage(a as FaultProxy, b as FaultProxy, registries)
  }

  /** Nothing goes wrong any more, nothing is remembered, and the source has this image. The repository is one that nobody has used. */
  async ready(image: Image): Promise<string> {
    for (const proxy of [this.source, this.target]) {
      proxy.clearFaults()
      proxy.clear()
    }
    count += 1
    const name = `team/app${count}`
    await push(this.registries[0]?.url ?? '', name, 'v1', image)
    return name
  }

  /** Promotes `name:v1` to `name:prod` at the target, or to `to`. */
  promote(
    name: string,
    options: Partial<NetworkOptions> = {},
    { to = `${this.target.host}/${name}`, ...manner }: Manner & { readonly to?: string } = {},
  ): Promise<Outcome> {
    return promoteBetween(`${this.source.host}/${name}`, to, options, manner)
  }

  /** What the target has under the tag, as it says itself. */
  async tagged(name: string): Promise<string | undefined> {
    const { status, digest } = await getManifestRaw(this.registries[1]?.url ?? '', name, 'prod')
    return status === 200 ? digest : undefined
  }

  /** The target has all of it, byte for byte. */
  async assertWhole(name: string, image: Image): Promise<void> {
    assert.equal(await this.tagged(name), image.top.digest)
    const url = this.registries[1]?.url ?? ''
    for (const { digest } of image.manifests)
      assert.equal((await getManifestRaw(url, name, digest)).digest, digest)
    for (const { digest, bytes } of image.blobs)
      assert.deepEqual(await getBlobRaw(url, name, digest), { status: 200, digest, size: bytes.length })
  }

  /** Upload sessions that were begun and neither finished nor cancelled, as far as the proxy saw. */
  openUploads(proxy: FaultProxy = this.target): readonly string[] {
    const seen = (match: RequestMatch): string[] =>
      proxy.find(match).flatMap(({ path }) => /uploads\/([\w-]+)$/.exec(path)?.[1] ?? [])
    const ended = new Set([...seen({ method: 'PUT', status: 201 }), ...seen({ method: 'DELETE' })])
    return [...new Set(seen({}))].filter((id) => !ended.has(id))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const errors = [...this.source.errors, ...this.target.errors]
    await Promise.all([this.source.close(), this.target.close()])
    await Promise.all(this.registries.map((registry) => registry.close()))
    assert.deepEqual(errors, [])
  }
}

let count = 0

interface Outcome {
  readonly receipt: Receipt
  readonly progress: readonly Progress[]
}

/** Promotes the tag `v1` of one repository to `prod` of the other, patiently enough for whatever is not said otherwise. */
export async function promoteBetween(
  from: string,
  to: string,
  options: Partial<NetworkOptions> = {},
  { keychain, signal }: Manner = {},
): Promise<Outcome> {
  const network = new Network({ retries: 4, retryBaseMs: 5, idleTimeoutMs: 10_000, ...options })
  try {
    const source = openRepository(network, parseReference(from), keychain)
    const target = openRepository(network, parseReference(to), keychain, 'push')
    const request = { source: 'v1' as Tag, target: 'prod' as Tag }
    const steps = perform(await plan(request, source, target), source, target, {
      retry: network.options,
      ...(signal && { signal }),
    })
    const progress: Progress[] = []
    for (;;) {
      const step = await steps.next()
      if (step.done) return { receipt: step.value, progress }
      progress.push(step.value)
    }
  } finally {
    await network.close()
  }
}
