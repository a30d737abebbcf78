import assert from 'node:assert/strict'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import fc from 'fast-check'
import { type Json, Secret } from '#model'
import { Seal } from '../../src/store/seal.ts'

const PLACE = 'actions/1/definition'
const UNREADABLE = { name: 'ModelError', code: 'SECRET_UNREADABLE' }

let folder: string
let seal: Seal
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tagboat-tree-'))
  seal = await Seal.open({ keyFile: join(folder, 'master.key'), create: true })
})
after(() => rm(folder, { recursive: true, force: true }))

interface Both {
  readonly source: { readonly password: Secret }
  readonly target: { readonly password: Secret }
}

describe('a tree with secrets', () => {
  test('keeps two of one row apart: no password is ever that of the other side', () => {
    const tree = { source: { password: new Secret('S') }, target: { password: new Secret('T') } }
    const { source, target } = seal.sealTree(tree, PLACE) as { readonly source: Json; readonly target: Json }
    const right = seal.openTree({ source, target }, PLACE) as Both
    assert.deepEqual([right.source.password.reveal(), right.target.password.reveal()], ['S', 'T'])
    const exchanged = seal.openTree({ source: target, target: source }, PLACE) as Both
    assert.throws(() => exchanged.source.password.reveal(), UNREADABLE)
    assert.throws(() => exchanged.target.password.reveal(), UNREADABLE)
  })

  test('keeps two of one list apart', () => {
    const [one = null, two = null] = seal.sealTree([new Secret('1'), new Secret('2')], PLACE) as Json[]
    const [first] = seal.openTree([two, one], PLACE) as Secret[]
    assert.throws(() => first?.reveal(), UNREADABLE)
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

test('a key that many make at once is one key', async () => {
  const keyFile = join(folder, 'below', 'new.key')
  const seals = await Promise.all(Array.from({ length: 10 }, () => Seal.open({ keyFile, create: true })))
  const sealed = seals.map((each) => each.seal('x', PLACE))
  for (const each of seals) for (const text of sealed) assert.equal(each.unseal(text, PLACE).reveal(), 'x')
  assert.deepEqual(await readdir(join(folder, 'below')), ['new.key'])
})
