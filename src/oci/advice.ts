import type { RegistryErrorCode } from './errors.ts'
import type { Finding } from './examine.ts'

type Advice = Partial<Record<RegistryErrorCode, string>> & { readonly other: string }

const RIGHTS = 'and check the name: many registries say the same of a repository that does not exist.'

/** What a person can do about a step that failed, whoever they are and whatever they use. */
const ADVICE: Readonly<Record<Finding['step'], Advice>> = {
  name: {
    BLOCKED_ADDRESS:
      'Only public addresses may be reached here, and those that TAGBOAT_ALLOW_ADDRESSES names.',
    other: 'Check how the host is written, and whether its name can be resolved from here.',
  },
  connection: {
    PROTOCOL: 'Check host and port: what answers there is no registry.',
    other: 'Check host and port, whether the registry runs, and whether a firewall or a proxy is in between.',
  },
  tls: {
    other:
      'Have its certificate, for this name, from an authority that is trusted here; a registry that speaks plain http is written with http:// in front.',
  },
  credentials: {
    UNAUTHORIZED: 'Give credentials that are good for it: those that have ended are refused like wrong ones.',
    BLOCKED_ADDRESS: 'The registry sends for its tokens to an address that may not be reached here.',
    RATE_LIMITED: 'Wait, then try again.',
    other: 'Try again: who gives out the credentials could not be asked now.',
  },
  pull: {
    UNAUTHORIZED: `Give credentials that may pull there, ${RIGHTS}`,
    DENIED: `Give credentials that may pull there, ${RIGHTS}`,
    RATE_LIMITED: 'Wait, or show who is asking: registries let known users do more.',
    other: 'Try again, or ask those who run the registry.',
  },
  push: {
    UNAUTHORIZED: `Give credentials that may push there, ${RIGHTS}`,
    DENIED: `Give credentials that may push there, ${RIGHTS}`,
    NAME_UNKNOWN: 'Create the repository first: this registry makes none at the first push.',
    UNSUPPORTED: 'The registry takes nothing now: it may be read-only.',
    RATE_LIMITED: 'Wait, then try again.',
    other: 'Try again, or ask those who run the registry.',
  },
  repository: { other: 'Check its name, or create it: this registry may make none at the first push.' },
  quota: { other: 'Wait, or show who is asking: registries let known users do more.' },
}

export function adviceFor(step: Finding['step'], code: RegistryErrorCode): string {
  return ADVICE[step][code] ?? ADVICE[step].other
}
