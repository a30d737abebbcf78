import { servesRegistry } from '#keychains'
import type { Integration } from '#model'
import { type Examined, examine, type Finding, type Network, RegistryError, STEPS } from '#oci'
import { PromotionError, type PromotionErrorCode } from '#promotion'
import { credentialOf, keychainOf } from './credentials.ts'
import { mayDial, placeOf } from './examine-place.ts'
import { ActionError, type ActionErrorCode } from './failure.ts'

/** What an integration is to be tried on; nothing: the registry that it is for, as a whole. */
export interface Trial {
  readonly image: string | undefined
  readonly registry: string | undefined
  readonly region: string | undefined
  readonly access: 'pull' | 'push'
}

/** As from registries, and what the integration itself lacks. */
export interface TrialFinding extends Omit<Finding, 'code'> {
  readonly code?: PromotionErrorCode | ActionErrorCode
}

/** What came of it. `on` is undefined where it could not be found out which registry is meant. */
export interface TrialResult {
  readonly on: Pick<Examined, 'registry' | 'repository'> | undefined
  readonly findings: readonly TrialFinding[]
}

const LIMIT_MS = 30_000

/**
 * Tries an integration as an action would use it, before anything is copied: one finding for each step. Nothing is written but for an upload
 * that is begun and given up. `blocked` where the address may not be dialled, whatever is there: nothing was sent, and no answer tells more.
 * It ends within half a minute.
 * @throws ModelError INVALID with the field; SECRET_UNREADABLE; RegistryError CANCELLED
 */
export async function tryIntegration(
  integration: Integration,
  trial: Trial,
  network: Network,
  signal?: AbortSignal,
): Promise<TrialResult | 'blocked'> {
  if (!mayDial(network, trial)) return 'blocked'
  const limit = AbortSignal.timeout(LIMIT_MS)
  const both = signal === undefined ? limit : AbortSignal.any([signal, limit])
  const findings: TrialFinding[] = []
  let on: Examined | undefined
  try {
    const own = credentialOf(integration, undefined)
    on = await placeOf(integration, own, trial, { network, signal: both })
    const fits = servesRegistry(own.credential, on)
    const options = { access: trial.access, signal: both }
    for await (const finding of examine(network, on, keychainOf(fits ? own : undefined, network), options)) {
      if (finding.step === 'name' && finding.code === 'BLOCKED_ADDRESS') return 'blocked'
      findings.push(finding)
      if (finding.step === 'tls' && !fits && findings.every(({ status }) => status !== 'failed'))
        throw mismatch(integration, on)
    }
  } catch (error) {
    const late = limit.aborted && !signal?.aborted
    const step = late ? (STEPS[findings.length] ?? 'quota') : 'credentials'
    skipTo(step, findings)
    findings.push({ step, ...failure(late ? TOO_LATE : error) })
  }
  skipTo(undefined, findings)
  return { on, findings }
}

/** The steps before this one, or all that are left, were not looked at. */
function skipTo(step: TrialFinding['step'] | undefined, findings: TrialFinding[]): void {
  const until = step === undefined ? STEPS.length : STEPS.indexOf(step)
  for (const each of STEPS.slice(findings.length, until))
    findings.push({ step: each, status: 'skipped', message: 'not looked at' })
}

function mismatch({ identifier, type }: Integration, { registry }: Examined): ActionError {
  const message = `integration ${identifier}: is not for ${registry} (its type is ${type}): nothing of it is shown there`
  return new ActionError('INTEGRATION_MISMATCH', undefined, message)
}

const TOO_LATE = new RegistryError('STALLED', `no end within ${LIMIT_MS / 1000} s`)

/** What is found out, if it is: being called off is none, nor is a mistake of ours. */
function failure(error: unknown): Omit<TrialFinding, 'step'> {
  const known = error instanceof ActionError || error instanceof PromotionError || error === TOO_LATE
  if (!known) throw error
  const { code, message } = error as ActionError | PromotionError | RegistryError
  if (code === 'CANCELLED') throw error
  return { status: 'failed', code, message, advice: ADVICE[code] ?? OTHERWISE }
}

const OTHERWISE =
  'Give the integration credentials that are good: those that have ended are refused like wrong ones.'
const ADVICE: Readonly<Record<string, string>> = {
  INTEGRATION_MISMATCH:
    "Use an integration of that registry's vendor, or OTHER with a user name and a password.",
  INTEGRATION_UNSUITABLE: 'Use an integration that is of a registry.',
  INTEGRATION_INCOMPLETE: 'Give the integration what it lacks, or name it with the image.',
  STALLED: 'Try again, or try one registry after the other.',
}
