import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PersonId } from '#model'
import { setStage } from './stage.ts'

test('a pipeline is no way to another one for people who may not run that', { timeout: 60_000 }, async () => {
  await using stage = await setStage()
  const { store, workspace, project } = stage
  const held = await stage.pipeline()
  const next = { project: '', pipeline: held.identifier, comment: undefined, priority: undefined }
  const first = await stage.pipeline({ type: 'run-next-pipeline', next })
  const draft = { workspaceId: workspace.id, admin: false, autoAssign: undefined }
  const { person } = await store.members.add({ ...draft, email: 'ada@example.com' })
  const failure = async (creatorId: PersonId) => {
    const { id } = await stage.start(first, { creatorId })
    return (await stage.ended(id)).actions[0]?.failure
  }

  assert.equal((await failure(person.id))?.code, 'PIPELINE_DENIED')
  const developer = (await store.permissionSets.list(workspace.id)).find(({ type }) => type === 'developer')
  assert.ok(developer)
  await store.teams.add(project.id, { person: person.id }, developer.id)
  // It has nothing to run, and is reached.
  assert.equal((await failure(person.id))?.code, 'CONFLICT')
  await store.pipelines.save({ ...held, permissions: { others: 'read-only', users: [], groups: [] } })
  assert.equal((await failure(person.id))?.code, 'PIPELINE_DENIED')
  assert.equal((await failure((await store.people.owner()).id))?.code, 'CONFLICT')
})
