import { ACTION } from './api.ts'

type Keys = ReadonlyMap<string, string | number>

export const base64 = (text: string): string => Buffer.from(text).toString('base64')
const TEXT = base64('- {pipeline: text, actions: [{action: a, type: WAIT_FOR_APPLY}]}')

/** Bodies that are taken, by operation, where a schema alone hardly ever makes one. `keys` say what is there to be named. */
export function bodiesFor(keys: Keys): Readonly<Record<string, object>> {
  const permission_set = { id: keys.get('set') }
  const project = keys.get('project')
  return {
    addAction: ACTION,
    editAction: ACTION,
    addWorkspace: { domain: 'other', name: 'Other' },
    editWorkspace: { name: 'Other' },
    addProject: { display_name: 'Next', integration: { hash_id: keys.get('integration') } },
    editProject: { display_name: 'Other' },
    addPipeline: { name: 'Next' },
    editPipeline: { name: 'Other' },
    addIntegration: {
      name: 'G',
      identifier: 'g',
      type: 'GIT_HUB',
      token: 't',
      scope: 'PROJECT',
      project_name: project,
    },
    editIntegration: { name: 'Other' },
    addToken: {
      name: 't',
      expires_in: 1,
      scopes: ['WORKSPACE'],
      workspace_restrictions: [keys.get('workspace')],
    },
    addWebhook: { target_url: 'https://hook.example/x', events: ['PUSH'], projects: [project] },
    editWebhook: { target_url: 'https://hook.example/y', events: ['EXECUTION_FAILED'] },
    operateExecution: { operation: 'CANCEL' },
    runPipeline: { comment: 'c', priority: 'HIGH' },
    planPipeline: {},
    triggerExecutionByPush: { push_data: { tag: '1' }, repository: { repo_name: 'acme/app' } },
    triggerPostExecution: { comment: 'c', VERSION: '1' },
    addVariable: { key: 'A', value: 'v', type: 'FILE', project: { name: project } },
    editVariable: { value: 'w' },
    applyPipelines: { yaml: TEXT },
    tryPipelines: { yaml: TEXT },
    applyPipeline: { yaml: base64('- {pipeline: one}') },
    previewPipelineSchedule: { cron: '* * * * *' },
    tryPipeline: { yaml: base64('- {pipeline: one}') },
    addMember: { email: 'grace@example.com' },
    editMember: { admin: true },
    addMemberToken: { name: 't', expires_in: 1, scopes: ['WORKSPACE'] },
    addGroup: { name: 'Group', description: 'd' },
    editGroup: { description: 'e' },
    addPermissionSet: { name: 'Set', pipeline_access_level: 'RUN_ONLY' },
    editPermissionSet: { name: 'Other' },
    addGroupMember: { id: keys.get('member'), status: 'MANAGER' },
    editGroupMember: { status: 'MANAGER' },
    addProjectMember: { id: keys.get('member'), permission_set },
    addProjectGroup: { id: keys.get('group'), permission_set },
    editProjectMember: { permission_set },
    editProjectGroup: { permission_set },
  }
}
