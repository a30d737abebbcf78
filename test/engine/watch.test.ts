import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NOTHING_SEEN, type Seen, type Sighting, watchExecution } from '#engine'
import type { ExecutionId, Headway, MoveHeadway } from '#model'
import { layers, push } from '#support/images'
import { type Stage, setStage } from './stage.ts'

async function watch(stage: Stage, id: ExecutionId, from: Seen = NOTHING_SEEN): Promise<Sighting[]> {
  const { store, test } = stage
  const signal = AbortSignal.timeout(20_000)
  return Array.fromAsync(watchExecution({ store, changes: test.changes }, id, from, signal))
}

function linesOf(sightings: readonly Sighting[]): readonly string[] {
  return sightings.flatMap((one) => (one.kind === 'line' ? [one.line.text] : []))
}

test('whoever watches a promotion sees every line, each move to its end, and the end last', {
  timeout: 60_000,
}, async () => {
  await using stage = await setStage({ worker: false })
  const image = layers(2, 50_000)
  await push(stage.source.url, 'team/app', '1', image)
  const { id } = await stage.start(await stage.pipeline({}))
  const watched = watch(stage, id)
  await stage.work()
  const sightings = await watched
  const execution = await stage.ended(id)
  assert.deepEqual(linesOf(sightings), await stage.log(execution))
  const last = sightings.at(-1)
  assert.equal(last?.kind === 'execution' && last.execution.status, 'succeeded')

  const headways = sightings.flatMap((one): Headway[] => (one.kind === 'headway' ? [one.headway] : []))
  const moves = new Map<string, MoveHeadway>()
  for (const headway of headways)
    for (const move of headway.moves) moves.set(`${move.kind} ${move.digest}`, move)
  const sent = image.blobs.reduce((sum, { bytes }) => sum + bytes.length, 0)
  assert.deepEqual(headways.at(-1)?.bytes, { sent, total: sent })
  assert.deepEqual([headways.at(-1)?.done, headways.at(-1)?.total], [moves.size, moves.size])
  assert.deepEqual([...moves.values()].map(({ as }) => as).sort(), ['copied', 'copied', 'copied', 'tagged'])
  assert.equal(moves.get(`tag ${image.top.digest}`)?.tag, 'prod')

  for (const [cut, { seen }] of sightings.entries()) {
    const rest = await watch(stage, id, seen)
    assert.deepEqual([...linesOf(sightings.slice(0, cut + 1)), ...linesOf(rest)], linesOf(sightings))
  }
  assert.deepEqual(
    (await watch(stage, id, last?.seen)).map(({ kind }) => kind),
    ['headway'],
  )
})
