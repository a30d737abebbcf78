import { ApiError, type AtExecution, type Execution, type OperateExecutionBody } from '#client'
import type { Invocation } from './command.ts'
import { followExecution } from './follow-execution.ts'
import { readPasswords } from './passwords.ts'
import { line } from './print-result.ts'
import { formatQuestion, isAsking } from './question.ts'
import { findPipeline, type Remote, remotely } from './remote.ts'
import { UsageError } from './usage-error.ts'

/** `run PIPELINE`: starts it and prints where to see it; with `--wait` follows it to its end. */
export function run(invocation: Invocation): Promise<number> {
  const { options, stdout, operands } = invocation
  return remotely(invocation, async (remote) => {
    const variables = await readVariables(invocation)
    const { id: pipeline } = await findPipeline(remote, operands[0] ?? '')
    const at = { ...remote.project(), pipeline }
    const [comment, delay] = [options.text('comment'), options.text('delay-until')]
    const body = {
      ...(comment !== undefined && { comment }),
      ...(delay !== undefined && { delay_until: delay }),
      ...(variables.length > 0 && { variables }),
    }
    const execution = await remote.tagboat.runPipeline(at, body, remote.call)
    if (!options.has('json')) stdout.write(`${execution.html_url}\n`)
    if (options.has('wait')) return followExecution(remote, { ...at, execution: execution.id }, invocation)
    if (options.has('json')) stdout.write(line({ status: 'done', execution }))
    return 0
  })
}

/** `follow PIPELINE [EXECUTION]`: shows the execution, the newest unless said otherwise, as it goes on. */
export function follow(invocation: Invocation): Promise<number> {
  return remotely(invocation, async (remote) =>
    followExecution(remote, await locate(remote, invocation), invocation),
  )
}

/** `approve PIPELINE [EXECUTION]`: says yes to what waits for it, or gives the variables that it waits for. */
export function approve(invocation: Invocation): Promise<number> {
  return remotely(invocation, async (remote) => {
    const variables = await readVariables(invocation)
    const at = await locate(remote, invocation)
    const { action_executions: actions } = await remote.tagboat.getExecution(at, remote.call)
    for (const action of actions.filter(isAsking)) invocation.stderr.write(formatQuestion(action))
    const asked = actions.some(({ status }) => status === 'WAITING_FOR_VARIABLES')
    const operation = asked ? 'APPLY_VARIABLES' : 'APPLY'
    return operate(remote, at, invocation, { operation, ...(asked && { variables }) })
  })
}

/** `cancel PIPELINE [EXECUTION]`. */
export function cancel(invocation: Invocation): Promise<number> {
  return remotely(invocation, async (remote) =>
    operate(remote, await locate(remote, invocation), invocation, { operation: 'CANCEL' }),
  )
}

async function operate(
  { tagboat, call }: Remote,
  at: AtExecution,
  invocation: Invocation,
  body: OperateExecutionBody,
): Promise<number> {
  const comment = invocation.options.text('comment')
  print(
    invocation,
    await tagboat.operateExecution(at, { ...body, ...(comment !== undefined && { comment }) }, call),
  )
  return 0
}

function print({ stdout, options }: Invocation, execution: Execution): void {
  if (options.has('json')) stdout.write(line({ status: 'done', execution }))
  else stdout.write(`${execution.status}  ${execution.html_url}\n`)
}

/** The execution that was typed; the pipeline's newest where none was. */
async function locate(remote: Remote, { operands }: Invocation) {
  const [name = '', number] = operands
  const { id: pipeline } = await findPipeline(remote, name)
  const at = { ...remote.project(), pipeline }
  if (number !== undefined && !/^[1-9][0-9]{0,8}$/.test(number))
    throw new UsageError(`EXECUTION is a number, not ${JSON.stringify(number)}`)
  if (number !== undefined) return { ...at, execution: Number(number) }
  const { executions } = await remote.tagboat.listExecutions(at, { per_page: 1 }, remote.call)
  const [newest] = executions
  if (newest === undefined) throw new ApiError([{ code: 'NOT_FOUND', message: `${name} has never run` }], 404)
  return { ...at, execution: newest.id }
}

/** `--variable KEY=VALUE`, and `--secret-variable KEY`, whose values are lines of standard input. */
async function readVariables({ options, stdin, signal }: Invocation) {
  const open = options.list('variable').map((text) => {
    const [, key, value = ''] = /^([^=]+)=(.*)$/s.exec(text) ?? []
    if (key === undefined) throw new UsageError(`--variable takes KEY=VALUE, not ${JSON.stringify(text)}`)
    return { key, value, encrypted: false }
  })
  const keys = options.list('secret-variable')
  const values = await readPasswords(stdin, keys, signal)
  return [...open, ...keys.map((key, index) => ({ key, value: values[index] ?? '', encrypted: true }))]
}
