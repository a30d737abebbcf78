import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import fc from 'fast-check'
import { type Json, Secret } from '#model'
import { Seal } from '../../src/store/seal.ts'

const PLACE = 'actions/1/definition'

let folder: string
let seal: Seal
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tagboat-seal-'))
  seal = await Seal.open({ keyFile: join(folder, 'master.key'), create: true })
})
after(() => rm(folder, { recursive: true, force: true }))

const UNREADABLE = { name: 'ModelError', code: 'SECRET_UNREADABLE' }

interface Both {
  readonly source: { readonly password: Secret }
  readonly target: { readonly password: Secret }
}

describe('a seal', () => {
  test('gives back what was sealed, and never says the same twice', () => {
    const [one, two] = [seal.seal('pässword', PLACE), seal.seal('pässword', PLACE)]
    assert.notEqual(one, two)
    assert.equal(seal.unseal(one, PLACE).reveal(), 'pässword')
    assert.equal(seal.unseal(two, PLACE).reveal(), 'pässword')
  })

  test('does not open elsewhere, nor altered by one character, nor cut short', () => {
    const sealed = seal.seal('password', PLACE)
    assert.throws(() => seal.unseal(sealed, 'actions/2/definition'), UNREADABLE)
    assert.throws(() => seal.unseal(sealed.slice(0, 20), PLACE), UNREADABLE)
    assert.throws(() => seal.unseal('', PLACE), UNREADABLE)
    const from = sealed.lastIndexOf('.') + 1
    for (let at = from; at < sealed.length - 1; at++) {
      const other = sealed[at] === 'A' ? 'B' : 'A'
      const altered = sealed.slice(0, at) + other + sealed.slice(at + 1)
      assert.throws(() => seal.unseal(altered, PLACE), UNREADABLE, `character ${at}`)
    }
  })

  test('does not open under another key', async () => {
    const other = await Seal.open({ keyFile: join(folder, 'other.key'), create: true })
    assert.throws(() => other.unseal(seal.seal('password', PLACE), PLACE), UNREADABLE)
  })

  test('keeps two secrets of one row apart', () => {
    const tree = { source: { password: new Secret('S') }, target: { password: new Secret('T') } }
    const sealed = seal.sealTree(tree, PLACE) as { readonly source: Json; readonly target: Json }
    const right = seal.openTree(sealed as Json, PLACE) as Both
    assert.deepEqual([right.source.password.reveal(), right.target.password.reveal()], ['S', 'T'])
    const exchanged = seal.openTree({ source: sealed.target, target: sealed.source }, PLACE) as Both
    assert.throws(() => exchanged.source.password.reveal(), UNREADABLE)
    assert.throws(() => exchanged.target.password.reveal(), UNREADABLE)
  })

  test('gives back any JSON as it was, whatever its members are called', () => {
    const names = fc.constantFrom('$sealed', '$$sealed', '$$$sealed', 'sealed', 'a', '__proto__')
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom<Json>('text', 1, null, true, 'v1.00000000.AAAA'),
        fc.array(tie('tree'), { maxLength: 3 }),
        fc.dictionary(names, tie('tree'), { maxKeys: 3 }),
      ),
    }))
    fc.assert(
      fc.property(tree, (value) => {
        const kept = JSON.stringify(seal.sealTree(value, PLACE))
        assert.equal(JSON.stringify(seal.openTree(JSON.parse(kept), PLACE)), JSON.stringify(value))
      }),
    )
  })
})

describe('the master key', () => {
  test('is readable by its owner alone, and one for all who make it at once', async () => {
    const keyFile = join(folder, 'below', 'new.key')
    const seals = await Promise.all(Array.from({ length: 10 }, () => Seal.open({ keyFile, create: true })))
    const sealed = seals.map((each) => each.seal('x', PLACE))
    for (const each of seals) for (const text of sealed) assert.equal(each.unseal(text, PLACE).reveal(), 'x')
    assert.equal((await stat(keyFile)).mode & 0o777, 0o600)
    assert.deepEqual(await readdir(join(folder, 'below')), ['new.key'])
  })

  test('is not made anew where it should be, nor taken for one when it is none', async () => {
    const keyFile = join(folder, 'missing.key')
    await assert.rejects(Seal.open({ keyFile, create: false }), /missing\.key is missing/)
    await writeFile(keyFile, 'secret-but-no-key')
    await assert.rejects(Seal.open({ keyFile, create: true }), (error: Error) => {
      assert.match(error.message, /missing\.key is not 32 bytes in hexadecimal/)
      assert.equal(error.message.includes('secret-but-no-key'), false)
      return true
    })
    assert.equal(await readFile(keyFile, 'utf8'), 'secret-but-no-key')
  })
})
