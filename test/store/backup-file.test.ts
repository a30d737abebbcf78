import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { type BackupHeader, type BackupPart, readBackup, writeBackup } from '../../src/store/backup-file.ts'

const HEADER: BackupHeader = {
  ...{ tagboat: 'backup', format: 1, product: '1', madeAt: '2026-11-25T00:00:00.000Z' },
  ...{ migrations: ['0001-first'], key: '01234567' },
}

async function* each<T>(items: Iterable<T>): AsyncGenerator<T> {
  yield* items
}

async function write(parts: readonly BackupPart[]): Promise<string> {
  return (await Array.fromAsync(writeBackup(HEADER, each(parts), () => ['01234567']))).join('')
}

const read = (text: string, size = 7) => {
  const bytes = Buffer.from(text)
  const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, n) =>
    bytes.subarray(n * size, (n + 1) * size),
  )
  return Array.fromAsync(readBackup(each(chunks)))
}

const text = fc.option(fc.string({ unit: fc.constantFrom('a', '"', '\\', '\n', 'Ä', '🙂', '\u2028', '[') }))
const table = fc.tuple(fc.nat(3), fc.integer({ min: 1, max: 3 })).chain(([name, width]) =>
  fc.array(fc.array(text, { minLength: width, maxLength: width }), { maxLength: 4 }).map((rows) => ({
    table: `t${name}`,
    columns: Array.from({ length: width }, (_, n) => `c${n}`),
    rows,
  })),
)
const tables = fc.uniqueArray(table, { selector: ({ table }) => table, maxLength: 4 })

describe('the text of a backup', () => {
  test('is read as it was written, wherever the chunks end', async () => {
    await fc.assert(
      fc.asyncProperty(tables, fc.integer({ min: 1, max: 9 }), async (parts, size) => {
        const sequence = { sequence: 's', value: '9007199254740993', called: true }
        const [header, ...others] = await read(await write([...parts, sequence]), size)
        assert.deepEqual(header, HEADER)
        const end = others.pop()
        assert.ok(end && 'keys' in end)
        assert.deepEqual(end.rows, Object.fromEntries(parts.map(({ table, rows }) => [table, rows.length])))
        const found = others.map((part) =>
          'table' in part ? { table: part.table, columns: part.columns, rows: part.rows } : part,
        )
        assert.deepEqual(found, [...parts, sequence])
      }),
    )
  })

  test('is believed only as a whole: neither cut anywhere, nor with any of its bytes or lines changed', async () => {
    await fc.assert(
      fc.asyncProperty(tables, fc.nat(), fc.nat(), async (parts, at, to) => {
        const whole = await write(parts)
        const place = at % whole.length
        await assert.rejects(read(whole.slice(0, place)))
        const lines = whole.trimEnd().split('\n')
        const [one, other] = [at % lines.length, to % lines.length]
        for (const altered of [
          whole.slice(0, place) + whole.slice(place + 1),
          lines
            .toSpliced(one, 1)
            .map((line) => `${line}\n`)
            .join(''),
          lines
            .toSpliced(other, 0, lines[one] ?? '')
            .map((line) => `${line}\n`)
            .join(''),
        ])
          if (altered !== whole) await assert.rejects(read(altered))
      }),
    )
  })
})
