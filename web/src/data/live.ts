import { useEffect, useState, useSyncExternalStore } from 'react'
import type { ActionExecutionView, ExecutionView, ProgressEvent } from '#api/wire'
import { isOver } from '../parts/status.tsx'
import { urlOf } from './call.ts'
import { queries, thing } from './query.ts'

const AGAIN_MS = 2_000
const RATE_WINDOW_MS = 4_000

/** How far one action of a run is, with the pace of its bytes. */
export interface Headway extends Omit<ProgressEvent, 'action_execution_id'> {
  /** Bytes a second, over the last moments; undefined until two of them were seen. */
  readonly rate: number | undefined
}

/** What is known of a run from its events. */
export interface Live {
  readonly connected: boolean
  readonly logs: ReadonlyMap<string, readonly string[]>
  readonly headways: ReadonlyMap<string, Headway>
}

const NOTHING: Live = { connected: true, logs: new Map(), headways: new Map() }

/**
 * Follows a run: its log, its moves, and into what is known under `path` its states. It comes back by itself after the connection broke, and ends
 * when the run has. `again`: another value follows it anew, as after a retry.
 */
export function useLive(path: string, again: unknown): Live {
  const [run, setRun] = useState<Follower>()
  // biome-ignore lint/correctness/useExhaustiveDependencies: that is what it is for
  useEffect(() => {
    const follower = new Follower(path)
    setRun(follower)
    return () => follower.close()
  }, [path, again])
  return useSyncExternalStore(
    (listener) => run?.subscribe(listener) ?? (() => {}),
    () => run?.live ?? NOTHING,
  )
}

/** One run's events, told to the page once a frame however many come. */
class Follower {
  readonly #path: string
  readonly #listeners = new Set<() => void>()
  readonly #pace = new Map<string, { readonly at: number; readonly bytes: number }[]>()
  readonly #lines = new Map<string, string[]>()
  readonly #grown = new Set<string>()
  readonly #actions = new Map<string, ActionExecutionView>()
  #headways = new Map<string, Headway>()
  #connected = true
  #source: EventSource | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  #frame: number | undefined
  live: Live = NOTHING

  constructor(path: string) {
    this.#path = path
    this.#open()
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  close(): void {
    this.#source?.close()
    clearTimeout(this.#timer)
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame)
  }

  #open(): void {
    const source = new EventSource(urlOf(`${this.#path}/events`))
    this.#source = source
    const on = <T>(name: string, take: (content: T) => void): void =>
      source.addEventListener(name, ({ data }: MessageEvent<string>) => {
        take(JSON.parse(data) as T)
        this.#draw()
      })
    source.onopen = () => {
      this.#connected = true
      this.#draw()
    }
    source.onerror = () => {
      this.#connected = false
      this.#draw()
      if (source.readyState !== EventSource.CLOSED) return
      // What browsers give up on, an error in mid-restart, is no end for us. Everything is told anew, and counted once.
      this.#timer = setTimeout(() => this.#open(), AGAIN_MS)
    }
    on<{ action_execution_id: string; line: number; text: string }>(
      'log',
      ({ action_execution_id: id, line, text }) => {
        const lines = this.#lines.get(id) ?? []
        lines[line] = text
        this.#lines.set(id, lines)
        this.#grown.add(id)
      },
    )
    on<ProgressEvent>('progress', (event) => this.#progress(event))
    on<ActionExecutionView>('action_execution', (action) =>
      this.#actions.set(action.action_execution_id, action),
    )
    on<Partial<ExecutionView> & { readonly status: string }>('execution', (state) => {
      // It comes last: nothing more is told of a run that is over.
      if (isOver(state.status)) source.close()
      this.#settle(state)
    })
  }

  #progress({ action_execution_id: id, moves, ...counts }: ProgressEvent): void {
    const known = new Map(this.#headways.get(id)?.moves.map((move) => [keyOf(move), move]))
    for (const move of moves) known.set(keyOf(move), move)
    const now = performance.now()
    const pace = [...(this.#pace.get(id) ?? []), { at: now, bytes: counts.bytes_sent }].filter(
      ({ at }, index, { length }) => now - at < RATE_WINDOW_MS || index >= length - 2,
    )
    this.#pace.set(id, pace)
    const [first, last] = [pace[0], pace.at(-1)]
    const rate =
      first !== undefined && last !== undefined && last.at - first.at > 200
        ? ((last.bytes - first.bytes) / (last.at - first.at)) * 1000
        : undefined
    this.#headways = new Map(this.#headways).set(id, { ...counts, moves: [...known.values()], rate })
  }

  /** Into what the page knows of the run. When it is over, it is asked for once more, whole. */
  #settle(state: Partial<ExecutionView> & { readonly status: string }): void {
    const { queryKey } = thing<ExecutionView>(this.#path)
    queries.setQueryData<ExecutionView>(queryKey, (before) => before && { ...before, ...state })
    if (isOver(state.status)) void queries.invalidateQueries({ queryKey })
  }

  #draw(): void {
    this.#frame ??= requestAnimationFrame(() => {
      this.#frame = undefined
      if (this.#actions.size > 0) {
        const changed = new Map(this.#actions)
        this.#actions.clear()
        queries.setQueryData<ExecutionView>(
          thing<ExecutionView>(this.#path).queryKey,
          (before) =>
            before && {
              ...before,
              action_executions: before.action_executions.map(
                (action) => changed.get(action.action_execution_id) ?? action,
              ),
            },
        )
      }
      const grown = [...this.#grown].map((id) => [id, [...(this.#lines.get(id) ?? [])]] as const)
      this.#grown.clear()
      const logs = grown.length === 0 ? this.live.logs : new Map([...this.live.logs, ...grown])
      this.live = { connected: this.#connected, logs, headways: this.#headways }
      for (const listener of this.#listeners) listener()
    })
  }
}

function keyOf({ kind, digest, tag }: ProgressEvent['moves'][number]): string {
  return `${kind} ${digest} ${tag}`
}
