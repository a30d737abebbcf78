import type { ActionExecution, AtExecution, Execution, ServerEvent, ShortExecution } from '#client'
import type { Invocation } from './command.ts'
import { line } from './print-result.ts'
import { ProgressDisplay } from './progress.ts'
import { formatQuestion, isAsking } from './question.ts'
import type { Remote } from './remote.ts'

const ENDS: ReadonlySet<string> = new Set(['SUCCESSFUL', 'FAILED', 'TERMINATED', 'SKIPPED', 'NOT_EXECUTED'])

/** Shows an execution until it has ended: its log on standard output, all else on standard error. 0 if it was successful, else 1. */
export async function followExecution(
  remote: Remote,
  at: AtExecution,
  invocation: Invocation,
): Promise<number> {
  const view = new ExecutionView(invocation, await remote.tagboat.getExecution(at, remote.call))
  for await (const event of remote.tagboat.watchExecution(at, remote.call)) {
    view.show(event)
    if (view.ended) break
  }
  const execution = await remote.tagboat.getExecution(at, remote.call)
  const done = execution.status === 'SUCCESSFUL'
  const { stdout, stderr, options } = invocation
  if (options.has('json')) stdout.write(line({ status: done ? 'done' : 'failed', execution }))
  else stderr.write(`${execution.status}  ${execution.html_url}\n`)
  return done ? 0 : 1
}

class ExecutionView {
  ended = false
  readonly #invocation: Invocation
  readonly #display: ProgressDisplay
  readonly #names: ReadonlyMap<string, string>
  readonly #statuses = new Map<string, string>()

  constructor(invocation: Invocation, { action_executions: actions }: Execution) {
    this.#invocation = invocation
    this.#names = new Map(actions.map(({ action_execution_id: id, action }) => [id, action.name]))
    this.#display = new ProgressDisplay(invocation.stderr)
  }

  show({ event, data }: ServerEvent): void {
    if (event === 'log') this.#showLine(data as { action_execution_id: string; text: string })
    else if (event === 'progress') this.#showProgress(data as { bytes_sent: number; bytes_total: number })
    else if (event === 'action_execution') this.#showAction(data as ActionExecution)
    else if (event === 'execution') this.#showExecution(data as ShortExecution)
  }

  #showLine({ action_execution_id: id, text }: { action_execution_id: string; text: string }): void {
    const { stdout, stderr, options } = this.#invocation
    this.#display.clear()
    const output = options.has('json') ? stderr : stdout
    output.write(`${this.#names.get(id) ?? id}: ${text}\n`)
  }

  #showProgress({ bytes_sent: sent, bytes_total: total }: { bytes_sent: number; bytes_total: number }): void {
    if (total > 0) this.#display.show({ kind: 'bytes', sent, total })
  }

  #showAction(execution: ActionExecution): void {
    const { action_execution_id: id, action, status, error_message: error } = execution
    if (status === (this.#statuses.get(id) ?? 'INITIAL')) return
    this.#statuses.set(id, status)
    this.#display.note(`${action.name} is ${status}${error === null ? '' : `: ${error}`}`)
    if (isAsking(execution)) this.#display.note(formatQuestion(execution).trimEnd())
  }

  #showExecution({ status, id }: ShortExecution): void {
    this.ended = ENDS.has(status)
    if (status.startsWith('WAITING_FOR_'))
      this.#display.note(`It waits for an answer: tagboat approve ${this.#invocation.operands[0]} ${id}`)
    if (this.ended) this.#display.clear()
  }
}
