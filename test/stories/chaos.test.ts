import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { TestFleet } from '#support/fleet'
import { type Image, layers, push } from '#support/images'
import type { Running } from '#support/process'
import { startReceiver } from '#support/receiver'
import { faults, startRegistry } from '#support/registry'
import { type Execution, isOver, makePipeline, PAGE_REQUEST, PIPELINE } from './page.ts'

const REPOSITORY = 'my-gcp-project/my-repo/myapp'
const PROMOTIONS = 100
const KILLS = 10
const EVERY_MS = 3000
/** More than there will be: whoever asks again because no answer came may have been heard the first time. */
const IMAGES = PROMOTIONS + 20

/** The same choices for the same seed (mulberry32). */
function chance(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

/** Kills a worker every three seconds and starts another in its place; connections to the database are cut now and then. */
class Chaos {
  readonly #fleet: TestFleet
  readonly #choose: (below: number) => number
  readonly #living: Running[]
  readonly #hiring: Promise<void>[] = []
  kills = 0
  cuts = 0

  constructor(fleet: TestFleet, choose: (below: number) => number) {
    this.#fleet = fleet
    this.#choose = choose
    this.#living = [...fleet.workers]
  }

  /** Whoever was not killed, and is to be alive at the end. */
  get living(): readonly Running[] {
    return this.#living
  }

  async rage(): Promise<void> {
    for (; this.kills < KILLS; this.kills++) {
      const next = sleep(EVERY_MS)
      if (this.#choose(2) === 0) await this.#cut()
      // Where starts are slower than kills, somebody is to be there to be killed.
      if (this.#living.length < 2) await Promise.all(this.#hiring)
      const [victim] = this.#living.splice(this.#choose(this.#living.length), 1)
      victim?.kill('SIGKILL')
      this.#hiring.push(this.#hire())
      await next
    }
    await Promise.all(this.#hiring)
  }

  /** One that loses its database before it works says so and ends, and another is started, as by any supervisor. */
  async #hire(): Promise<void> {
    const started = this.#fleet.hire()
    const worker = this.#fleet.workers.at(-1)
    try {
      this.#living.push(await started)
    } catch {
      assert.match(
        (await worker?.finished)?.stderr ?? '',
        /the data \(TAGBOAT_DATABASE_URL\) cannot be opened/,
      )
      await this.#hire()
    }
  }

  async #cut(): Promise<void> {
    this.cuts += 1
    const client = new pg.Client(this.#fleet.postgres.connection)
    await client.connect()
    await client.query(
      'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
    )
    await client.end()
  }
}

async function makeStage(seed: number) {
  const parts = new AsyncDisposableStack()
  const [hub, artifacts] = await Promise.all([startRegistry(), startRegistry()])
  parts.defer(async () => void (await Promise.all([hub.close(), artifacts.close()])))
  const images: Image[] = []
  for (let number = 1; number <= IMAGES; number++) {
    const image = layers(2, 5000, `chaos ${number}`)
    images.push(image)
    await push(hub.url, 'mycompany/myapp', `v${number}`, image)
  }
  const hook = parts.use(await startReceiver())
  const fleet = parts.use(
    await TestFleet.start(3, {
      TAGBOAT_ENDPOINTS: `docker.io=${hub.url},us-central1-docker.pkg.dev=${artifacts.url}`,
      TAGBOAT_ALLOW_ADDRESSES: hook.address,
      TAGBOAT_LEASE_MS: '1500',
      TAGBOAT_MAX_RECOVERIES: '100',
    }),
  )
  await makePipeline(fleet.service)
  await fleet.service.call('PATCH', PIPELINE, { concurrent_pipeline_runs: true })
  const action = PAGE_REQUEST.replace('myapp:latest', 'myapp:v$BUDDY_RUN_ID').replace(
    'myapp:production',
    'myapp:p$BUDDY_RUN_ID',
  )
  await fleet.service.call('POST', `${PIPELINE}/actions`, action)
  const told = { target_url: hook.url, events: ['EXECUTION_FINISHED'] }
  assert.equal((await fleet.service.call('POST', '/workspaces/mycompany/webhooks', told)).status, 201)
  // So that whoever is killed is always in the middle of something.
  artifacts.fault({ method: 'PUT', path: /\/blobs\/uploads\// }, faults.delay(800))
  const chaos = new Chaos(fleet, chance(seed))
  return { hub, artifacts, images, hook, fleet, chaos, [Symbol.asyncDispose]: () => parts.disposeAsync() }
}

type Stage = Awaited<ReturnType<typeof makeStage>>

/** Asks for all of them, spread over the time that it lasts; where no answer comes, again. */
async function ask({ fleet }: Stage): Promise<void> {
  for (let asked = 0; asked < PROMOTIONS; asked++) {
    const next = sleep((KILLS * EVERY_MS) / PROMOTIONS)
    for (let status = 0; status !== 200; ) {
      const answer = await fleet.service.call('POST', `${PIPELINE}/executions`)
      status = answer.status
      assert.ok(status === 200 || status >= 500, answer.text)
    }
    await next
  }
}

/** Every one that there is, at its end. Numbers are counted without gaps. */
async function end({ fleet }: Stage): Promise<readonly Execution[]> {
  const executions: Execution[] = []
  for (let number = 1; ; number++) {
    const path = `${PIPELINE}/executions/${number}`
    if ((await fleet.service.call('GET', path)).status === 404) return executions
    const over = fleet.service.until<Execution>(path, isOver)
    executions.push(
      await over.catch((error) => assert.fail(`${error.message.slice(0, 300)}\n${saidBy(fleet, number)}`)),
    )
  }
}

/** What all workers said of an execution. */
function saidBy({ workers }: TestFleet, execution: number): string {
  const said = workers.flatMap((worker) =>
    worker
      .stdout()
      .split('\n')
      .map((line) => `${worker.pid} ${line}`),
  )
  return said.filter((line) => line.includes(`"execution":${execution},`)).join('\n')
}

test('a hundred promotions on three workers, while one is killed every three seconds and connections are cut: each succeeds, once', {
  timeout: 240_000,
}, async (t: TestContext) => {
  const seed = Number(process.env.CHAOS_SEED ?? Date.now() % 1_000_000)
  t.diagnostic(`CHAOS_SEED=${seed}`)
  await using stage = await makeStage(seed)
  const { artifacts, images, fleet, chaos } = stage
  await Promise.all([chaos.rage(), ask(stage)])
  const executions = await end(stage)

  t.diagnostic(`${executions.length} runs, ${chaos.kills} kills, connections cut ${chaos.cuts} times`)
  assert.ok(executions.length >= PROMOTIONS)
  const { body } = await fleet.service.call<{ executions: { id: number }[] }>(
    'GET',
    `${PIPELINE}/executions?per_page=1`,
  )
  assert.equal(body.executions[0]?.id, executions.length, 'counted without gaps')
  for (const { id, status, finish_date, action_executions } of executions) {
    assert.equal(status, 'SUCCESSFUL', `${id}: ${action_executions[0]?.error_message}`)
    const digest = images[id - 1]?.top.digest
    assert.equal(artifacts.getManifest(REPOSITORY, `p${id}`)?.digest, digest)
    assert.equal(action_executions[0]?.promotion?.digest, digest)
    const puts = artifacts.find({ method: 'PUT', path: new RegExp(`/manifests/p${id}$`) })
    assert.equal(puts.filter((put) => put.status === 201).length, 1, `the tag of ${id} is put once`)
    assert.ok(puts.every(({ at }) => at <= Date.parse(finish_date ?? '')))
  }
  await toldOnce(stage, executions.length)
  for (const worker of [fleet.service.process, ...chaos.living])
    assert.equal(await Promise.race([worker.finished, 'lives']), 'lives', 'nobody else fell over')
})

/** Each end is one event: told perhaps twice, under one id. */
async function toldOnce({ hook }: Stage, runs: number): Promise<void> {
  const told = new Map<number, Set<string>>()
  for (let count = 1; told.size < runs; count++) {
    const late = sleep(60_000, [], { ref: false })
    const { headers, body } =
      (await Promise.race([hook.until(count), late]))[count - 1] ?? assert.fail('not all was told')
    const { id, status } = body.execution
    assert.equal(status, 'SUCCESSFUL')
    told.set(id, (told.get(id) ?? new Set()).add(headers['webhook-id'] ?? ''))
  }
  assert.ok([...told.values()].every((events) => events.size === 1))
}
