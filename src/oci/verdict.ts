import { RegistryError } from './errors.ts'
import type { Finding } from './examine.ts'

/** What came of a step of an examination. */
export type Verdict = Omit<Finding, 'step' | 'advice'>

export const NOT_LOOKED_AT: Verdict = { status: 'skipped', message: 'not looked at' }
export const NO_IMAGE: Verdict = { status: 'skipped', message: 'no image was named' }

export const ok = (message: string): Verdict => ({ status: 'ok', message })
export const skipped = (message: string): Verdict => ({ status: 'skipped', message })
export const failed = ({ code, message }: RegistryError): Verdict => ({ status: 'failed', code, message })

/** What was thrown, if it is a finding: being called off is none, nor is a mistake of ours. */
export function rejection(error: unknown): RegistryError {
  if (error instanceof RegistryError && error.code !== 'CANCELLED') return error
  throw error
}
