import { join } from 'node:path'
import { askGoogle, type TokenSource } from './google.ts'
import type { Machine } from './machine.ts'
import { parseObject, readIfThere, readNamed, textIn, unusable } from './read-file.ts'

type Json = Readonly<Record<string, unknown>>

const TOKEN_URL = new URL('https://oauth2.googleapis.com/token')

/**
 * Access tokens as all of Google's tools find them on a machine: from the file that GOOGLE_APPLICATION_CREDENTIALS names, from the one that
 * `gcloud auth application-default login` left behind, from the metadata server of Google's own machines; undefined where there is none.
 * Google Cloud, "How Application Default Credentials works".
 * @throws RegistryError UNAUTHORIZED, naming the file and quoting nothing of it, when one is there and of no use.
 */
export async function findGoogleTokens(
  machine: Machine,
  signal?: AbortSignal,
): Promise<TokenSource | undefined> {
  const { env, home } = machine
  const named = env.GOOGLE_APPLICATION_CREDENTIALS
  const usual = join(
    env.CLOUDSDK_CONFIG || join(home, '.config', 'gcloud'),
    'application_default_credentials.json',
  )
  const path = named || usual
  const text = named ? await readNamed(path) : await readIfThere(path)
  if (text !== undefined) return tokensOf(parseObject(text, path), path, machine)
  return (await import('./google-metadata.ts')).fromMetadata(machine, signal)
}

async function tokensOf(json: Json, path: string, machine: Machine): Promise<TokenSource> {
  const { network } = machine
  switch (json.type) {
    case 'service_account':
      return (await import('./google-service-account.ts')).serviceAccount(JSON.stringify(json), network)
    case 'authorized_user': {
      const form = {
        grant_type: 'refresh_token',
        client_id: textIn(json, 'client_id', path),
        client_secret: textIn(json, 'client_secret', path),
        refresh_token: textIn(json, 'refresh_token', path),
      }
      return (signal) => askGoogle(network, TOKEN_URL, form, signal)
    }
    case 'impersonated_service_account': {
      const source = await tokensOf({ ...(json.source_credentials as Json) }, path, machine)
      return (await federation()).impersonated(json, path, source, machine)
    }
    case 'external_account':
      return (await federation()).federated(json, path, machine)
    default:
      throw unusable(path, 'its type is none that is known here')
  }
}

const federation = () => import('./google-federation.ts')
