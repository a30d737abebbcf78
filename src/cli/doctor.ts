import { examine, type Finding, formatReference, type Reference } from '#oci'
import type { Invocation } from './command.ts'
import { line } from './print-result.ts'
import { openNetwork, readReference } from './sides.ts'

/** `doctor REFERENCE`: each step as it is looked at. The exit code is 1 when one failed. */
export async function doctor(invocation: Invocation): Promise<number> {
  const { operands, options, stdout, signal } = invocation
  const reference = readReference(operands[0] ?? '')
  const { keychain, network } = await openNetwork(invocation)
  const findings: Finding[] = []
  try {
    const access = options.has('pull') ? 'pull' : 'push'
    for await (const finding of examine(network, reference, keychain, { access, signal })) {
      findings.push(finding)
      if (!options.has('json')) stdout.write(formatFinding(finding))
    }
  } catch (error) {
    if (options.has('json')) {
      const { describeError } = await import('./print-error.ts')
      stdout.write(line({ ...jsonOf(reference, findings), status: 'failed', error: describeError(error) }))
    }
    throw error
  } finally {
    await network.close()
  }
  if (options.has('json')) stdout.write(line(jsonOf(reference, findings)))
  return firstFailure(findings) === undefined ? 0 : 1
}

function jsonOf(reference: Reference, steps: readonly Finding[]): object {
  const failure = firstFailure(steps)
  return {
    status: failure === undefined ? 'done' : 'failed',
    reference: formatReference(reference),
    steps,
    ...(failure !== undefined && {
      error: { code: failure.code, message: failure.message, retryable: false },
    }),
  }
}

function firstFailure(findings: readonly Finding[]): Finding | undefined {
  return findings.find(({ status }) => status === 'failed')
}

function formatFinding({ step, status, code, message, advice }: Finding): string {
  const said = code === undefined ? message : `${code}: ${message}`
  const lines = [`${step.padEnd(11)}  ${status.padEnd(7)}  ${said}`]
  return `${[...lines, ...(advice === undefined ? [] : [`${' '.repeat(22)}${advice}`])].join('\n')}\n`
}
