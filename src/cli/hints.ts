type Side = 'source' | 'target' | undefined

const HINTS: Readonly<Record<string, string | ((side: Side) => string)>> = {
  UNAUTHORIZED: (side) =>
    `Log in with docker login or podman login, or give --${side === undefined ? '' : `${side}-`}username NAME and the password on standard input.`,
  DENIED: (side) =>
    side === 'target'
      ? 'These credentials may not push there: check their rights, and whether the repository exists.'
      : 'These credentials may not pull that: check their rights and the name.',
  MANIFEST_UNKNOWN:
    'Check the name and the tag; some registries also answer so when the credentials may not see it.',
  NAME_UNKNOWN: (side) =>
    side === 'target'
      ? 'Some registries want a repository to be created before the first push.'
      : 'Check the name of the repository.',
  TAG_IMMUTABLE: 'The registry does not let this tag be moved: promote to a tag that is new.',
  TAG_MOVED: 'Somebody else sets this tag too: agree with them, then promote again.',
  RATE_LIMITED: 'Wait, or log in: registries let known users do more.',
  REGISTRY_UNAVAILABLE:
    'Check the host, the network, and whether the registry speaks plain http (write http:// before its name then).',
  STALLED: 'The connection is too slow or hangs; TAGBOAT_IDLE_TIMEOUT_MS says how long to wait.',
  DIGEST_MISMATCH:
    'What came is not what was asked for: the storage of that registry, or something on the way, changed it. Nothing was tagged.',
  SIZE_MISMATCH:
    'What came has another length than it should: the storage of that registry is damaged. Nothing was tagged.',
  MANIFEST_TOO_LARGE: 'TAGBOAT_MANIFEST_BYTES sets the limit; the target may have one of its own.',
  CANCELLED: 'Run it again: what has been copied is not copied twice.',
}

/** What a person can do about it, in one sentence. */
export function hintFor(code: string, side: Side): string | undefined {
  const hint = HINTS[code]
  return typeof hint === 'function' ? hint(side) : hint
}

const API_HINTS: Readonly<Record<string, string>> = {
  UNREACHABLE: 'Check TAGBOAT_URL, and that the service runs: tagboat serve runs one here.',
  NOT_THE_API: 'Check TAGBOAT_URL: it is the base of a service, like https://tagboat.example.com.',
  UNAUTHENTICATED: 'Check TAGBOAT_TOKEN: tagboat token create NAME makes one where the service runs.',
  FORBIDDEN: 'Take a token that may do this: tagboat token create NAME --scopes A,B.',
  NOT_FOUND: 'Check the names, --workspace and --project; a token may also be kept to other workspaces.',
  RATE_LIMITED: 'Wait a minute: this token has asked too often.',
  CLOSING: 'Try again in a moment: the service is being started anew.',
  UNAVAILABLE: 'Try again in a moment: the database of the service is away, or very busy.',
  UNCERTAIN: 'Look whether it was done before you do it again: its database broke off in the middle.',
  INTERNAL: "The service's log says more.",
}

/** The same, of what the API answered. */
export function hintForApi(code: string): string | undefined {
  return API_HINTS[code]
}
