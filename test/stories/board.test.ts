import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { getManifestRaw } from '#support/client'
import { hello, push } from '#support/images'
import { startRegistry } from '#support/registry'
import { TestService } from '#support/service'
import { type Execution, isOver } from './page.ts'

interface Cell {
  readonly environment: string
  readonly state: string
  readonly digest: string | null
  readonly move: { readonly digest: string; readonly promoted_by: { readonly name: string } } | null
  readonly seen_digest: string | null
}
interface Board {
  readonly environments: readonly string[]
  readonly images: readonly { readonly image: string; readonly cells: readonly Cell[] }[]
}
interface History {
  readonly total_element_count: number
  readonly moves: readonly {
    readonly digest: string
    readonly previous_digest: string | null
    readonly outside: boolean
  }[]
}

const PROJECT = '/workspaces/acme/projects/shop'
const PIPELINE = `${PROJECT}/pipelines/1`

describe('the board', { timeout: 90_000 }, () => {
  test('shows a promotion, a tag that somebody else moved, and the way back; the history tells of both', async () => {
    await using registry = await startRegistry()
    const [first, second, strange] = [hello('one'), hello('two'), hello('three')]
    await push(registry.url, 'acme/shop', 'dev', first)
    await using service = await TestService.start({ TAGBOAT_ENDPOINTS: `docker.io=${registry.url}` })
    for (const [path, body] of [
      ['/workspaces', { domain: 'acme' }],
      ['/workspaces/acme/projects', { name: 'shop', display_name: 'Shop' }],
      [`${PROJECT}/pipelines`, { name: 'To production' }],
    ] as const)
      assert.equal((await service.call('POST', path, body)).status, 201)
    const action = await service.call<{ id: number }>('POST', `${PIPELINE}/actions`, {
      name: 'Promote',
      type: 'PROMOTE_IMAGE',
      src: { docker_registry: 'DOCKER_HUB', image: 'acme/shop:dev' },
      dest: { tag: 'production' },
    })
    assert.equal(action.status, 200, action.text)
    const run = async (body: object): Promise<Execution> => {
      const {
        status,
        text,
        body: begun,
      } = await service.call<Execution>('POST', `${PIPELINE}/executions`, body)
      assert.equal(status, 200, text)
      const ended = await service.until<Execution>(`${PIPELINE}/executions/${begun.id}`, isOver)
      assert.equal(ended.status, 'SUCCESSFUL', ended.action_executions[0]?.error_message ?? '')
      return ended
    }
    const production = ({ images }: Board): Cell | undefined =>
      images[0]?.cells.find(({ environment }) => environment === 'production')
    const board = (until: (cell: Cell | undefined) => boolean): Promise<Board> =>
      service.until<Board>(`${PROJECT}/board`, (seen) => until(production(seen)))
    const look = () => service.call('POST', `${PROJECT}/board/look`)

    await run({})
    await look()
    const inStep = await board((cell) => cell?.state === 'IN_STEP')
    assert.deepEqual(inStep.environments, ['dev', 'production'])
    assert.equal(production(inStep)?.digest, first.top.digest)
    assert.ok(production(inStep)?.move?.promoted_by.name)

    await push(registry.url, 'acme/shop', 'dev', second)
    await look()
    await board((cell) => cell?.state === 'BEHIND')
    await run({})

    await push(registry.url, 'acme/shop', 'production', strange)
    await look()
    const drifted = production(await board((cell) => cell?.state === 'DRIFTED'))
    assert.equal(drifted?.seen_digest, strange.top.digest)
    assert.equal(drifted?.move?.digest, second.top.digest)

    const rollback = { action_id: action.body.id, digest: first.top.digest }
    await run({ rollback })
    assert.equal((await getManifestRaw(registry.url, 'acme/shop', 'production')).digest, first.top.digest)
    for (const digest of [`sha256:${'0'.repeat(64)}`, first.top.digest.slice(0, 20)]) {
      const never = { rollback: { ...rollback, digest } }
      const refused = await service.call('POST', `${PIPELINE}/executions`, never)
      assert.equal(refused.status, 400)
      assert.match(refused.text, /"field":"rollback.digest"/)
    }

    const history = await service.call<History>('GET', `${PROJECT}/history?tag=production`)
    assert.deepEqual(
      history.body.moves.map(({ digest, previous_digest, outside }) => [digest, previous_digest, outside]),
      [
        [first.top.digest, strange.top.digest, true],
        [second.top.digest, first.top.digest, false],
        [first.top.digest, null, false],
      ],
    )
    for (const digest of [second.top.digest, second.top.digest.slice('sha256:'.length, 20)]) {
      const { body } = await service.call<History>('GET', `${PROJECT}/history?digest=${digest}`)
      assert.equal(body.total_element_count, 1)
    }
  })
})
