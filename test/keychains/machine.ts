import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after } from 'node:test'
import { machineKeychain } from '#keychains'
import { type Credentials, Network, parseReference } from '#oci'

const root = await mkdtemp(join(tmpdir(), 'tagboat-machine-'))
after(() => rm(root, { recursive: true, force: true }))

/** A machine with these files in its home (JSON unless they are text), this environment and these endpoints. */
export async function machine(options: {
  readonly files?: Readonly<Record<string, unknown>>
  readonly env?: (home: string) => Readonly<Record<string, string>>
  readonly endpoints?: ReadonlyMap<string, URL>
}) {
  const home = await mkdtemp(join(root, 'home-'))
  for (const [path, content] of Object.entries(options.files ?? {})) {
    await mkdir(dirname(join(home, path)), { recursive: true })
    await writeFile(join(home, path), typeof content === 'string' ? content : JSON.stringify(content))
  }
  const network = new Network({ endpoints: options.endpoints ?? new Map(), retryBaseMs: 1, retries: 2 })
  const warnings: string[] = []
  const env = { PATH: process.env.PATH, AWS_EC2_METADATA_DISABLED: 'true', ...options.env?.(home) }
  const keychain = machineKeychain({ env, home, network }, ({ message }) => void warnings.push(message))
  return {
    home,
    warnings,
    ask: (name: string): Promise<Credentials | undefined> => keychain.credentials(parseReference(name)),
    [Symbol.asyncDispose]: () => network.close(),
  }
}

/** The password among the credentials. */
export function passwordOf(found: Credentials | undefined): string | undefined {
  return found?.kind === 'basic' ? found.password : undefined
}
