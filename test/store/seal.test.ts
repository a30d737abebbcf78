import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import fc from 'fast-check'
import { ModelError, Secret } from '#model'
import { Seal } from '../../src/store/seal.ts'

let folder: string
let seal: Seal
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tagboat-seal-'))
  seal = await Seal.open({ keyFile: join(folder, 'deep', 'master.key'), create: true })
})
after(() => rm(folder, { recursive: true }))

const unreadable = (error: unknown) => error instanceof ModelError && error.code === 'SECRET_UNREADABLE'

describe('the seal', () => {
  test('opens what it sealed, at its place and nowhere else', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string(), fc.string(), (text, place, other) => {
        const sealed = seal.seal(text, place)
        assert.equal(seal.unseal(sealed, place).reveal(), text)
        if (other !== place) assert.throws(() => seal.unseal(sealed, other), unreadable)
        assert.notEqual(seal.seal(text, place), sealed, 'never twice the same')
      }),
    )
  })

  test('opens nothing that was altered, and says nothing of it', () => {
    const sealed = seal.seal('canary', 'a/1/b')
    fc.assert(
      fc.property(fc.nat(sealed.length - 1), fc.constantFrom(...'AZaz09-_.'), (at, character) => {
        const altered = sealed.slice(0, at) + character + sealed.slice(at + 1)
        // The last character of base64 may have bits that mean nothing.
        if (altered === sealed || at === sealed.length - 1) return
        assert.throws(
          () => seal.unseal(altered, 'a/1/b'),
          (error: Error) => unreadable(error) && !error.message.includes('canary'),
        )
      }),
    )
    for (const text of ['', 'v1', 'v1.', 'v1..', 'x.y.z', sealed.slice(0, 30)])
      assert.throws(() => seal.unseal(text, 'a/1/b'), unreadable)
  })

  test('finds the secrets in any tree, and gives them back closed', () => {
    const tree = {
      a: new Secret('one-canary'),
      b: [{ c: new Secret('two-canary'), d: 5, e: null, f: undefined }],
      g: 'text',
    }
    const sealed = seal.sealTree(tree, 'place')
    assert.equal(JSON.stringify(sealed).includes('canary'), false)
    const opened = seal.openTree(JSON.parse(JSON.stringify(sealed)), 'place') as typeof tree
    assert.deepEqual(
      [opened.a.reveal(), opened.b[0]?.c.reveal(), opened.b[0]?.d, opened.g],
      ['one-canary', 'two-canary', 5, 'text'],
    )
    const elsewhere = seal.openTree(sealed, 'other') as typeof tree
    assert.equal(elsewhere.g, 'text')
    assert.throws(() => elsewhere.a.reveal(), unreadable)
  })

  test('has a key that only its owner reads, and opens nothing with another', async () => {
    const keyFile = join(folder, 'deep', 'master.key')
    assert.equal((await stat(keyFile)).mode & 0o777, 0o600)
    assert.match(await readFile(keyFile, 'utf8'), /^[0-9a-f]{64}\n$/)
    const other = await Seal.open({ keyFile: join(folder, 'other.key'), create: true })
    assert.throws(() => other.unseal(seal.seal('x', 'p'), 'p'), unreadable)
    const again = await Seal.open({ keyFile, create: false })
    assert.equal(again.unseal(seal.seal('x', 'p'), 'p').reveal(), 'x')
    await assert.rejects(Seal.open({ keyFile: join(folder, 'none.key'), create: false }), /is missing/)
    await writeFile(join(folder, 'bad.key'), 'short')
    await assert.rejects(Seal.open({ keyFile: join(folder, 'bad.key'), create: true }), /not 32 bytes/)
  })

  test('learns of a key that is put into its file when it meets what that key sealed; one that is half written is none', async () => {
    const [file, newer] = [join(folder, 'ring.key'), join(folder, 'newer.key')]
    const [older, other] = [await open(file), await open(newer)]
    const sealed = other.seal('x', 'p')
    const old = older.seal('x', 'p')
    await writeFile(file, (await readFile(newer, 'utf8')) + (await readFile(file, 'utf8')))
    assert.equal(older.unseal(sealed, 'p').reveal(), 'x')
    assert.equal(older.seal('x', 'p').split('.')[1], old.split('.')[1], 'it seals as before until it is told')
    const both = await open(file)
    assert.equal(both.unseal(old, 'p').reveal(), 'x')
    assert.equal(both.keyId, other.keyId)
    await writeFile(file, 'half')
    older.ring.reread()
    assert.equal(older.unseal(old, 'p').reveal(), 'x')
  })
})

const open = (keyFile: string): Promise<Seal> => Seal.open({ keyFile, create: true })
