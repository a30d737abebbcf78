type Side = string | null

const CREDENTIALS = 'test the integration under Integrations, which says what is missing, then retry.'

/** What a person can do about a failed promotion, by its code, where there is more to do than to try again. */
const REMEDIES: Readonly<Record<string, string | ((side: Side) => string)>> = {
  UNAUTHORIZED: CREDENTIALS,
  DENIED: (side) =>
    side === 'target'
      ? `have its credentials allowed to push there, or ${CREDENTIALS}`
      : `have its credentials allowed to pull that, or ${CREDENTIALS}`,
  MANIFEST_UNKNOWN: 'check image and tag in the action; whoever may not see an image may be told the same.',
  NAME_UNKNOWN: (side) =>
    side === 'target'
      ? 'create the repository first, or have it made where the registry is Amazon ECR.'
      : 'check the name of the repository in the action.',
  NAME_INVALID: 'correct the name in the action.',
  TAG_INVALID: 'correct the tag in the action.',
  UNSUPPORTED: 'the registry may be read-only now: ask those who run it.',
  DIGEST_MISMATCH: 'have the storage of that registry looked at: nothing was tagged.',
  SIZE_MISMATCH: 'have the storage of that registry looked at: nothing was tagged.',
  MANIFEST_TOO_LARGE: 'raise TAGBOAT_MANIFEST_BYTES where the service runs, if that image is meant.',
  STALLED: 'retry; if it happens again, the network or TAGBOAT_IDLE_TIMEOUT_MS wants looking at.',
  REGISTRY_UNAVAILABLE: 'check the host in the action, and retry when the registry answers again.',
  RATE_LIMITED: 'retry later, or give the action an integration: registries let known users do more.',
  TAG_IMMUTABLE: 'promote to a tag that is new.',
  TAG_MOVED: 'look at who else sets this tag, on the board, and run it again.',
  BLOCKED_ADDRESS:
    'have the address named in TAGBOAT_ALLOW_ADDRESSES where the service runs, if it is yours.',
  PROTOCOL: 'check the host in the action: what answers there may be no registry.',
  CANCELLED: 'run it again: what was copied is not copied twice.',
  PLATFORM_UNKNOWN: 'take platforms that the image is there for.',
  PLAN_LIMIT: 'promote fewer tags at once, or the image by its digest.',
  VARIABLE_UNDEFINED: 'give the variable a value, under Variables or when it is run.',
  INTEGRATION_UNKNOWN: 'choose another integration in the action, or make one of that identifier.',
  INTEGRATION_DENIED: 'have the integration opened to this project or pipeline.',
  INTEGRATION_UNSUITABLE: 'choose an integration of the type that fits the registry.',
  INTEGRATION_MISMATCH: 'choose the integration whose registry that is.',
  INTEGRATION_INCOMPLETE: 'complete the integration under Integrations.',
  PIPELINE_UNKNOWN: 'choose another pipeline in the action.',
  PIPELINE_DENIED: 'have somebody run it who may run that pipeline.',
  PIPELINE_LOOP: 'take the action out of one of the pipelines that run each other.',
  SECRET_UNREADABLE: 'enter the secret again, or give the service back its master key.',
  TIMEOUT: 'retry; the time limit is in the action.',
  RECOVERY_LIMIT: 'look at why its workers end, in their logs, before it is retried.',
  INTERNAL: "the service's log says more.",
}

const AGAIN = 'retry; what has been copied is not copied twice.'

/** In one sentence; undefined where nothing failed. */
export function remedyFor(code: string | null, side: Side): string | undefined {
  if (code === null) return undefined
  const remedy = REMEDIES[code] ?? AGAIN
  return typeof remedy === 'function' ? remedy(side) : remedy
}
