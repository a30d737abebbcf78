import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { ActionExecutionId, ExecutionEvent } from '#model'
import { Report } from '../../src/engine/report.ts'

suite('the report of an action execution', () => {
  test('writes what came during a write, also when nothing comes after it', async () => {
    const journal = new SlowJournal()
    const report = new Report(journal, 'a1' as ActionExecutionId)
    report.bytes(10, 100)
    await journal.asked
    report.bytes(50, 100)
    journal.answer()
    assert.deepEqual(await journal.second, { kind: 'progressed', id: 'a1', progress: 50 })
  })

  test('says once that all bytes were sent, however often it is told', async () => {
    const said: string[] = []
    const journal = {
      log: async (_: ActionExecutionId, lines: readonly string[]) => void said.push(...lines),
      track: async () => {},
      record: async () => undefined as never,
    }
    const report = new Report(journal, 'a1' as ActionExecutionId)
    for (const sent of [50, 100, 100, 100]) report.bytes(sent, 100)
    await report.end()
    assert.deepEqual(said, ['sent 100 B of 100 B'])
  })
})

/** Its first record waits to be answered. */
class SlowJournal {
  readonly #first = Promise.withResolvers<void>()
  readonly #answer = Promise.withResolvers<void>()
  readonly #second = Promise.withResolvers<ExecutionEvent | undefined>()
  #records = 0

  readonly asked = this.#first.promise
  readonly second = this.#second.promise
  readonly answer = (): void => this.#answer.resolve()

  async log(): Promise<void> {}
  async track(): Promise<void> {}

  async record(...events: readonly ExecutionEvent[]): Promise<never> {
    this.#records += 1
    if (this.#records === 1) {
      this.#first.resolve()
      await this.#answer.promise
    } else this.#second.resolve(events[0])
    return undefined as never
  }
}
