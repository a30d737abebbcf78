import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { type Finished, type Running, startProcess } from '#support/process'

/** The command of this clone. */
export const program = resolve(import.meta.dirname, '../../bin/tagboat')
const home = mkdtempSync(join(tmpdir(), 'tagboat-home-'))
process.on('exit', () => rmSync(home, { recursive: true, force: true }))

export interface TagboatOptions {
  readonly stdin?: string
  /** Added to an environment that has nothing of the person who runs the tests but the PATH and an empty home. */
  readonly env?: Readonly<Record<string, string>>
  readonly program?: string
}

/** Starts the command as a process of its own. */
export function startTagboat(args: readonly string[], options: TagboatOptions = {}): Running {
  const env = { PATH: process.env.PATH, HOME: home, TAGBOAT_RETRY_BASE_MS: '10', ...options.env }
  return startProcess(options.program ?? program, args, { env, stdin: options.stdin ?? '' })
}

/** Runs the command to its end. */
export function tagboat(args: readonly string[], options: TagboatOptions = {}): Promise<Finished> {
  return startTagboat(args, options).finished
}
