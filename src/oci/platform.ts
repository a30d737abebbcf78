import { RegistryError } from './errors.ts'

/** The platform that a child of an index is for. OCI image spec, "Image Index". */
export interface Platform {
  readonly os: string
  readonly architecture: string
  readonly variant: string | undefined
}

const ALIASES: ReadonlyMap<string, string> = new Map([
  ['x86_64', 'amd64'],
  ['x86-64', 'amd64'],
  ['aarch64', 'arm64'],
])
/** The variants that go without saying. */
const USUAL: ReadonlyMap<string, string> = new Map([
  ['amd64', 'v1'],
  ['arm64', 'v8'],
  ['arm', 'v7'],
])

/**
 * `OS/ARCHITECTURE` or `OS/ARCHITECTURE/VARIANT`, as builders write it.
 * @throws RegistryError NAME_INVALID
 */
export function parsePlatform(text: string): Platform {
  const [, os, architecture, variant] =
    /^([\w.-]+)\/([\w.-]+)(?:\/([\w.-]+))?$/.exec(text.toLowerCase()) ?? []
  if (os === undefined || architecture === undefined) {
    const quoted = JSON.stringify(text.slice(0, 100))
    throw new RegistryError('NAME_INVALID', `not a platform like linux/arm64 or linux/arm/v7: ${quoted}`)
  }
  return { os, architecture: ALIASES.get(architecture) ?? architecture, variant }
}

export function formatPlatform({ os, architecture, variant }: Platform): string {
  return [os, architecture, variant].filter((part) => part !== undefined).join('/')
}

/** Whether what is for `platform` is what was asked for: any variant where none was named. */
export function isFor(platform: Platform, asked: Platform): boolean {
  const { os, architecture, variant = USUAL.get(architecture) } = platform
  return (
    os === asked.os &&
    architecture === asked.architecture &&
    (asked.variant === undefined || variant === asked.variant)
  )
}
