import type { Readable, Writable } from 'node:stream'

/** One option as `--name`, without a value or with one (`value` is its name in the help). */
export interface Option {
  readonly name: string
  readonly value?: string
  readonly repeatable?: boolean
  readonly summary: string
}

/** One command. What it does is loaded only when it is called. */
export interface Command {
  readonly name: string
  /** As in the help: `SOURCE TARGET`. */
  readonly operands: readonly string[]
  /** The option that stands for the operands. */
  readonly instead?: string
  readonly summary: string
  readonly options: readonly Option[]
  /** It is the service, or works on the service's data: the single file does without. */
  readonly service?: true
  readonly load: () => Promise<Run>
}

/** Does the command; the exit code. Failures are thrown. */
export type Run = (invocation: Invocation) => Promise<number>

/** A stream that may be a terminal. */
export type Output = Writable & { readonly isTTY?: boolean; readonly columns?: number }

/** What a command has to work with. */
export interface Invocation {
  readonly operands: readonly string[]
  readonly options: Options
  readonly env: Readonly<Record<string, string | undefined>>
  readonly home: string
  /** Opened when it is asked for: that takes a tenth of what a short command takes. */
  readonly stdin: () => Readable & { readonly isTTY?: boolean }
  readonly stdout: Output
  readonly stderr: Output
  /** Fires when the person, or the system, asks for an end. */
  readonly signal: AbortSignal
}

/** The options that were given. */
export class Options {
  readonly #given: ReadonlyMap<string, readonly string[]>

  constructor(given: ReadonlyMap<string, readonly string[]>) {
    this.#given = given
  }

  has(name: string): boolean {
    return this.#given.has(name)
  }

  text(name: string): string | undefined {
    return this.#given.get(name)?.at(-1)
  }

  list(name: string): readonly string[] {
    return this.#given.get(name) ?? []
  }
}
