import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { type BoardEdge, type BoardPlace, layOut, type TagMove, type TagSighting } from '#model'

const place = (repository: string, name: string, registry = 'docker.io'): BoardPlace => ({
  ...{ registry, repository, name },
  place: `${registry}/${repository}:${name}`,
})
const edge = (from: BoardPlace, to: BoardPlace): BoardEdge =>
  ({ pipelineId: 1, actionId: 1, from, to }) as BoardEdge
const dev = place('acme/shop', 'dev')
const staging = place('acme/shop', 'staging')
const production = place('acme/shop', 'production')
const [one, two] = ['1', '2'].map((digit) => `sha256:${digit.repeat(64)}` as TagMove['digest'])

const moved = (to: BoardPlace, digest: TagMove['digest'] | undefined, at = 1) =>
  [to.place, { place: to.place, digest, at: new Date(at) } as TagMove] as const
const seen = (at: BoardPlace, digest: TagMove['digest'] | undefined, when = 2, failure?: string) =>
  [at.place, { place: at.place, digest, failure, at: new Date(when) } as TagSighting] as const

function stateOf(at: BoardPlace, moves: ReturnType<typeof moved>[], sightings: ReturnType<typeof seen>[]) {
  const board = layOut([edge(dev, staging), edge(staging, production)], new Map(moves), new Map(sightings))
  return board.rows[0]?.cells.find((cell) => cell.place === at.place)?.state
}

describe('a board', () => {
  test('has a row for each image and its environments in the order of promotion', () => {
    const other = place('acme/api', 'dev')
    const there = place('prod/api', 'production', 'registry.example')
    const edges = [edge(staging, production), edge(other, there), edge(dev, staging)]
    const { environments, rows } = layOut(edges, new Map(), new Map())
    assert.deepEqual(environments, ['dev', 'staging', 'production'])
    assert.deepEqual(
      rows.map(({ image, cells }) => [image, cells.map(({ environment }) => environment)]),
      [
        ['acme/api', ['dev', 'production']],
        ['acme/shop', ['dev', 'staging', 'production']],
      ],
    )
  })

  test('tells places of one tag apart by their registries', () => {
    const mirror = place('acme/shop', 'production', 'mirror.example')
    const { environments } = layOut([edge(production, mirror)], new Map(), new Map())
    assert.deepEqual(environments, ['production · docker.io', 'production · mirror.example'])
  })

  test('says of each place whether it is in step, behind, drifted, missing or not known', () => {
    assert.equal(stateOf(dev, [], []), 'source')
    assert.equal(stateOf(staging, [], []), 'empty')
    assert.equal(stateOf(staging, [moved(staging, one)], [seen(dev, one)]), 'in-step')
    assert.equal(stateOf(staging, [moved(staging, one)], [seen(dev, two)]), 'behind')
    assert.equal(stateOf(staging, [moved(staging, one)], []), 'unknown')
    assert.equal(stateOf(staging, [moved(staging, one)], [seen(dev, one), seen(staging, two)]), 'drifted')
    assert.equal(
      stateOf(staging, [moved(staging, one)], [seen(dev, one), seen(staging, undefined)]),
      'missing',
    )
  })

  test('believes a promotion more than what was seen before it, and what was seen more than what could not be', () => {
    assert.equal(stateOf(staging, [moved(staging, one, 3)], [seen(dev, one), seen(staging, two)]), 'in-step')
    const unreachable = seen(staging, undefined, 2, 'REGISTRY_UNAVAILABLE')
    assert.equal(stateOf(staging, [moved(staging, one)], [seen(dev, one), unreachable]), 'in-step')
  })

  test('ends for any promotions, circles too, and puts no place before the one it comes from unless in a circle', () => {
    const places = fc.integer({ min: 0, max: 7 }).map((number) => place('acme/shop', `t${number}`))
    fc.assert(
      fc.property(fc.array(fc.tuple(places, places), { maxLength: 20 }), (pairs) => {
        const forward = pairs.filter(([from, to]) => from.name < to.name).map(([a, b]) => edge(a, b))
        const { environments } = layOut(forward, new Map(), new Map())
        for (const { from, to } of forward)
          assert.ok(environments.indexOf(from.name) < environments.indexOf(to.name))
        const any = layOut(
          pairs.map(([a, b]) => edge(a, b)),
          new Map(),
          new Map(),
        )
        assert.equal(new Set(any.environments).size, any.environments.length)
        assert.equal(any.rows.flatMap(({ cells }) => cells).length, any.environments.length)
      }),
    )
  })
})
