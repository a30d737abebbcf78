import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { performance } from 'node:perf_hooks'

/** One whole process, from its start to its end. */
export interface Measured {
  readonly code: number
  readonly wallMs: number
  /** User and system time of the process and its children, to about 10 ms: quote means over many runs. */
  readonly cpuMs: number
  /** The largest resident set, looked at every few milliseconds; undefined where there is no /proc. */
  readonly peakBytes: number | undefined
  readonly stderr: string
}

const LOOK_MS = 4
const TICK_MS = 10

/** Runs the command to its end, one at a time in this process: the time of ended children is what CPU is told apart by. */
export async function measure(
  command: readonly string[],
  env: NodeJS.ProcessEnv,
  limitMs: number,
): Promise<Measured> {
  const [program = '', ...args] = command
  const cpuBefore = childrenMs()
  const began = performance.now()
  const child = spawn(program, args, { env, stdio: ['ignore', 'ignore', 'pipe'] })
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-2000)
  })
  let peakBytes: number | undefined
  const looking = setInterval(() => {
    peakBytes = peakOf(child.pid) ?? peakBytes
  }, LOOK_MS)
  const killing = setTimeout(() => child.kill('SIGKILL'), limitMs)
  let wallMs = 0
  try {
    const code = await new Promise<number>((resolve, reject) => {
      child.once('error', reject)
      child.once('exit', () => {
        wallMs = performance.now() - began
      })
      child.once('close', (code) => resolve(code ?? -1))
    })
    return { code, wallMs, cpuMs: childrenMs() - cpuBefore, peakBytes, stderr }
  } finally {
    clearInterval(looking)
    clearTimeout(killing)
  }
}

/** Of all children that have ended. proc_pid_stat(5), cutime and cstime. */
function childrenMs(): number {
  try {
    const fields = readFileSync('/proc/self/stat', 'latin1')
      .replace(/^.*\) /s, '')
      .split(' ')
    return (Number(fields[13]) + Number(fields[14])) * TICK_MS
  } catch {
    return Number.NaN
  }
}

function peakOf(pid: number | undefined): number | undefined {
  try {
    const found = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))
    return found ? Number(found[1]) * 1024 : undefined
  } catch {
    return undefined
  }
}

/** The middle one; of two middle ones the mean. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length / 2
  return ((sorted[Math.ceil(middle) - 1] ?? Number.NaN) + (sorted[Math.floor(middle)] ?? Number.NaN)) / 2
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
