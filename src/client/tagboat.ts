// Made of docs/openapi.json by scripts/client.ts: npm run docs makes it anew.
import { type CallOptions, type ClientOptions, Connection, pages } from './connection.ts'
import type { ServerEvent } from './events.ts'
import type {
  ActionExecution,
  AddActionBody,
  AddGroupBody,
  AddGroupMemberBody,
  AddIntegrationBody,
  AddMemberBody,
  AddMemberTokenBody,
  AddPermissionSetBody,
  AddPipelineBody,
  AddProjectBody,
  AddProjectGroupBody,
  AddProjectMemberBody,
  AddTokenBody,
  AddVariableBody,
  AddWebhookBody,
  AddWorkspaceBody,
  ApplyPipelineBody,
  ApplyPipelinesAnswer,
  ApplyPipelinesBody,
  AtAction,
  AtActionExecution,
  AtExecution,
  AtGroup,
  AtGroupMember,
  AtIntegration,
  AtMember,
  AtPipeline,
  AtProject,
  AtProjectGroup,
  AtProjectMember,
  AtRanAction,
  AtSet,
  AtToken,
  AtVariable,
  AtWebhook,
  AtWorkspace,
  EditActionBody,
  EditGroupBody,
  EditGroupMemberBody,
  EditIntegrationBody,
  EditMemberBody,
  EditPermissionSetBody,
  EditPipelineBody,
  EditProfileBody,
  EditProjectBody,
  EditProjectGroupBody,
  EditProjectMemberBody,
  EditVariableBody,
  EditWebhookBody,
  EditWorkspaceBody,
  Execution,
  FullAction,
  FullMember,
  GetActionExecutionLogAnswer,
  GetActionExecutionLogQuery,
  GetActionLogAnswer,
  GetHealthAnswer,
  GetIdentifiersAnswer,
  GetIdentifiersQuery,
  GetProjectBoardAnswer,
  GetReadinessAnswer,
  GetServiceAnswer,
  Group,
  GroupMember,
  Integration,
  ListActionsAnswer,
  ListActionsQuery,
  ListApprovalsAnswer,
  ListApprovalsQuery,
  ListExecutionsAnswer,
  ListExecutionsQuery,
  ListGroupMembersAnswer,
  ListGroupMembersQuery,
  ListGroupsAnswer,
  ListGroupsQuery,
  ListIntegrationsAnswer,
  ListIntegrationsQuery,
  ListMembersAnswer,
  ListMembersQuery,
  ListPermissionSetsAnswer,
  ListPermissionSetsQuery,
  ListPipelinesAnswer,
  ListPipelinesQuery,
  ListProjectGroupsAnswer,
  ListProjectGroupsQuery,
  ListProjectHistoryAnswer,
  ListProjectHistoryQuery,
  ListProjectMembersAnswer,
  ListProjectMembersQuery,
  ListProjectsAnswer,
  ListProjectsQuery,
  ListTokensAnswer,
  ListTokensQuery,
  ListUserIntegrationsAnswer,
  ListUserIntegrationsQuery,
  ListVariablesAnswer,
  ListVariablesQuery,
  ListWebhooksAnswer,
  ListWebhooksQuery,
  ListWorkspacesAnswer,
  ListWorkspacesQuery,
  MakePipelineTriggerKeyAnswer,
  OperateExecutionBody,
  PermissionSet,
  Pipeline,
  PipelinesAsYaml,
  PipelinesChange,
  PlanPipelineAnswer,
  PreviewPipelineScheduleAnswer,
  PreviewPipelineScheduleBody,
  Profile,
  Project,
  ProjectGroup,
  ProjectMember,
  Run,
  ShortExecution,
  TestIntegrationAnswer,
  TestIntegrationBody,
  Token,
  TriggerExecutionByPushAnswer,
  TriggerExecutionByPushQuery,
  TriggerGetExecutionQuery,
  TriggerPostExecutionQuery,
  TryPipelineBody,
  TryPipelinesBody,
  Variable,
  Webhook,
  Workspace,
} from './types.ts'

/** Every operation of the API, by the name that its description has for it. */
export class Tagboat {
  readonly #connection: Connection

  constructor(options: ClientOptions) {
    this.#connection = new Connection(options)
  }

  /** Whether the process answers. `GET /health` */
  getHealth(options: CallOptions = {}): Promise<GetHealthAnswer> {
    return this.#connection.call('GET', '/health', {}, options)
  }

  /** Whether the service can do its work. `GET /ready` */
  getReadiness(options: CallOptions = {}): Promise<GetReadinessAnswer> {
    return this.#connection.call('GET', '/ready', {}, options)
  }

  /** What this is; browsers are led to the pages. `GET /` */
  getService(options: CallOptions = {}): Promise<GetServiceAnswer> {
    return this.#connection.call('GET', '/', {}, options)
  }

  /** An execution as it goes on: server-sent events, which Last-Event-ID resumes. `GET /workspaces/{workspace}/projects/{project}/pipelines/{pipeline}/executions/{execution}/events` */
  watchExecution(at: AtExecution, options: CallOptions = {}): AsyncIterable<ServerEvent> {
    return this.#connection.watch(
      '/workspaces/{workspace}/projects/{project}/pipelines/{pipeline}/executions/{execution}/events',
      { at },
      options,
    )
  }

  /** Who asks. `GET /user` */
  getProfile(options: CallOptions = {}): Promise<Profile> {
    return this.#connection.call('GET', '/user', {}, options)
  }

  /** Change one's name. `PATCH /user` */
  editProfile(body: EditProfileBody, options: CallOptions = {}): Promise<Profile> {
    return this.#connection.call('PATCH', '/user', { body }, options)
  }

  /** The workspaces that the token may see. `GET /workspaces` */
  listWorkspaces(query: ListWorkspacesQuery = {}, options: CallOptions = {}): Promise<ListWorkspacesAnswer> {
    return this.#connection.call('GET', '/workspaces', { query }, options)
  }

  /** All of listWorkspaces, page by page. */
  eachWorkspace(
    query: Omit<ListWorkspacesQuery, 'page'> = {},
    options: CallOptions = {},
  ): AsyncIterable<ListWorkspacesAnswer['workspaces'][number]> {
    return pages(async (page) => (await this.listWorkspaces({ ...query, page }, options)).workspaces)
  }

  /** Make a workspace. `POST /workspaces` */
  addWorkspace(body: AddWorkspaceBody, options: CallOptions = {}): Promise<Workspace> {
    return this.#connection.call('POST', '/workspaces', { body }, options)
  }

  /** One workspace. `GET /workspaces/{workspace}` */
  getWorkspace(at: AtWorkspace, options: CallOptions = {}): Promise<Workspace> {
    return this.#connection.call('GET', '/workspaces/{workspace}', { at }, options)
  }

  /** Rename a workspace. `PATCH /workspaces/{workspace}` */
  editWorkspace(at: AtWorkspace, body: EditWorkspaceBody, options: CallOptions = {}): Promise<Workspace> {
    return this.#connection.call('PATCH', '/workspaces/{workspace}', { at, body }, options)
  }

  /** Remove a workspace and all that is in it. `DELETE /workspaces/{workspace}` */
  deleteWorkspace(at: AtWorkspace, options: CallOptions = {}): Promise<void> {
    return this.#connection.call('DELETE', '/workspaces/{workspace}', { at }, options)
  }

  /** Look up what is called so. `GET /workspaces/{workspace}/identifiers` */
  getIdentifiers(
    at: AtWorkspace,
    query: GetIdentifiersQuery = {},
    options: CallOptions = {},
  ): Promise<GetIdentifiersAnswer> {
    return this.#connection.call('GET', '/workspaces/{workspace}/identifiers', { at, query }, options)
  }

  /** Who is in a workspace. `GET /workspaces/{workspace}/members` */
  listMembers(
    at: AtWorkspace,
    query: ListMembersQuery = {},
    options: CallOptions = {},
  ): Promise<ListMembersAnswer> {
    return this.#connection.call('GET', '/workspaces/{workspace}/members', { at, query }, options)
  }

  /** All of listMembers, page by page. */
  eachMember(
    at: AtWorkspace,
    query: Omit<ListMembersQuery, 'page'> = {},
    options: CallOptions = {},
  ): AsyncIterable<ListMembersAnswer['members'][number]> {
    return pages(async (page) => (await this.listMembers(at, { ...query, page }, options)).members)
  }

  /** Let somebody in, by their email; they have no token yet. `POST /workspaces/{workspace}/members` */
  addMember(at: AtWorkspace, body: AddMemberBody, options: CallOptions = {}): Promise<FullMember> {
    return this.#connection.call('POST', '/workspaces/{workspace}/members', { at, body }, options)
  }

  /** One member. `GET /workspaces/{workspace}/members/{member}` */
  getMember(at: AtMember, options: CallOptions = {}): Promise<FullMember> {
    return this.#connection.call('GET', '/workspaces/{workspace}/members/{member}', { at }, options)
  }

  /** Say whether a member is an admin, and what they get in new projects. `PATCH /workspaces/{workspace}/members/{member}` */
  editMember(at: AtMember, body: EditMemberBody, options: CallOptions = {}): Promise<FullMember> {
    return this.#connection.call('PATCH', '/workspaces/{workspace}/members/{member}', { at, body }, options)
  }

  /** Put a member out, of groups and projects too: from their next request on they see nothing here. `DELETE /workspaces/{workspace}/members/{member}` */
  deleteMember(at: AtMember, options: CallOptions = {}): Promise<void> {
    return this.#connection.call('DELETE', '/workspaces/{workspace}/members/{member}', { at }, options)
  }

  /** Make a token for a member, for this workspace alone; it may no more than the one that asks, and no more than the member. `POST /workspaces/{workspace}/members/{member}/tokens` */
  addMemberToken(at: AtMember, body: AddMemberTokenBody, options: CallOptions = {}): Promise<Token> {
    return this.#connection.call(
      'POST',
      '/workspaces/{workspace}/members/{member}/tokens',
      { at, body },
      options,
    )
  }

  /** A workspace's groups. `GET /workspaces/{workspace}/groups` */
  listGroups(
    at: AtWorkspace,
    query: ListGroupsQuery = {},
    options: CallOptions = {},
  ): Promise<ListGroupsAnswer> {
    return this.#connection.call('GET', '/workspaces/{workspace}/groups', { at, query }, options)
  }

  /** All of listGroups, page by page. */
  eachGroup(
    at: AtWorkspace,
    query: Omit<ListGroupsQuery, 'page'> = {},
    options: CallOptions = {},
  ): AsyncIterable<ListGroupsAnswer['groups'][number]> {
    return pages(async (page) => (await this.listGroups(at, { ...query, page }, options)).groups)
  }

  /** Make a group. `POST /workspaces/{workspace}/groups` */
  addGroup(at: AtWorkspace, body: AddGroupBody, options: CallOptions = {}): Promise<Group> {
    return this.#connection.call('POST', '/workspaces/{workspace}/groups', { at, body }, options)
  }

  /** One group. `GET /workspaces/{workspace}/groups/{group}` */
  getGroup(at: AtGroup, options: CallOptions = {}): Promise<Group> {
    return this.#connection.call('GET', '/workspaces/{workspace}/groups/{group}', { at }, options)
  }

  /** Change a group. `PATCH /workspaces/{workspace}/groups/{group}` */
  editGroup(at: AtGroup, body: EditGroupBody, options: CallOptions = {}): Promise<Group> {
    return this.#connection.call('PATCH', '/workspaces/{workspace}/groups/{group}', { at, body }, options)
  }

  /** Remove a group; what its members had by it they have no longer. `DELETE /workspaces/{workspace}/groups/{group}` */
  deleteGroup(at: AtGroup, options: CallOptions = {}): Promise<void> {
    return this.#connection.call('DELETE', '/workspaces/{workspace}/groups/{group}', { at }, options)
  }

  /** Who is in a group. `GET /workspaces/{workspace}/groups/{group}/members` */
  listGroupMembers(
    at: AtGroup,
    query: ListGroupMembersQuery = {},
    options: CallOptions = {},
  ): Promise<ListGroupMembersAnswer> {
    return this.#connection.call(
      'GET',
      '/workspaces/{workspace}/groups/{group}/members',
      { at, query },
      options,
    )
  }

  /** All of listGroupMembers, page by page. */
  eachGroupMember(
    at: AtGroup,
    query: Omit<ListGroupMembersQuery, 'page'> = {},
    options: CallOptions = {},
  ): AsyncIterable<ListGroupMembersAnswer['members'][number]> {
    return pages(async (page) => (await this.listGroupMembers(at, { ...query, page }, options)).members)
  }

  /** Put a member into a group. `POST /workspaces/{workspace}/groups/{group}/members` */
  addGroupMember(at: AtGroup, body: AddGroupMemberBody, options: CallOptions = {}): Promise<GroupMember> {
    return this.#connection.call(
      'POST',
      '/workspaces/{workspace}/groups/{group}/members',
      { at, body },
      options,
    )
  }

  /** One member of a group. `GET /workspaces/{workspace}/groups/{group}/members/{groupMember}` */
  getGroupMember(at: AtGroupMember, options: CallOptions = {}): Promise<GroupMember> {
    return this.#connection.call(
      'GET',
      '/workspaces/{workspace}/groups/{group}/members/{groupMember}',
      { at },
      options,
    )
  }

  /** Say what somebody is in a group. `PATCH /workspaces/{workspace}/groups/{group}/members/{groupMember}` */
  editGroupMember(
    at: AtGroupMember,
    body: EditGroupMemberBody,
    options: CallOptions = {},
  ): Promise<GroupMember> {
    return this.#connection.call(
      'PATCH',
      '/workspaces/{workspace}/groups/{group}/members/{groupMember}',
      { at, body },
      options,
    )
  }

  /** Take a member out of a group. `DELETE /workspaces/{workspace}/groups/{group}/members/{groupMember}` */
  deleteGroupMember(at: AtGroupMember, options: CallOptions = {}): Promise<void> {
    return this.#connection.call(
      'DELETE',
      '/workspaces/{workspace}/groups/{group}/members/{groupMember}',
      { at },
      options,
    )
  }

  /** What can be allowed to people in projects, the three built-in sets first. `GET /workspaces/{workspace}/permissions` */
  listPermissionSets(
    at: AtWorkspace,
    query: ListPermissionSetsQuery = {},
    options: CallOptions = {},
  ): Promise<ListPermissionSetsAnswer> {
    return this.#connection.call('GET', '/workspaces/{workspace}/permissions', { at, query }, options)
  }

  /** All of listPermissionSets, page by page. */
  eachPermissionSet(
    at: AtWorkspace,
    query: Omit<ListPermissionSetsQuery, 'page'> = {},
    options: CallOptions = {},
  ): AsyncIterable<ListPermissionSetsAnswer['permission_sets'][number]> {
    return pages(
      async (page) => (await this.listPermissionSets(at, { ...query, page }, options)).permission_sets,
    )
  }

  /** Make a permission set. `POST /workspaces/{workspace}/permissions` */
  addPermissionSet(
    at: AtWorkspace,
    body: AddPermissionSetBody,
    options: CallOptions = {},
  ): Promise<PermissionSet> {
    return this.#connection.call('POST', '/workspaces/{workspace}/permissions', { at, body }, options)
  }

  /** One permission set. `GET /workspaces/{workspace}/permissions/{set}` */
  getPermissionSet(at: AtSet, options: CallOptions = {}): Promise<PermissionSet> {
    return this.#connection.call('GET', '/workspaces/{workspace}/permissions/{set}', { at }, options)
  }

  /** Change a permission set, for all who have it. `PATCH /workspaces/{workspace}/permissions/{set}` */
  editPermissionSet(
    at: AtSet,
    body: EditPermissionSetBody,
    options: CallOptions = {},
  ): Promise<PermissionSet> {
    return this.#connection.call('PATCH', '/workspaces/{workspace}/permissions/{set}', { at, body }, options)
  }

  /** Remove a permission set that nobody has. `DELETE /workspaces/{workspace}/permissions/{set}` */
  deletePermissionSet(at: AtSet, options: CallOptions = {}): Promise<void> {
    return this.#connection.call('DELETE', '/workspaces/{workspace}/permissions/{set}', { at }, options)
  }

  /** A workspace's projects. `GET /workspaces/{workspace}/projects` */
  listProjects(
    at: AtWorkspace,
    query: ListProjectsQuery = {},
    options: CallOptions = {},
  ): Promise<ListProjectsAnswer> {
    return this.#connection.call('GET', '/workspaces/{workspace}/projects', { at, query }, options)
  }

  /** All of listProjects, page by page. */
  eachProject(
    at: AtWorkspace,
    query: Omit<ListProjectsQuery, 'page'> = {},
    options: CallOptions = {},
  ): AsyncIterable<ListProjectsAnswer['projects'][number]> {
    return pages(async (page) => (await this.listProjects(at, { ...query, page }, options)).projects)
  }

  /** Make a project. `POST /workspaces/{workspace}/projects` */
  addProject(at: AtWorkspace, body: AddProjectBody, options: CallOptions = {}): Promise<Project> {
    return this.#connection.call('POST', '/workspaces/{workspace}/projects', { at, body }, options)
  }

  /** One project. `GET /workspaces/{workspace}/projects/{project}` */
  getProject(at: AtProject, options: CallOptions = {}): Promise<Project> {
    return this.#connection.call('GET', '/workspaces/{workspace}/projects/{project}', { at }, options)
  }

  /** Change a project. `PATCH /workspaces/{workspace}/projects/{project}` */
  editProject(at: AtProject, body: EditProjectBody, options: CallOptions = {}): Promise<Project> {
    return this.#connection.call('PATCH', '/workspaces/{workspace}/projects/{project}', { at, body }, options)
  }

  /** Remove a project and its pipelines. `DELETE /workspaces/{workspace}/projects/{project}` */
  deleteProject(at: AtProject, options: CallOptions = {}): Promise<void> {
    return this.#connection.call('DELETE', '/workspaces/{workspace}/projects/{project}', { at }, options)
  }

  /** The members of a project. `GET /workspaces/{workspace}/projects/{project}/members` */
  listProjectMembers(
    at: AtProject,
    query: ListProjectMembersQuery = {},
    options: CallOptions = {},
  ): Promise<ListProjectMembersAnswer> {
    return this.#connection.call(
      'GET',
      '/workspaces/{workspace}/projects/{project}/members',
      { at, query },
      options,
    )
  }

  /** All of listProjectMembers, page by page. */
  eachProjectMember(
    at: AtProject,
    query: Omit<ListProjectMembersQuery, 'page'> = {},
    options: CallOptions = {},
  ): AsyncIterable<ListProjectMembersAnswer['members'][number]> {
    return pages(async (page) => (await this.listProjectMembers(at, { ...query, page }, options)).members)
  }

  /** Put a member of the workspace into a project. `POST /workspaces/{workspace}/projects/{project}/members` */
  addProjectMember(
    at: AtProject,
    body: AddProjectMemberBody,
    options: CallOptions = {},
  ): Promise<ProjectMember> {
    return this.#connection.call(
      'POST',
      '/workspaces/{workspace}/projects/{project}/members',
      { at, body },
      options,
    )
  }

  /** One member of a project. `GET /workspaces/{workspace}/projects/{project}/members/{projectMember}` */
  getProjectMember(at: AtProjectMember, options: CallOptions = {}): Promise<ProjectMember> {
    return this.#connection.call(
      'GET',
      '/workspaces/{workspace}/projects/{project}/members/{projectMember}',
      { at },
      options,
    )
  }

  /** Say what a member may do in a project. `PATCH /workspaces/{workspace}/projects/{project}/members/{projectMember}` */
  editProjectMember(
    at: AtProjectMember,
    body: EditProjectMemberBody,
    options: CallOptions = {},
  ): Promise<ProjectMember> {
    return this.#connection.call(
      'PATCH',
      '/workspaces/{workspace}/projects/{project}/members/{projectMember}',
      { at, body },
      options,
    )
  }

  /** Take a member out of a project. `DELETE /workspaces/{workspace}/projects/{project}/members/{projectMember}` */
  deleteProjectMember(at: AtProjectMember, options: CallOptions = {}): Promise<void> {
    return this.#connection.call(
      'DELETE',
      '/workspaces/{workspace}/projects/{project}/members/{projectMember}',
      { at },
      options,
    )
  }

  /** The groups of a project. `GET /workspaces/{workspace}/projects/{project}/groups` */
  listProjectGroups(
    at: AtProject,
    query: ListProjectGroupsQuery = {},
    options: CallOptions = {},
  ): Promise<ListProjectGroupsAnswer> {
    return this.#connection.call(
      'GET',
      '/workspaces/{workspace}/projects/{project}/groups',
      { at, query },
      options,
    )
  }

  /** All of listProjectGroups, page by page. */
  eachProjectGroup(
    at: AtProject,
    query: Omit<ListProjectGroupsQuery, 'page'> = {},
    options: CallOptions = {},
  ): AsyncIterable<ListProjectGroupsAnswer['groups'][number]> {
    return pages(async (page) => (await this.listProjectGroups(at, { ...query, page }, options)).groups)
  }

  /** Put a group of the workspace into a project. `POST /workspaces/{workspace}/projects/{project}/groups` */
  addProjectGroup(
    at: AtProject,
    body: AddProjectGroupBody,
    options: CallOptions = {},
  ): Promise<ProjectGroup> {
    return this.#connection.call(
      'POST',
      '/workspaces/{workspace}/projects/{project}/groups',
      { at, body },
      options,
    )
  }

  /** One group of a project. `GET /workspaces/{workspace}/projects/{project}/groups/{projectGroup}` */
  getProjectGroup(at: AtProjectGroup, options: CallOptions = {}): Promise<ProjectGroup> {
    return this.#connection.call(
      'GET',
      '/workspaces/{workspace}/projects/{project}/groups/{projectGroup}',
      { at },
      options,
    )
  }

  /** Say what a group may do in a project. `PATCH /workspaces/{workspace}/projects/{project}/groups/{projectGroup}` */
  editProjectGroup(
    at: AtProjectGroup,
    body: EditProjectGroupBody,
    options: CallOptions = {},
  ): Promise<ProjectGroup> {
    return this.#connection.call(
      'PATCH',
      '/workspaces/{workspace}/projects/{project}/groups/{projectGroup}',
      { at, body },
      options,
    )
  }

  /** Take a group out of a project. `DELETE /workspaces/{workspace}/projects/{project}/groups/{projectGroup}` */
  deleteProjectGroup(at: AtProjectGroup, options: CallOptions = {}): Promise<void> {
    return this.#connection.call(
      'DELETE',
      '/workspaces/{workspace}/projects/{project}/groups/{projectGroup}',
      { at },
      options,
    )
  }

  /** A project's pipelines. `GET /workspaces/{workspace}/projects/{project}/pipelines` */
  listPipelines(
    at: AtProject,
    query: ListPipelinesQuery = {},
    options: CallOptions = {},
  ): Promise<ListPipelinesAnswer> {
    return this.#connection.call(
      'GET',
      '/workspaces/{workspace}/projects/{project}/pipelines',
      { at, query },
      options,
    )
  }

  /** All of listPipelines, page by page. */
  eachPipeline(
    at: AtProject,
    query: Omit<ListPipelinesQuery, 'page'> = {},
    options: CallOptions = {},
  ): AsyncIterable<ListPipelinesAnswer['pipelines'][number]> {
    return pages(async (page) => (await this.listPipelines(at, { ...query, page }, options)).pipelines)
  }

  /** Make a pipeline. `POST /workspaces/{workspace}/projects/{project}/pipelines` */
  addPipeline(at: AtProject, body: AddPipelineBody, options: CallOptions = {}): Promise<Pipeline> {
    return this.#connection.call(
      'POST',
      '/workspaces/{workspace}/projects/{project}/pipelines',
      { at, body },
      options,
    )
  }

  /** One pipeline with its actions. `GET /workspaces/{workspace}/projects/{project}/pipelines/{pipeline}` */
  getPipeline(at: AtPipeline, options: CallOptions = {}): Promise<Pipeline> {
    return this.#connection.call(
      'GET',
      '/workspaces/{workspace}/projects/{project}/pipelines/{pipeline}',
      { at },
      options,
    )
  }

  /** Change a pipeline; with yaml into what that says, whatever else is sent. `PATCH /workspaces/{workspace}/projects/{project}/pipelines/{pipeline}` */
  editPipeline(at: AtPipeline, body: EditPipelineBody, options: CallOptions = {}): Promise<Pipeline> {
    return this.#connection.call(
      'PATCH',
      '/workspaces/{workspace}/projects/{project}/pipelines/{pipeline}',
      { at, body },
      options,
    )
  }

  /** Remove a pipeline and its executions. `DELETE /workspaces/{workspace}/projects/{project}/pipelines/{pipeline}` */
  deletePipeline(at: AtPipeline, options: CallOptions = {}): Promise<void> {
    return this.#connection.call(
      'DELETE',
      '/workspaces/{workspace}/projects/{project}/pipelines/{pipeline}',
      { at },
      options,
    )
  }

  /** When a schedule is due next, 3 times at most; nothing is kept. `POST /workspaces/{workspace}/projects/{project}/pipelines/next_runs` */
  previewPipelineSchedule(
    at: AtProject,
    body: PreviewPipelineScheduleBody,
    options: CallOptions = {},
  ): Promise<PreviewPipelineScheduleAnswer> {
    return this.#connection.call(
      'POST',
      '/workspaces/{workspace}/projects/{project}/pipelines/next_runs',
      { at, body },
      options,
    )
  }

  /** A project's pipelines as a buddy.yml, without secrets; the same as ?yaml=true of their list. `GET /workspaces/{workspace}/projects/{project}/pipelines/yaml` */
  exportPipelines(at: AtProject, options: CallOptions = {}): Promise<PipelinesAsYaml> {
    return this.#connection.call(
      'GET',
      '/workspaces/{workspace}/projects/{project}/pipelines/yaml',
      { at },
      options,
    )
  }

  /** Make the pipelines of a buddy.yml, or change those that there are into what it says. `POST /workspaces/{workspace}/projects/{project}/pipelines/yaml` */
  applyPipelines(
    at: AtProject,
    body: ApplyPipelinesBody,
    options: CallOptions = {},
  ): Promise<ApplyPipelinesAnswer> {
    return this.#connection.call(
      'POST',
      '/workspaces/{workspace}/projects/{project}/pipelines/yaml',
      { at, body },
      options,
    )
  }

  /** What a buddy.yml would change, as the text of its pipelines now and then; nothing is changed. `POST /workspaces/{workspace}/projects/{project}/pipelines/yaml/dry_run` */
  tryPipelines(at: AtProject, body: TryPipelinesBody, options: CallOptions = {}): Promise<PipelinesChange> {
    return this.#connection.call(
      'POST',
      '/workspaces/{workspace}/projects/{project}/pipelines/yaml/dry_run',
      { at, body },
      options,
    )
  }

  /** What a buddy.yml would change of this pipeline, as its text now and then; nothing is changed. `POST /workspaces/{workspace}/projects/{project}/pipelines/{pipeline}/yaml/dry_run` */
  tryPipeline(at: AtPipeline, body: TryPipelineBody, options: CallOptions = {}): Promise<PipelinesChange> {
    return this.#connection.call(
      'POST',
      '/workspaces/{workspace}/projects/{project}/pipelines/{pipeline}/yaml/dry_run',
      { at, body },
      options,
    )
  }

  /** One pipeline as a buddy.yml, without secrets; the same as its ?yaml=true. `GET /workspaces/{workspace}/projects/{project}/pipelines/{pipeline}/yaml` */
  exportPipeline(at: AtPipeline, options: CallOptions = {}): Promise<PipelinesAsYaml> {
    return this.#connection.call(
      'GET',
      '/workspaces/{workspace}/projects/{project}/pipelines/{pipeline}/yaml',
      { at },
      options,
    )
  }

  /** Change a pipeline into what a buddy.yml says. `PATCH /workspaces/{workspace}/projects/{project}/pipelines/{pipeline}/yaml` */
  applyPipeline(at: AtPipeline, body: ApplyPipelineBody, options: CallOptions = {}): Promise<Pipeline> {
    return this.#connection.call(
      'PATCH',
      '/workspaces/{workspace}/projects/{project}/pipelines/{pipeline}/yaml',
      { at, body },
      options,
    )
  }

  /** A pipeline's actions, in their order. `GET /workspaces/{workspace}/projects/{project}/pipelines/{pipeline}/actions` */
  listActions(
    at: AtPipeline,
    query: ListActionsQuery = {},
    options: CallOptions = {},
  ): Promise<ListActionsAnswer> {
    return this.#connection.call(
      'GET',
      '/workspaces/{workspace}/projects/{project}/pipelines/{pipeline}/actions',
      { at, query },
      options,
    )
  }

  /** All of listActions, page by page. */
  eachAction(
    at: AtPipeline,
    query: Omit<ListActionsQuery, 'page'> = {},
    options: CallOptions = {},
  ): AsyncIterable<ListActionsAnswer['actions'][number]> {
    return pages(async (page) => (await this.listActions(at, { ...query, page }, options)).actions)
  }

  /** Tag Docker Image: add an action. `POST /workspaces/{workspace}/projects/{project}/pipelines/{pipeline}/actions` */
  addAction(at: AtPipeline, body: AddActionBody, options: CallOptions = {}): Promise<FullAction> {
    return this.#connection.call(
      'POST',
      '/workspaces/{workspace}/projects/{project}/pipelines/{pipeline}/actions',
      { at, body },
      options,
    )
  }

  /** One action. `GET /workspaces/{workspace}/projects/{project}/pipelines/{pipeline}/actions/{action}` */
  getAction(at: AtAction, options: CallOptions = {}): Promise<FullAction> {
    return this.#connection.call(
      'GET',
      '/workspaces/{workspace}/projects/{project}/pipelines/{pipeline}/actions/{action}',
      { at },
      options,
    )
  }

  /** Change an action: what is not sent stays. `PATCH /workspaces/{workspace}/projects/{project}/pipelines/{pipeline}/actions/{action}` */
  editAction(at: AtAction, body: EditActionBody, options: CallOptions = {}): Promise<FullAction> {
    return this.#connection.call(
      'PATCH',
      '/workspaces/{workspace}/projects/{project}/pipelines/{pipeline}/actions/{action}',
      { at, body },
      options,
    )
  }

  /** Remove an action. `DELETE /workspaces/{workspace}/projects/{project}/pipelines/{pipeline}/actions/{action}` */
  deleteAction(at: AtAction, options: CallOptions = {}): Promise<void> {
    return this.#connection.call(
      'DELETE',
      '/workspaces/{workspace}/projects/{project}/pipelines/{pipeline}/actions/{action}',
      { at },
      options,
    )
  }

  /** A workspace's integrations. `GET /workspaces/{workspace}/integrations` */
  listIntegrations(
    at: AtWorkspace,
    query: ListIntegrationsQuery = {},
    options: CallOptions = {},
  ): Promise<ListIntegrationsAnswer> {
    return this.#connection.call('GET', '/workspaces/{workspace}/integrations', { at, query }, options)
  }

  /** All of listIntegrations, page by page. */
  eachIntegration(
    at: AtWorkspace,
    query: Omit<ListIntegrationsQuery, 'page'> = {},
    options: CallOptions = {},
  ): AsyncIterable<ListIntegrationsAnswer['integrations'][number]> {
    return pages(async (page) => (await this.listIntegrations(at, { ...query, page }, options)).integrations)
  }

  /** Keep credentials under a name. `POST /workspaces/{workspace}/integrations` */
  addIntegration(at: AtWorkspace, body: AddIntegrationBody, options: CallOptions = {}): Promise<Integration> {
    return this.#connection.call('POST', '/workspaces/{workspace}/integrations', { at, body }, options)
  }

  /** The integrations of all workspaces that the token may see. `GET /user/integrations` */
  listUserIntegrations(
    query: ListUserIntegrationsQuery = {},
    options: CallOptions = {},
  ): Promise<ListUserIntegrationsAnswer> {
    return this.#connection.call('GET', '/user/integrations', { query }, options)
  }

  /** All of listUserIntegrations, page by page. */
  eachUserIntegration(
    query: Omit<ListUserIntegrationsQuery, 'page'> = {},
    options: CallOptions = {},
  ): AsyncIterable<ListUserIntegrationsAnswer['integrations'][number]> {
    return pages(async (page) => (await this.listUserIntegrations({ ...query, page }, options)).integrations)
  }

  /** One integration, without its secrets. `GET /workspaces/{workspace}/integrations/{integration}` */
  getIntegration(at: AtIntegration, options: CallOptions = {}): Promise<Integration> {
    return this.#connection.call('GET', '/workspaces/{workspace}/integrations/{integration}', { at }, options)
  }

  /** Change an integration: secrets that are not sent stay. `PATCH /workspaces/{workspace}/integrations/{integration}` */
  editIntegration(
    at: AtIntegration,
    body: EditIntegrationBody,
    options: CallOptions = {},
  ): Promise<Integration> {
    return this.#connection.call(
      'PATCH',
      '/workspaces/{workspace}/integrations/{integration}',
      { at, body },
      options,
    )
  }

  /** Remove an integration. `DELETE /workspaces/{workspace}/integrations/{integration}` */
  deleteIntegration(at: AtIntegration, options: CallOptions = {}): Promise<void> {
    return this.#connection.call(
      'DELETE',
      '/workspaces/{workspace}/integrations/{integration}',
      { at },
      options,
    )
  }

  /** Say what is missing to pull or push with an integration, before anything is copied. `POST /workspaces/{workspace}/integrations/{integration}/test` */
  testIntegration(
    at: AtIntegration,
    body: TestIntegrationBody,
    options: CallOptions = {},
  ): Promise<TestIntegrationAnswer> {
    return this.#connection.call(
      'POST',
      '/workspaces/{workspace}/integrations/{integration}/test',
      { at, body },
      options,
    )
  }

  /** A pipeline's executions, the newest first. `GET /workspaces/{workspace}/projects/{project}/pipelines/{pipeline}/executions` */
  listExecutions(
    at: AtPipeline,
    query: ListExecutionsQuery = {},
    options: CallOptions = {},
  ): Promise<ListExecutionsAnswer> {
    return this.#connection.call(
      'GET',
      '/workspaces/{workspace}/projects/{project}/pipelines/{pipeline}/executions',
      { at, query },
      options,
    )
  }

  /** All of listExecutions, page by page. */
  eachExecution(
    at: AtPipeline,
    query: Omit<ListExecutionsQuery, 'page'> = {},
    options: CallOptions = {},
  ): AsyncIterable<ListExecutionsAnswer['executions'][number]> {
    return pages(async (page) => (await this.listExecutions(at, { ...query, page }, options)).executions)
  }

  /** Run a pipeline. `POST /workspaces/{workspace}/projects/{project}/pipelines/{pipeline}/executions` */
  runPipeline(at: AtPipeline, body: Run, options: CallOptions = {}): Promise<Execution> {
    return this.#connection.call(
      'POST',
      '/workspaces/{workspace}/projects/{project}/pipelines/{pipeline}/executions',
      { at, body },
      options,
    )
  }

  /** What the promotions of a pipeline would do if it ran now; nothing is written anywhere. `POST /workspaces/{workspace}/projects/{project}/pipelines/{pipeline}/plan` */
  planPipeline(at: AtPipeline, body: Run, options: CallOptions = {}): Promise<PlanPipelineAnswer> {
    return this.#connection.call(
      'POST',
      '/workspaces/{workspace}/projects/{project}/pipelines/{pipeline}/plan',
      { at, body },
      options,
    )
  }

  /** One execution with what its actions did. `GET /workspaces/{workspace}/projects/{project}/pipelines/{pipeline}/executions/{execution}` */
  getExecution(at: AtExecution, options: CallOptions = {}): Promise<Execution> {
    return this.#connection.call(
      'GET',
      '/workspaces/{workspace}/projects/{project}/pipelines/{pipeline}/executions/{execution}',
      { at },
      options,
    )
  }

  /** Cancel an execution, run what failed of it again, answer what it asks, or run it before its time. `PATCH /workspaces/{workspace}/projects/{project}/pipelines/{pipeline}/executions/{execution}` */
  operateExecution(
    at: AtExecution,
    body: OperateExecutionBody,
    options: CallOptions = {},
  ): Promise<Execution> {
    return this.#connection.call(
      'PATCH',
      '/workspaces/{workspace}/projects/{project}/pipelines/{pipeline}/executions/{execution}',
      { at, body },
      options,
    )
  }

  /** What one action did. `GET /workspaces/{workspace}/projects/{project}/pipelines/{pipeline}/executions/{execution}/action_executions/{actionExecution}` */
  getActionExecution(at: AtActionExecution, options: CallOptions = {}): Promise<ActionExecution> {
    return this.#connection.call(
      'GET',
      '/workspaces/{workspace}/projects/{project}/pipelines/{pipeline}/executions/{execution}/action_executions/{actionExecution}',
      { at },
      options,
    )
  }

  /** What one action said, from a line on. `GET /workspaces/{workspace}/projects/{project}/pipelines/{pipeline}/executions/{execution}/action_executions/{actionExecution}/logs` */
  getActionExecutionLog(
    at: AtActionExecution,
    query: GetActionExecutionLogQuery = {},
    options: CallOptions = {},
  ): Promise<GetActionExecutionLogAnswer> {
    return this.#connection.call(
      'GET',
      '/workspaces/{workspace}/projects/{project}/pipelines/{pipeline}/executions/{execution}/action_executions/{actionExecution}/logs',
      { at, query },
      options,
    )
  }

  /** What an action did and said, as it was asked for before there were action executions; 10000 lines at most. `GET /workspaces/{workspace}/projects/{project}/pipelines/{pipeline}/executions/{execution}/action/{ranAction}` */
  getActionLog(at: AtRanAction, options: CallOptions = {}): Promise<GetActionLogAnswer> {
    return this.#connection.call(
      'GET',
      '/workspaces/{workspace}/projects/{project}/pipelines/{pipeline}/executions/{execution}/action/{ranAction}',
      { at },
      options,
    )
  }

  /** Which image stands under which tag, and whether it is in step with where it comes from. `GET /workspaces/{workspace}/projects/{project}/board` */
  getProjectBoard(at: AtProject, options: CallOptions = {}): Promise<GetProjectBoardAnswer> {
    return this.#connection.call('GET', '/workspaces/{workspace}/projects/{project}/board', { at }, options)
  }

  /** Have the registries looked at soon, instead of when it is their turn. `POST /workspaces/{workspace}/projects/{project}/board/look` */
  lookAtProjectBoard(at: AtProject, options: CallOptions = {}): Promise<void> {
    return this.#connection.call(
      'POST',
      '/workspaces/{workspace}/projects/{project}/board/look',
      { at },
      options,
    )
  }

  /** Which tags were moved to what, when and by whom, the newest first. `GET /workspaces/{workspace}/projects/{project}/history` */
  listProjectHistory(
    at: AtProject,
    query: ListProjectHistoryQuery = {},
    options: CallOptions = {},
  ): Promise<ListProjectHistoryAnswer> {
    return this.#connection.call(
      'GET',
      '/workspaces/{workspace}/projects/{project}/history',
      { at, query },
      options,
    )
  }

  /** All of listProjectHistory, page by page. */
  eachProjectHistory(
    at: AtProject,
    query: Omit<ListProjectHistoryQuery, 'page'> = {},
    options: CallOptions = {},
  ): AsyncIterable<ListProjectHistoryAnswer['moves'][number]> {
    return pages(async (page) => (await this.listProjectHistory(at, { ...query, page }, options)).moves)
  }

  /** What waits for an answer in the pipelines that the caller sees, what waited longest first, 100 at most. `GET /workspaces/{workspace}/approvals` */
  listApprovals(
    at: AtWorkspace,
    query: ListApprovalsQuery = {},
    options: CallOptions = {},
  ): Promise<ListApprovalsAnswer> {
    return this.#connection.call('GET', '/workspaces/{workspace}/approvals', { at, query }, options)
  }

  /** All of listApprovals, page by page. */
  eachApproval(
    at: AtWorkspace,
    query: Omit<ListApprovalsQuery, 'page'> = {},
    options: CallOptions = {},
  ): AsyncIterable<ListApprovalsAnswer['approvals'][number]> {
    return pages(async (page) => (await this.listApprovals(at, { ...query, page }, options)).approvals)
  }

  /** The workspace's own variables, or those of one project, pipeline or action. `GET /workspaces/{workspace}/variables` */
  listVariables(
    at: AtWorkspace,
    query: ListVariablesQuery = {},
    options: CallOptions = {},
  ): Promise<ListVariablesAnswer> {
    return this.#connection.call('GET', '/workspaces/{workspace}/variables', { at, query }, options)
  }

  /** All of listVariables, page by page. */
  eachVariable(
    at: AtWorkspace,
    query: Omit<ListVariablesQuery, 'page'> = {},
    options: CallOptions = {},
  ): AsyncIterable<ListVariablesAnswer['variables'][number]> {
    return pages(async (page) => (await this.listVariables(at, { ...query, page }, options)).variables)
  }

  /** Keep a value under a name, for the workspace or a project, pipeline or action in it. `POST /workspaces/{workspace}/variables` */
  addVariable(at: AtWorkspace, body: AddVariableBody, options: CallOptions = {}): Promise<Variable> {
    return this.#connection.call('POST', '/workspaces/{workspace}/variables', { at, body }, options)
  }

  /** One variable; its value unless it is secret. `GET /workspaces/{workspace}/variables/{variable}` */
  getVariable(at: AtVariable, options: CallOptions = {}): Promise<Variable> {
    return this.#connection.call('GET', '/workspaces/{workspace}/variables/{variable}', { at }, options)
  }

  /** Change a variable; its type and what it is of are for ever. `PATCH /workspaces/{workspace}/variables/{variable}` */
  editVariable(at: AtVariable, body: EditVariableBody, options: CallOptions = {}): Promise<Variable> {
    return this.#connection.call(
      'PATCH',
      '/workspaces/{workspace}/variables/{variable}',
      { at, body },
      options,
    )
  }

  /** Remove a variable. `DELETE /workspaces/{workspace}/variables/{variable}` */
  deleteVariable(at: AtVariable, options: CallOptions = {}): Promise<void> {
    return this.#connection.call('DELETE', '/workspaces/{workspace}/variables/{variable}', { at }, options)
  }

  /** Make the key of a pipeline's URLs, in place of the one that there was. `POST /workspaces/{workspace}/projects/{project}/pipelines/{pipeline}/trigger-key` */
  makePipelineTriggerKey(at: AtPipeline, options: CallOptions = {}): Promise<MakePipelineTriggerKeyAnswer> {
    return this.#connection.call(
      'POST',
      '/workspaces/{workspace}/projects/{project}/pipelines/{pipeline}/trigger-key',
      { at },
      options,
    )
  }

  /** Let a pipeline's URLs start it no more. `DELETE /workspaces/{workspace}/projects/{project}/pipelines/{pipeline}/trigger-key` */
  deletePipelineTriggerKey(at: AtPipeline, options: CallOptions = {}): Promise<void> {
    return this.#connection.call(
      'DELETE',
      '/workspaces/{workspace}/projects/{project}/pipelines/{pipeline}/trigger-key',
      { at },
      options,
    )
  }

  /** A workspace's webhooks. `GET /workspaces/{workspace}/webhooks` */
  listWebhooks(
    at: AtWorkspace,
    query: ListWebhooksQuery = {},
    options: CallOptions = {},
  ): Promise<ListWebhooksAnswer> {
    return this.#connection.call('GET', '/workspaces/{workspace}/webhooks', { at, query }, options)
  }

  /** All of listWebhooks, page by page. */
  eachWebhook(
    at: AtWorkspace,
    query: Omit<ListWebhooksQuery, 'page'> = {},
    options: CallOptions = {},
  ): AsyncIterable<ListWebhooksAnswer['webhooks'][number]> {
    return pages(async (page) => (await this.listWebhooks(at, { ...query, page }, options)).webhooks)
  }

  /** Have a URL told what happens. `POST /workspaces/{workspace}/webhooks` */
  addWebhook(at: AtWorkspace, body: AddWebhookBody, options: CallOptions = {}): Promise<Webhook> {
    return this.#connection.call('POST', '/workspaces/{workspace}/webhooks', { at, body }, options)
  }

  /** One webhook with its last deliveries. `GET /workspaces/{workspace}/webhooks/{webhook}` */
  getWebhook(at: AtWebhook, options: CallOptions = {}): Promise<Webhook> {
    return this.#connection.call('GET', '/workspaces/{workspace}/webhooks/{webhook}', { at }, options)
  }

  /** Change a webhook: what is not sent stays. `PATCH /workspaces/{workspace}/webhooks/{webhook}` */
  editWebhook(at: AtWebhook, body: EditWebhookBody, options: CallOptions = {}): Promise<Webhook> {
    return this.#connection.call('PATCH', '/workspaces/{workspace}/webhooks/{webhook}', { at, body }, options)
  }

  /** Remove a webhook. `DELETE /workspaces/{workspace}/webhooks/{webhook}` */
  deleteWebhook(at: AtWebhook, options: CallOptions = {}): Promise<void> {
    return this.#connection.call('DELETE', '/workspaces/{workspace}/webhooks/{webhook}', { at }, options)
  }

  /** The token that asks. `GET /user/token` */
  getOwnToken(options: CallOptions = {}): Promise<Token> {
    return this.#connection.call('GET', '/user/token', {}, options)
  }

  /** The tokens of the person who asks, as far as the token that asks may see their workspaces. `GET /user/tokens` */
  listTokens(query: ListTokensQuery = {}, options: CallOptions = {}): Promise<ListTokensAnswer> {
    return this.#connection.call('GET', '/user/tokens', { query }, options)
  }

  /** All of listTokens, page by page. */
  eachToken(
    query: Omit<ListTokensQuery, 'page'> = {},
    options: CallOptions = {},
  ): AsyncIterable<ListTokensAnswer['access_tokens'][number]> {
    return pages(async (page) => (await this.listTokens({ ...query, page }, options)).access_tokens)
  }

  /** Make a token that may no more than the one that asks. `POST /user/tokens` */
  addToken(body: AddTokenBody, options: CallOptions = {}): Promise<Token> {
    return this.#connection.call('POST', '/user/tokens', { body }, options)
  }

  /** One token, without its text. `GET /user/tokens/{token}` */
  getToken(at: AtToken, options: CallOptions = {}): Promise<Token> {
    return this.#connection.call('GET', '/user/tokens/{token}', { at }, options)
  }

  /** Revoke a token, from its next request on. `DELETE /user/tokens/{token}` */
  deleteToken(at: AtToken, options: CallOptions = {}): Promise<void> {
    return this.#connection.call('DELETE', '/user/tokens/{token}', { at }, options)
  }

  /** Run a pipeline by its webhook URL: parameters in the query, a form or JSON; others than these are variables. `GET /workspaces/{workspace}/projects/{project}/pipelines/{pipeline}/trigger-webhook` */
  triggerGetExecution(
    at: AtPipeline,
    query: TriggerGetExecutionQuery = {},
    options: CallOptions = {},
  ): Promise<ShortExecution> {
    return this.#connection.call(
      'GET',
      '/workspaces/{workspace}/projects/{project}/pipelines/{pipeline}/trigger-webhook',
      { at, query },
      options,
    )
  }

  /** Run a pipeline by its webhook URL: parameters in the query, a form or JSON; others than these are variables. `POST /workspaces/{workspace}/projects/{project}/pipelines/{pipeline}/trigger-webhook` */
  triggerPostExecution(
    at: AtPipeline,
    query: TriggerPostExecutionQuery = {},
    options: CallOptions = {},
  ): Promise<ShortExecution> {
    return this.#connection.call(
      'POST',
      '/workspaces/{workspace}/projects/{project}/pipelines/{pipeline}/trigger-webhook',
      { at, query },
      options,
    )
  }

  /** What a registry tells of pushes, in its own words: runs the pipeline for those that its events mean. `POST /workspaces/{workspace}/projects/{project}/pipelines/{pipeline}/registry-webhook` */
  triggerExecutionByPush(
    at: AtPipeline,
    query: TriggerExecutionByPushQuery = {},
    options: CallOptions = {},
  ): Promise<TriggerExecutionByPushAnswer> {
    return this.#connection.call(
      'POST',
      '/workspaces/{workspace}/projects/{project}/pipelines/{pipeline}/registry-webhook',
      { at, query },
      options,
    )
  }
}
