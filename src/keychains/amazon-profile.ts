import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { RegistryError } from '#oci'
import type { KeySource } from './amazon-ecr.ts'
import { readSharedFiles, type Section, type SharedFiles } from './amazon-files.ts'
import { assumeRoles, assumeRoleWithWebIdentity } from './amazon-role.ts'
import { fromContainer, fromEnvironment, fromInstance, parseKeys } from './amazon-surroundings.ts'
import { Kept } from './kept.ts'
import type { Machine } from './machine.ts'
import { unusable as notUsable, parseObject, readIfThere, readNamed } from './read-file.ts'
import { askVendor, refused } from './vendor.ts'

const EARLY_MS = 5 * 60_000

/**
 * The keys of a profile; without a name of `default`, and then undefined where there is none. AWS SDKs and Tools Reference Guide, "Shared
 * config and credentials files".
 * @throws RegistryError UNAUTHORIZED, naming the profile, when it is not there or cannot be used.
 */
export async function fromProfile(
  machine: Machine,
  name: string | undefined,
): Promise<KeySource | undefined> {
  const files = await readSharedFiles(machine)
  if (name === undefined && files.profile('default') === undefined) return undefined
  return keysOf(name ?? 'default', { ...machine, files, before: [] }, name !== undefined)
}

interface Search extends Machine {
  readonly files: SharedFiles
  /** The profiles that led here. */
  readonly before: readonly string[]
}

async function keysOf(name: string, search: Search, named: boolean): Promise<KeySource | undefined> {
  const { files, network } = search
  const profile = files.profile(name)
  if (profile === undefined) throw unusable(name, 'there is no such profile')
  if (search.before.includes(name)) throw unusable(name, 'it is its own source, by way of others')
  const arn = profile.get('role_arn')
  if (arn !== undefined) {
    const file = profile.get('web_identity_token_file')
    if (file !== undefined)
      return assumeRoleWithWebIdentity(arn, async () => (await readNamed(file)).trim(), network)
    if (profile.has('mfa_serial'))
      throw unusable(name, 'its role wants a code from a device, and nobody is asked here')
    const durationS = Number(profile.get('duration_seconds'))
    const externalId = profile.get('external_id')
    const role = { arn, ...(externalId && { externalId }), ...(durationS > 0 && { durationS }) }
    return assumeRoles(await sourceOf(name, profile, search), [role], network)
  }
  const found = fixed(profile) ?? (await signedOn(name, profile, search)) ?? printed(name, profile, search)
  if (found === undefined && named) throw unusable(name, 'it names no keys, and no way to them')
  return found
}

/** Whose keys a role is taken on with. */
async function sourceOf(name: string, profile: Section, search: Search): Promise<KeySource> {
  const source = profile.get('source_profile')
  const found =
    source === name
      ? fixed(profile)
      : source !== undefined
        ? await keysOf(source, { ...search, before: [...search.before, name] }, true)
        : await surrounding(profile.get('credential_source'), search)
  if (found === undefined) throw unusable(name, 'it has a role, and no keys to take it on with')
  return found
}

async function surrounding(kind: string | undefined, machine: Machine): Promise<KeySource | undefined> {
  switch (kind) {
    case 'Environment':
      return fromEnvironment(machine)
    case 'EcsContainer':
      return fromContainer(machine)
    case 'Ec2InstanceMetadata':
      return fromInstance(machine)
    default:
      return undefined
  }
}

function fixed(profile: Section): KeySource | undefined {
  const [accessKey, secretKey] = [profile.get('aws_access_key_id'), profile.get('aws_secret_access_key')]
  const sessionToken = profile.get('aws_session_token')
  if (!accessKey || !secretKey) return undefined
  return async () => ({ accessKey, secretKey, ...(sessionToken && { sessionToken }) })
}

/** What `aws sso login` left behind, exchanged for the keys of the profile's role. AWS, "IAM Identity Center credential provider". */
async function signedOn(name: string, profile: Section, search: Search): Promise<KeySource | undefined> {
  const { files, network, home } = search
  const session = profile.get('sso_session')
  const settings = session === undefined ? profile : files.session(session)
  const [start, region] = [settings?.get('sso_start_url'), settings?.get('sso_region')]
  const [account, role] = [profile.get('sso_account_id'), profile.get('sso_role_name')]
  if (session === undefined && start === undefined) return undefined
  if (!start || !region || !/^[a-z0-9-]+$/.test(region) || !account || !role)
    throw unusable(name, 'its sign-on lacks start URL, region, account or role')
  const cache = createHash('sha1')
    .update(session ?? start)
    .digest('hex')
  const path = join(home, '.aws', 'sso', 'cache', `${cache}.json`)
  const domain = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com'
  const url = new URL(`https://portal.sso.${region}.${domain}/federation/credentials`)
  url.search = new URLSearchParams({ role_name: role, account_id: account }).toString()
  const kept = new Kept(async (signal) => {
    const text = await readIfThere(path)
    const { accessToken, expiresAt } = text === undefined ? {} : parseObject(text, path)
    if (typeof accessToken !== 'string' || !(Date.parse(String(expiresAt)) > Date.now()))
      throw unusable(name, `nobody is signed on: aws sso login --profile ${name}`)
    const headers = { accept: 'application/json', 'x-amz-sso_bearer_token': accessToken }
    const answer = await askVendor(network, () => ({ method: 'GET', url, headers }), signal)
    if (answer.status !== 200)
      throw refused(url.host, `no keys for ${role} in ${account}`, answer, [answer.json.message])
    const { accessKeyId, secretAccessKey, sessionToken, expiration } = {
      ...(answer.json.roleCredentials as object),
    } as Record<string, unknown>
    const until = typeof expiration === 'number' ? new Date(expiration).toISOString() : undefined
    return parseKeys(
      { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey, Token: sessionToken, Expiration: until },
      url.host,
    )
  }, EARLY_MS)
  return (_, signal) => kept.get(signal)
}

/** What a program prints that the person's own configuration names. AWS, "Process credential provider". */
function printed(name: string, profile: Section, { env }: Search): KeySource | undefined {
  const command = profile.get('credential_process')
  if (command === undefined) return undefined
  const kept = new Kept(async (signal) => {
    const { runProgram } = await import('./run-program.ts')
    const where = `credential_process of AWS profile ${name}`
    const program = { name: where, command, args: [], shell: true, env, input: '' }
    const { failed, output } = await runProgram(program, signal)
    if (failed !== undefined) throw new RegistryError('UNAUTHORIZED', `${where}: no keys (${failed})`)
    return parseKeys(parseObject(output, where), where)
  }, EARLY_MS)
  return (_, signal) => kept.get(signal)
}

function unusable(name: string, why: string): RegistryError {
  return notUsable(`AWS profile ${name}`, why)
}
