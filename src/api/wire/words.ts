import {
  type ActionStatus,
  type ExecutionStatus,
  type IntegrationType,
  OTHER_INTEGRATION_TYPES,
  type Priority,
  type RegistryKind,
  type RunNext,
  type TriggerTime,
} from '#model'

// Buddy's words and ours. Where two of Buddy's mean the same, both are taken and the first is given back.

export const REGISTRY_KINDS = {
  DOCKER_HUB: 'docker-hub',
  AMAZON_ECR: 'amazon-ecr',
  GOOGLE_ARTIFACT_REGISTRY: 'google-artifact-registry',
  GOOGLE_GCR: 'google-gcr',
  GIT_HUB_CONTAINER_REGISTRY: 'github',
  GITHUB_CONTAINER_REGISTRY: 'github',
  DIGITAL_OCEAN_CONTAINER_REGISTRY: 'digital-ocean',
  ARTIFACT_REGISTRY: 'artifact-registry',
  OTHER: 'other',
  NONE: 'none',
} as const satisfies Record<string, RegistryKind>

export const TRIGGER_TIMES = {
  ON_EVERY_EXECUTION: 'on-every-execution',
  ON_SUCCESS: 'on-success',
  ON_FAILURE: 'on-failure',
  ON_BACK_TO_SUCCESS: 'on-back-to-success',
  ON_WARNING: 'on-warning',
  ON_WAIT_FOR_APPROVE: 'on-wait-for-approve',
  ON_TERMINATE: 'on-terminate',
} as const satisfies Record<string, TriggerTime>

export const RUN_NEXT = {
  WAIT_ON_SUCCESS: 'wait',
  IN_SOFT_PARALLEL: 'in-soft-parallel',
  IN_HARD_PARALLEL: 'in-hard-parallel',
} as const satisfies Record<string, RunNext>

export const PRIORITIES = { LOW: 'low', NORMAL: 'normal', HIGH: 'high' } as const satisfies Record<
  string,
  Priority
>

export const INTEGRATION_TYPES: Readonly<Record<string, IntegrationType>> = {
  DOCKER_HUB: 'docker-hub',
  AMAZON: 'amazon',
  GOOGLE_SERVICE_ACCOUNT: 'google-service-account',
  GIT_HUB: 'github',
  GIT_LAB: 'gitlab',
  DIGITAL_OCEAN: 'digital-ocean',
  AZURE_CLOUD: 'azure-cloud',
  ...Object.fromEntries(
    OTHER_INTEGRATION_TYPES.map((type) => [type.toUpperCase().replaceAll('-', '_'), type]),
  ),
}

const EXECUTION_STATUSES = {
  delayed: 'ENQUEUED',
  enqueued: 'ENQUEUED',
  running: 'INPROGRESS',
  'waiting-for-apply': 'WAITING_FOR_APPLY',
  'waiting-for-variables': 'WAITING_FOR_VARIABLES',
  terminating: 'TERMINATING',
  succeeded: 'SUCCESSFUL',
  failed: 'FAILED',
  terminated: 'TERMINATED',
  skipped: 'SKIPPED',
} as const satisfies Record<ExecutionStatus, string>

const ACTION_STATUSES = {
  initial: 'INITIAL',
  running: 'INPROGRESS',
  'waiting-for-apply': 'WAITING_FOR_APPLY',
  'waiting-for-variables': 'WAITING_FOR_VARIABLES',
  succeeded: 'SUCCESSFUL',
  failed: 'FAILED',
  skipped: 'SKIPPED',
  terminated: 'TERMINATED',
  'not-executed': 'NOT_EXECUTED',
} as const satisfies Record<ActionStatus, string>

export function encodeExecutionStatus(status: ExecutionStatus | undefined): string {
  return status === undefined ? 'INITIAL' : EXECUTION_STATUSES[status]
}

export function encodeActionStatus(status: ActionStatus): string {
  return ACTION_STATUSES[status]
}

/** The first of Buddy's words for one of ours. */
export function encodeWord<T extends string>(words: Readonly<Record<string, T>>, word: T): string {
  return Object.keys(words).find((key) => words[key] === word) ?? word
}
