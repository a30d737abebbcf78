import { join } from 'node:path'
import type { CredentialScope, Credentials, Keychain } from '#oci'
import { readIfThere } from './read-file.ts'

type Environment = Readonly<Record<string, string | undefined>>

/**
 * What `docker login` and `podman login` left behind. The files are read each time they are needed and never before: first what the
 * environment holds as a whole ($DOCKER_AUTH_CONFIG), then those that it names ($DOCKER_CONFIG, $REGISTRY_AUTH_FILE), then Docker's and
 * Podman's usual ones; a named one replaces the usual ones of its tool. The first file that knows the registry has answered. Within a file: a
 * credential helper of the registry, the credential store, then the longest key of `auths` (`host/namespace/repository` before `host`).
 * docker-login(1), containers-auth.json(5).
 *
 * `credentials` throws RegistryError UNAUTHORIZED, naming the file or the helper and never quoting what they said, when one of them is broken.
 * Helpers run as child processes with `env` and are given 30 seconds.
 */
export function dockerConfigKeychain(options: {
  readonly env: Environment
  readonly home: string
}): Keychain {
  return {
    async credentials(scope, signal) {
      const { env, home } = options
      const whole = env.DOCKER_AUTH_CONFIG
      const given = whole && (await ask(whole, 'DOCKER_AUTH_CONFIG', scope, env, signal))
      if (given) return given
      for (const path of pathsOf(env, home)) {
        const text = await readIfThere(path)
        const found = text === undefined ? undefined : await ask(text, path, scope, env, signal)
        if (found !== undefined) return found
      }
      return undefined
    },
  }
}

function pathsOf(env: Environment, home: string): readonly string[] {
  const docker = env.DOCKER_CONFIG ? join(env.DOCKER_CONFIG, 'config.json') : undefined
  const podman = env.REGISTRY_AUTH_FILE || undefined
  const usual = [
    ...(docker === undefined ? [join(home, '.docker', 'config.json')] : []),
    ...(podman === undefined && env.XDG_RUNTIME_DIR
      ? [join(env.XDG_RUNTIME_DIR, 'containers', 'auth.json')]
      : []),
    ...(podman === undefined
      ? [join(env.XDG_CONFIG_HOME || join(home, '.config'), 'containers', 'auth.json')]
      : []),
  ]
  return [docker, podman, ...usual].filter((path) => path !== undefined)
}

async function ask(
  text: string,
  path: string,
  scope: CredentialScope,
  env: Environment,
  signal: AbortSignal | undefined,
): Promise<Credentials | undefined> {
  const { findAuth, parseAuthFile } = await import('./auth-file.ts')
  const file = parseAuthFile(text, path)
  const helpers = [file.helpers.get(scope.registry), file.store].filter((name) => name !== undefined)
  if (helpers.length > 0) {
    const { askHelper } = await import('./credential-helper.ts')
    for (const helper of new Set(helpers)) {
      const found = await askHelper(helper, scope.registry, env, signal)
      if (found !== undefined) return found
    }
  }
  return findAuth(file, scope)
}
