import type { DemoService } from './service.ts'

interface ActionExecution {
  readonly action_execution_id: string
  readonly status: string
  readonly progress: number
  readonly error_message: string | null
}

interface Execution {
  readonly status: string
  readonly action_executions: readonly ActionExecution[]
}

const FINAL = new Set(['SUCCESSFUL', 'FAILED', 'TERMINATED', 'NOT_EXECUTED'])

/** Shows an execution while it runs, its progress on a terminal and its log lines as they come, and answers with its last status. */
export async function follow(service: DemoService, path: string): Promise<string> {
  const seen = new Map<string, number>()
  for (const deadline = Date.now() + 120_000; Date.now() < deadline; ) {
    const { body: execution } = await service.call<Execution>('GET', path)
    for (const action of execution.action_executions) {
      await printLog(service, `${path}/action_executions/${action.action_execution_id}`, seen)
      show(action)
    }
    if (FINAL.has(execution.status)) {
      for (const { error_message } of execution.action_executions)
        if (error_message !== null) process.stdout.write(`  ${error_message}\n`)
      return execution.status
    }
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error('the execution did not end within two minutes')
}

async function printLog(service: DemoService, path: string, seen: Map<string, number>): Promise<void> {
  const offset = seen.get(path) ?? 0
  const { body } = await service.call<{ readonly logs: readonly string[] }>(
    'GET',
    `${path}/logs?offset=${offset}&limit=1000`,
  )
  seen.set(path, offset + body.logs.length)
  for (const line of body.logs) process.stdout.write(`${clear()}  ${line}\n`)
}

function show({ status, progress }: ActionExecution): void {
  if (!process.stdout.isTTY || status !== 'INPROGRESS') return
  const done = Math.round(progress / 4)
  process.stdout.write(`${clear()}  ${'█'.repeat(done)}${'░'.repeat(25 - done)} ${progress} %`)
}

function clear(): string {
  return process.stdout.isTTY ? '\r\x1b[K' : ''
}
