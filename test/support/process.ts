import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'

export interface ProcessOptions {
  /** Written to standard input, which is then closed; without it standard input is empty. */
  readonly stdin?: string
  /** The whole environment; default that of the test. */
  readonly env?: NodeJS.ProcessEnv
  readonly cwd?: string
  /** After this long the process is killed. Default 30 s. */
  readonly timeoutMs?: number
}

export interface Finished {
  /** Null when a signal ended it. */
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
  /** Largest resident set seen, sampled every 20 ms from /proc; 0 where there is none, or it was too short. */
  readonly peakRssBytes: number
  readonly durationMs: number
  /** It was killed because `timeoutMs` was over. */
  readonly timedOut: boolean
}

/** A process that was started and is still to be waited for. */
export interface Running {
  readonly pid: number
  readonly finished: Promise<Finished>
  /** What came so far. */
  stdout(): string
  stderr(): string
  /** Resolves when the pattern stands in either output; rejects when the process ends without it. */
  printed(pattern: RegExp): Promise<RegExpExecArray>
  kill(signal?: NodeJS.Signals): void
}

/** Starts a program without a shell. Rejects through `finished` when it cannot be started. */
export function startProcess(
  program: string,
  args: readonly string[],
  options: ProcessOptions = {},
): Running {
  const began = performance.now()
  const child = spawn(program, args, {
    cwd: options.cwd,
    env: options.env ?? process.env,
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  const output = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] += text
      child.emit('printed')
    })
  }
  // A program that does not read its input may be gone before all of it is written.
  child.stdin.on('error', () => {})
  child.stdin.end(options.stdin ?? '')
  let timedOut = false
  let peakRssBytes = 0
  const sampler = setInterval(() => {
    peakRssBytes = Math.max(peakRssBytes, peakOf(child))
  }, 20)
  const timer = setTimeout(() => {
    timedOut = true
    child.kill('SIGKILL')
  }, options.timeoutMs ?? 30_000)
  const finished = new Promise<Finished>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => {
      resolve({ code, signal, ...output, peakRssBytes, timedOut, durationMs: performance.now() - began })
    })
  }).finally(() => {
    clearInterval(sampler)
    clearTimeout(timer)
  })
  finished.catch(() => {})
  return {
    pid: child.pid ?? 0,
    finished,
    stdout: () => output.stdout,
    stderr: () => output.stderr,
    printed: (pattern) => printed(child, pattern, () => [output.stdout, output.stderr]),
    kill: (signal = 'SIGTERM') => void child.kill(signal),
  }
}

/** Runs a program to its end. A non-zero exit is a result, not an error. */
export function runProcess(
  program: string,
  args: readonly string[],
  options: ProcessOptions = {},
): Promise<Finished> {
  return startProcess(program, args, options).finished
}

/** A loopback port that was free a moment ago; another process may take it before you do. */
export async function findFreePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no port was given')
  return address.port
}

function printed(child: ChildProcess, pattern: RegExp, outputs: () => string[]): Promise<RegExpExecArray> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      child.off('printed', look)
      child.off('close', ended)
    }
    const look = (): boolean => {
      for (const text of outputs()) {
        const found = new RegExp(pattern).exec(text)
        if (found === null) continue
        stop()
        resolve(found)
        return true
      }
      return false
    }
    const ended = (): void => {
      stop()
      reject(new Error(`the process ended without printing ${pattern}:\n${outputs().join('\n')}`))
    }
    if (look()) return
    if (child.exitCode !== null || child.signalCode !== null) return ended()
    child.on('printed', look)
    child.on('close', ended)
  })
}

function peakOf(child: ChildProcess): number {
  try {
    const status = readFileSync(`/proc/${child.pid}/status`, 'latin1')
    return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024
  } catch {
    return 0
  }
}
