import {
  chain,
  dockerConfigKeychain,
  findEcr,
  fixedKeychain,
  type MachineKeychain,
  machineKeychain,
} from '#keychains'
import {
  formatReference,
  type Keychain,
  Network,
  openRepository,
  parseReference,
  parseRepository,
  type Reference,
  RegistryError,
  type Repository,
  sameRegistry,
} from '#oci'
import type { Invocation } from './command.ts'
import { readPasswords } from './passwords.ts'
import { readNetworkOptions } from './settings.ts'
import { UsageError } from './usage-error.ts'

/** The two repositories of a promotion, opened. One object where they are one repository. */
export interface Sides {
  readonly source: Repository
  readonly target: Repository
  /** Requests sent to both so far. */
  readonly requests: () => number
  readonly network: Network
  /** Makes the target's repository, where that was asked for. */
  readonly makeRepository?: (signal: AbortSignal) => Promise<void>
}

/** A reference that was typed. @throws UsageError */
export function readReference(text: string): Reference {
  return asUsage(() => parseReference(text))
}

/** A repository that was typed: no tag, no digest. @throws UsageError */
export function readRepository(text: string): Reference {
  return asUsage(() => parseRepository(text))
}

/** Where to promote to: what was typed, and the source's tag where it has none. @throws UsageError for a digest. */
export function readTarget(text: string, source: Reference): Reference {
  try {
    return { ...parseRepository(text), tag: source.tag }
  } catch {
    const target = readReference(text)
    if (target.digest === undefined) return target
    throw new UsageError('TARGET has no digest: it gets the one of SOURCE')
  }
}

function asUsage<T>(parse: () => T): T {
  try {
    return parse()
  } catch (error) {
    throw error instanceof RegistryError ? new UsageError(error.message) : error
  }
}

/** The repositories of many promotions, each opened once. */
export interface Places {
  readonly network: Network
  /** Requests sent to all of them so far. */
  readonly requests: () => number
  open(place: Reference): Repository
  /** Makes a target's repository, where that was asked for. */
  readonly makeRepository?: (place: Reference, signal: AbortSignal) => Promise<void>
}

/** Opens both sides with the credentials that the options and the environment give. Close the network at the end. */
export async function openSides(
  invocation: Invocation,
  source: Reference,
  target: Reference,
): Promise<Sides> {
  const places = await openPlaces(invocation, [source], [target])
  const { network, requests } = places
  return {
    source: places.open(source),
    target: places.open(target),
    requests,
    network,
    ...making(places, target),
  }
}

/** As {@link openSides}, for many of each. A username that was typed is shown to the one registry that it can be meant for. */
export async function openPlaces(
  { options, env, home, stdin, stderr, signal }: Invocation,
  sources: readonly Reference[],
  targets: readonly Reference[],
): Promise<Places> {
  const both = options.text('username')
  const [forSource, forTarget] = [options.text('source-username'), options.text('target-username')]
  if (both !== undefined && (forSource !== undefined || forTarget !== undefined))
    throw new UsageError('--username is for both sides: it goes with neither of the other two')
  if (both !== undefined && !inOneRegistry([...sources, ...targets]))
    throw new UsageError(
      'source and target are two registries: --source-username and --target-username say which is meant',
    )
  if (options.has('create-repository') && targets.some(({ registry }) => findEcr(registry) === undefined))
    throw new UsageError('--create-repository is for a target at Amazon ECR')
  for (const [name, username, side] of [
    ['source', forSource, sources],
    ['target', forTarget, targets],
  ] as const)
    if (username !== undefined && !inOneRegistry(side))
      throw new UsageError(`--${name}-username is for one registry, and the ${name}s are in several`)
  if (options.has('password-stdin') && (both ?? forSource ?? forTarget) === undefined)
    throw new UsageError('--password-stdin needs a username')
  const named = [
    ...(both === undefined ? [] : [{ side: 'both', username: both }]),
    ...(forSource === undefined ? [] : [{ side: 'source', username: forSource }]),
    ...(forTarget === undefined ? [] : [{ side: 'target', username: forTarget }]),
  ]
  const passwords = await readPasswords(
    stdin,
    named.map(({ username }) => username),
    signal,
  )
  const given = new Map<string, Keychain>(
    named.map(({ side, username }, index) => [
      side,
      fixedKeychain({ username, password: passwords[index] ?? '' }),
    ]),
  )
  const network = new Network(await readNetworkOptions(env))
  const machine = machineOf({ env, home, stderr }, network)
  const configured = chain(dockerConfigKeychain({ env, home }), machine)
  const keychain = (...sides: readonly string[]): Keychain =>
    chain(...sides.map((side) => given.get(side)).filter((one) => one !== undefined), configured)
  const read = new Set(sources.map(keyOf))
  const written = new Set(targets.map(keyOf))
  const opened = new Map<string, Repository>()
  // One object for one repository: what it cost is counted once, and one token does.
  const open = (place: Reference): Repository => {
    const key = keyOf(place)
    const sides = [...(written.has(key) ? ['target'] : []), ...(read.has(key) ? ['source'] : []), 'both']
    const repository =
      opened.get(key) ??
      openRepository(network, place, keychain(...sides), written.has(key) ? 'push' : 'pull')
    opened.set(key, repository)
    return repository
  }
  const requests = (): number => [...opened.values()].reduce((sum, { traffic }) => sum + traffic.requests, 0)
  return {
    ...{ network, requests, open },
    ...(options.has('create-repository') && {
      makeRepository: (place: Reference, signal: AbortSignal) => machine.createRepository(place, signal),
    }),
  }
}

/** How the target's repository is made, where that was asked for. */
export function making({ makeRepository }: Places, target: Reference): Pick<Sides, 'makeRepository'> {
  if (makeRepository === undefined) return {}
  return { makeRepository: (signal) => makeRepository(target, signal) }
}

function inOneRegistry([first, ...others]: readonly Reference[]): boolean {
  return first === undefined || others.every((other) => sameRegistry(first, other))
}

function keyOf(place: Reference): string {
  return formatReference({ ...place, tag: undefined, digest: undefined })
}

/** What the vendors' own tools have on this machine. */
function machineOf(
  { env, home, stderr }: Pick<Invocation, 'env' | 'home' | 'stderr'>,
  network: Network,
): MachineKeychain {
  const warn = ({ message }: RegistryError): void =>
    void stderr.write(`tagboat: going on without credentials: ${message}\n`)
  return machineKeychain({ env, home, network }, warn)
}

/** Opens the one repository of a command that only reads. Close the network at the end. */
export async function openOne(
  invocation: Invocation,
  place: Reference,
): Promise<{ readonly repository: Repository; readonly network: Network }> {
  const { keychain, network } = await openNetwork(invocation)
  return { repository: openRepository(network, place, keychain), network }
}

/** The network, and what the options or the machine have to show to the one registry of a command. Close the network at the end. */
export async function openNetwork({
  options,
  env,
  home,
  stdin,
  stderr,
  signal,
}: Invocation): Promise<{ readonly keychain: Keychain; readonly network: Network }> {
  const username = options.text('username')
  if (options.has('password-stdin') && username === undefined)
    throw new UsageError('--password-stdin needs --username')
  const [password = ''] = await readPasswords(stdin, username === undefined ? [] : [username], signal)
  const network = new Network(await readNetworkOptions(env))
  const keychain =
    username === undefined
      ? chain(dockerConfigKeychain({ env, home }), machineOf({ env, home, stderr }, network))
      : fixedKeychain({ username, password })
  return { keychain, network }
}
