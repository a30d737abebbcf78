import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Action, Pipeline, Project, Workspace } from '#model'
import { type OpenStore, openStore } from '#store'

/** A store of its own on an embedded PostgreSQL of its own, thrown away when it is disposed of. */
export interface TestStore extends OpenStore, AsyncDisposable {
  readonly dataDir: string
  readonly masterKeyFile: string
}

/** Starts one; takes about two seconds, so share it between the tests of a file. */
export async function startStore(): Promise<TestStore> {
  const dataDir = await mkdtemp(join(tmpdir(), 'tagboat-store-'))
  const masterKeyFile = join(dataDir, 'master.key')
  const remove = () => rm(dataDir, { recursive: true, force: true })
  try {
    const open = await openStore({ database: { kind: 'embedded', dataDir }, masterKeyFile, exclusive: true })
    const close = async () => {
      await open.close()
      await remove()
    }
    return { ...open, dataDir, masterKeyFile, close, [Symbol.asyncDispose]: close }
  } catch (error) {
    await remove()
    throw error
  }
}

/** A workspace with a project and an empty pipeline, under a name that nobody else has. */
export async function makePipeline(
  { store }: Pick<OpenStore, 'store'>,
  name: string,
): Promise<{ readonly workspace: Workspace; readonly project: Project; readonly pipeline: Pipeline }> {
  const workspace = await store.workspaces.create({ domain: name, name })
  const project = await store.projects.create({
    workspaceId: workspace.id,
    name: 'shop',
    displayName: 'Shop',
    access: 'private',
  })
  const pipeline = await store.pipelines.create({
    projectId: project.id,
    name: 'Production',
    identifier: 'production',
    priority: 'normal',
    disabled: false,
    disabledReason: undefined,
    extras: {},
  })
  return { workspace, project, pipeline }
}

/** An action that promotes from one place of a registry to another; nothing of it is looked up. */
export function draftAction(pipelineId: Pipeline['id'], name = 'Promote'): Omit<Action, 'id' | 'position'> {
  const image = {
    kind: 'other' as const,
    registry: undefined,
    tag: undefined,
    integration: undefined,
    region: undefined,
    username: undefined,
    password: undefined,
  }
  return {
    pipelineId,
    name,
    type: 'promote-image',
    triggerTime: 'on-every-execution',
    disabled: false,
    ignoreErrors: false,
    promotion: {
      sameLocation: false,
      source: { ...image, image: 'one.example/app:1' },
      target: { ...image, image: 'two.example/app:1' },
    },
    extras: {},
  }
}
