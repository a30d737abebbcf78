// Made of docs/openapi.json by scripts/client.ts: npm run docs makes it anew.
import type { Key } from './connection.ts'

export interface Action {
  /** Where this is, in the API */
  readonly url: string
  readonly id: number
  readonly name: string
  readonly type:
    | 'PROMOTE_IMAGE'
    | 'WAIT_FOR_APPLY'
    | 'WAIT_FOR_APPROVE'
    | 'WAIT_FOR_VARIABLES'
    | 'RUN_NEXT_PIPELINE'
  readonly trigger_time:
    | 'ON_EVERY_EXECUTION'
    | 'ON_SUCCESS'
    | 'ON_FAILURE'
    | 'ON_BACK_TO_SUCCESS'
    | 'ON_WARNING'
    | 'ON_WAIT_FOR_APPROVE'
    | 'ON_TERMINATE'
  readonly trigger_conditions: readonly TriggerCondition[]
  readonly run_next: 'WAIT_ON_SUCCESS' | 'IN_SOFT_PARALLEL' | 'IN_HARD_PARALLEL'
  readonly run_only_on_first_failure: boolean
  readonly disabled: boolean
  readonly ignore_errors: boolean
  readonly timeout: number | null
  readonly retry_count: number | null
  readonly retry_interval: number | null
  readonly loop: readonly string[]
  readonly variables: readonly Readonly<Record<string, unknown>>[]
  readonly current_revision: string | null
  readonly same_location?: boolean
  readonly copy_referrers?: boolean | null
  /** Of an index, what is for these platforms alone, like linux/arm64; its digest changes where the target takes no part of one. Empty: all of it */
  readonly platforms?: readonly string[]
  readonly src?: ImageDefinitionView
  readonly dest?: ImageDefinitionView
  readonly comment?: string | null
  readonly permissions?: Approvers
  readonly prevent_self_approval?: boolean
  readonly next_project_name?: string
  readonly next_pipeline_name?: string
  readonly priority?: 'LOW' | 'NORMAL' | 'HIGH' | null
  readonly identifier?: string
  readonly revision?: string
  readonly specific_revision?: string
  readonly clear_cache?: boolean
  readonly refresh?: boolean
  /** Where this is shown to people */
  readonly html_url: string
  readonly last_execution_status: string
}

export interface ActionExecution {
  /** Where this is, in the API */
  readonly url: string
  /** Where this is shown to people */
  readonly html_url: string
  readonly action_execution_id: string
  readonly status: string
  readonly progress: number
  readonly start_date: string | null
  readonly finish_date: string | null
  readonly error_message: string | null
  readonly error_code: string | null
  readonly error_side: string | null
  readonly promotion: Promotion | null
  readonly action: RanAction
  readonly terminator_id: number | null
  readonly termination_date: string | null
  readonly termination_comment: string | null
  readonly question: string | null
  readonly plan: readonly PlannedPromotion[] | null
  readonly expiration_date: string | null
  readonly approver_id: number | null
  readonly approval_date: string | null
  readonly approval_comment: string | null
  readonly passed_variables: readonly {
    readonly key: string
    readonly value: string
    readonly encrypted: boolean
  }[]
  readonly outputted_variables: readonly Readonly<Record<string, unknown>>[]
}

export interface AddActionBody {
  readonly name: string
  readonly type:
    | 'PROMOTE_IMAGE'
    | 'WAIT_FOR_APPLY'
    | 'WAIT_FOR_APPROVE'
    | 'WAIT_FOR_VARIABLES'
    | 'RUN_NEXT_PIPELINE'
  readonly trigger_time?:
    | 'ON_EVERY_EXECUTION'
    | 'ON_SUCCESS'
    | 'ON_FAILURE'
    | 'ON_BACK_TO_SUCCESS'
    | 'ON_WARNING'
    | 'ON_WAIT_FOR_APPROVE'
    | 'ON_TERMINATE'
  readonly trigger_conditions?: readonly TriggerCondition[]
  readonly run_next?: 'WAIT_ON_SUCCESS' | 'IN_SOFT_PARALLEL' | 'IN_HARD_PARALLEL'
  readonly run_only_on_first_failure?: boolean
  readonly disabled?: boolean
  readonly ignore_errors?: boolean
  readonly timeout?: number
  readonly retry_count?: number
  readonly retry_interval?: number
  readonly loop?: readonly string[]
  readonly variables?: readonly VariableOf[]
  readonly after_action_id?: number
  readonly same_location?: boolean
  /** Whether signatures, SBOMs and attestations come along. true: they are looked for each time. Not given: they come along when the image is copied */
  readonly copy_referrers?: boolean
  /** Of an index, what is for these platforms alone, like linux/arm64; its digest changes where the target takes no part of one. Empty: all of it */
  readonly platforms?: readonly string[]
  readonly src?: ImageDefinition
  readonly dest?: ImageDefinition
  readonly comment?: string
  readonly permissions?: ApproversBody
  readonly prevent_self_approval?: boolean
  readonly next_pipeline_id?: number
  readonly next_project_name?: string
  readonly next_pipeline_name?: string
  readonly wait?: boolean
  readonly priority?: 'LOW' | 'NORMAL' | 'HIGH'
  readonly identifier?: string
  readonly revision?: string
  readonly specific_revision?: string
  readonly clear_cache?: boolean
  readonly refresh?: boolean
}

export interface AddGroupBody {
  readonly name: string
  readonly description?: string
  readonly auto_assign_to_new_projects?: boolean
  readonly auto_assign_permission_set_id?: number
}

export interface AddGroupMemberBody {
  readonly id: number
  readonly status?: 'MEMBER' | 'MANAGER'
}

export interface AddIntegrationBody {
  readonly name: string
  readonly type:
    | 'DOCKER_HUB'
    | 'AMAZON'
    | 'GOOGLE_SERVICE_ACCOUNT'
    | 'GIT_HUB'
    | 'GIT_LAB'
    | 'DIGITAL_OCEAN'
    | 'AZURE_CLOUD'
    | 'BITBUCKET'
    | 'GOOGLE'
    | 'SLACK'
    | 'MODULUS'
    | 'HEROKU'
    | 'SHOPIFY'
    | 'GIT_HUB_ENTERPRISE'
    | 'GIT_LAB_ENTERPRISE'
    | 'PUSHOVER'
    | 'PUSHBULLET'
    | 'RACKSPACE'
    | 'CUSTOM'
    | 'CLOUDFLARE'
    | 'NEW_RELIC'
    | 'SENTRY'
    | 'ROLLBAR'
    | 'DATADOG'
    | 'DO_SPACES'
    | 'HONEYBADGER'
    | 'VULTR'
    | 'SENTRY_ENTERPRISE'
    | 'LOGGLY'
    | 'HIP_CHAT'
    | 'FIREBASE'
    | 'TELEGRAM'
    | 'AZURE'
    | 'UPCLOUD'
    | 'GHOST_INSPECTOR'
    | 'NETLIFY'
    | 'MICROSOFT_TEAMS'
    | 'GOOGLE_PLAY_STORE'
    | 'APP_STORE'
    | 'GIT_HUB_APP'
    | 'GIT_HUB_APP_ENTERPRISE'
    | 'GIT_HUB_API'
    | 'ATOP'
    | 'SNYK'
    | 'STACK_HAWK'
    | 'BLACKFIRE'
    | 'BACKBLAZE'
    | 'ONE_LOGIN'
    | 'OKTA'
    | 'CONTENTFUL'
    | 'JIRA'
  /** Taken on one after the other, the first with the keys */
  readonly role_assumptions?: readonly {
    readonly arn: string
    readonly external_id?: string
    /** In seconds */
    readonly duration?: number
  }[]
  readonly identifier?: string
  readonly auth_type?:
    | 'DEFAULT'
    | 'OAUTH'
    | 'TOKEN'
    | 'API_KEY'
    | 'APP'
    | 'APP_SPRYKER'
    | 'TOKEN_APP_EXTENSION'
    | 'OIDC'
    | 'TRUSTED'
    | 'APP_RW'
  readonly scope?: 'WORKSPACE' | 'PROJECT' | 'ENVIRONMENT'
  readonly project_name?: string
  readonly permissions?: {
    readonly others?: 'DENIED' | 'USE_ONLY' | 'MANAGE'
    readonly users?: readonly {
      readonly id: number
      readonly access_level: 'DENIED' | 'USE_ONLY' | 'MANAGE'
    }[]
    readonly groups?: readonly {
      readonly id: number
      readonly access_level: 'DENIED' | 'USE_ONLY' | 'MANAGE'
    }[]
    readonly admins?: 'DENIED' | 'USE_ONLY' | 'MANAGE'
  }
  readonly all_pipelines_allowed?: boolean
  readonly allowed_pipelines?: readonly {
    readonly id: number
  }[]
  readonly username?: string
  readonly password?: string
  readonly token?: string
  readonly access_key?: string
  readonly access_key_id?: string
  readonly secret_key?: string
  readonly secret_access_key?: string
  readonly session_token?: string
  readonly region?: string
  readonly api_key?: string
  readonly tenant_id?: string
  readonly shop?: string
  readonly email?: string
  readonly partner_token?: string
  readonly config?: string
  readonly host_url?: string
  readonly app_id?: string
  readonly google_project?: string
  readonly webhook_address?: string
  readonly audience?: string
  readonly atop_url?: string
}

export interface AddMemberBody {
  readonly email: string
  readonly auto_assign_to_new_projects?: boolean
  readonly auto_assign_permission_set_id?: number
}

export interface AddMemberTokenBody {
  readonly name: string
  /** Days */
  readonly expires_in?: number
  readonly expires_at?: string
  readonly scopes?: readonly string[]
  readonly ip_restrictions?: readonly string[]
}

export interface AddPermissionSetBody {
  readonly name: string
  readonly description?: string
  readonly repository_access_level?:
    | 'DENIED'
    | 'READ_ONLY'
    | 'USE_ONLY'
    | 'RUN_ONLY'
    | 'READ_WRITE'
    | 'MANAGE'
  readonly pipeline_access_level?: 'DENIED' | 'READ_ONLY' | 'USE_ONLY' | 'RUN_ONLY' | 'READ_WRITE' | 'MANAGE'
  readonly sandbox_access_level?: 'DENIED' | 'READ_ONLY' | 'USE_ONLY' | 'RUN_ONLY' | 'READ_WRITE' | 'MANAGE'
  readonly project_team_access_level?:
    | 'DENIED'
    | 'READ_ONLY'
    | 'USE_ONLY'
    | 'RUN_ONLY'
    | 'READ_WRITE'
    | 'MANAGE'
  readonly environment_access_level?:
    | 'DENIED'
    | 'READ_ONLY'
    | 'USE_ONLY'
    | 'RUN_ONLY'
    | 'READ_WRITE'
    | 'MANAGE'
  readonly target_access_level?: 'DENIED' | 'READ_ONLY' | 'USE_ONLY' | 'RUN_ONLY' | 'READ_WRITE' | 'MANAGE'
}

export interface AddPipelineBody {
  readonly name: string
  readonly identifier?: string
  readonly priority?: 'LOW' | 'NORMAL' | 'HIGH'
  readonly disabled?: boolean
  readonly disabled_reason?: string
  readonly permissions?: {
    readonly others?: 'DEFAULT' | 'DENIED' | 'READ_ONLY' | 'RUN_ONLY' | 'READ_WRITE'
    readonly users?: readonly {
      readonly id: number
      readonly access_level: 'DEFAULT' | 'DENIED' | 'READ_ONLY' | 'RUN_ONLY' | 'READ_WRITE'
    }[]
    readonly groups?: readonly {
      readonly id: number
      readonly access_level: 'DEFAULT' | 'DENIED' | 'READ_ONLY' | 'RUN_ONLY' | 'READ_WRITE'
    }[]
  }
  readonly on?: 'CLICK' | 'EVENT' | 'SCHEDULE'
  readonly events?: readonly PipelineEvent[]
  readonly start_date?: string
  /** Minutes */
  readonly delay?: number
  readonly cron?: string
  readonly timezone?: string
  readonly paused?: boolean
  readonly concurrent_pipeline_runs?: boolean
  readonly terminate_stale_runs?: boolean
  readonly pause_on_repeated_failures?: number
  readonly loop?: readonly string[]
  readonly trigger_conditions?: readonly TriggerCondition[]
  readonly variables?: readonly VariableOf[]
  readonly definition_source?: 'LOCAL' | 'REMOTE'
  readonly git_config_ref?: 'NONE' | 'DYNAMIC' | 'FIXED'
  readonly git_config?: {
    readonly project?: string
    readonly branch?: string
    readonly path?: string
  }
  readonly refs?: readonly string[]
  readonly tags?: readonly string[]
  readonly folder?: string
  readonly target_site_url?: string
  readonly execution_message_template?: string
  readonly always_from_scratch?: boolean
  readonly ignore_fail_on_project_status?: boolean
  readonly no_skip_to_most_recent?: boolean
  readonly auto_clear_cache?: boolean
  readonly fetch_all_refs?: boolean
  readonly fail_on_prepare_env_warning?: boolean
  readonly clone_depth?: number
  readonly do_not_create_commit_status?: boolean
  readonly resources?: 'DEFAULT' | 'NANO' | 'SMALL' | 'MEDIUM' | 'LARGE' | 'XLARGE' | 'X2LARGE' | 'CUSTOM'
  readonly remote_path?: string
  readonly remote_ref?: string
  readonly remote_branch?: string
  readonly remote_project_name?: string
  readonly remote_parameters?: readonly {
    readonly key?: string
    readonly value?: string
  }[]
  readonly git_changeset_base?: 'LATEST_RUN' | 'LATEST_RUN_MATCHING_REF' | 'PULL_REQUEST'
  readonly filesystem_changeset_base?: 'DATE_MODIFIED' | 'CONTENTS'
  readonly cpu?: 'X64' | 'ARM' | 'X86'
  readonly description_required?: boolean
  readonly worker?: string
  readonly manage_variables_by_yaml?: boolean
  readonly manage_permissions_by_yaml?: boolean
}

export interface AddProjectBody {
  readonly name?: string
  readonly display_name?: string
  readonly access?: 'PRIVATE' | 'PUBLIC'
  readonly integration?: {
    readonly hash_id: string
  }
  readonly custom_repo_pass?: string
  readonly external_project_id?: string
  readonly git_lab_project_id?: string
  readonly custom_repo_url?: string
  readonly custom_repo_user?: string
  readonly custom_repo_ssh_key_id?: number
  readonly fetch_submodules?: boolean
  readonly fetch_submodules_env_key?: string
  readonly allow_pull_requests?: boolean
  readonly update_default_branch_from_external?: boolean
  readonly without_repository?: boolean
}

export interface AddProjectGroupBody {
  readonly id: number
  readonly permission_set: {
    readonly id: number
  }
}

export interface AddProjectMemberBody {
  readonly id: number
  readonly permission_set: {
    readonly id: number
  }
}

export interface AddTokenBody {
  readonly name: string
  /** Days */
  readonly expires_in?: number
  readonly expires_at?: string
  readonly scopes?: readonly string[]
  readonly ip_restrictions?: readonly string[]
  readonly workspace_restrictions?: readonly string[]
}

export interface AddVariableBody {
  readonly key: string
  readonly value: string
  readonly type?:
    | 'VAR'
    | 'FILE'
    | 'SSH_KEY'
    | 'SSH_PUBLIC_KEY'
    | 'IOS_KEYCHAIN'
    | 'IOS_PROVISION_PROFILES'
    | 'GPG_KEY'
  readonly encrypted?: boolean
  readonly settable?: boolean
  readonly run_only_settable?: boolean
  readonly description?: string
  readonly file_place?: 'NONE' | 'CONTAINER'
  readonly file_path?: string
  readonly file_chmod?: string
  readonly passphrase?: string
  readonly password?: string
  readonly project?: {
    readonly name: string
  }
  readonly pipeline?: {
    readonly id: number
  }
  readonly action?: {
    readonly id: number
  }
  readonly environment?: {
    readonly id?: string
  }
}

export interface AddWebhookBody {
  readonly target_url: string
  readonly events: readonly (
    | 'PUSH'
    | 'EXECUTION_STARTED'
    | 'EXECUTION_SUCCESSFUL'
    | 'EXECUTION_FAILED'
    | 'EXECUTION_FINISHED'
  )[]
  /** Their names; none: all */
  readonly projects?: readonly string[]
  /** Sent along in every body */
  readonly secret_key?: string
  /** whsec_ and 24 to 64 bytes in Base64. A new one replaces it; the old one signs too for a day */
  readonly signing_secret?: string
}

export interface AddWorkspaceBody {
  readonly domain: string
  readonly name?: string
  readonly encryption_salt?: string
}

export interface ApplyPipelineBody {
  /** A buddy.yml in Base64 */
  readonly yaml: string
}

export interface ApplyPipelinesAnswer {
  /** Where this is, in the API */
  readonly url: string
  /** Where this is shown to people */
  readonly html_url: string
  readonly id: number
  readonly identifier: string
  readonly name: string
  readonly priority: 'LOW' | 'NORMAL' | 'HIGH'
  readonly disabled: boolean
  readonly disabled_reason: string | null
  readonly paused: boolean
  readonly concurrent_pipeline_runs: boolean
  readonly terminate_stale_runs: boolean
  readonly pause_on_repeated_failures: number
  readonly loop: readonly string[]
  readonly last_execution_status: string
  readonly last_execution_revision: string | null
  readonly create_date: string
  readonly stale: boolean
  readonly waiting_for_push: boolean
  readonly on: 'CLICK' | 'EVENT' | 'SCHEDULE'
  readonly events: readonly PipelineEvent[]
  readonly definition_source: 'LOCAL' | 'REMOTE'
  readonly git_config_ref: 'NONE' | 'DYNAMIC' | 'FIXED'
  readonly git_config: {
    readonly project?: string
    readonly branch?: string
    readonly path?: string
  } | null
  readonly refs: readonly string[]
  readonly tags: readonly string[]
  readonly folder: string | null
  readonly target_site_url: string | null
  readonly execution_message_template: string | null
  readonly always_from_scratch: boolean
  readonly ignore_fail_on_project_status: boolean
  readonly no_skip_to_most_recent: boolean
  readonly auto_clear_cache: boolean
  readonly fetch_all_refs: boolean
  readonly fail_on_prepare_env_warning: boolean
  readonly clone_depth: number | null
  readonly do_not_create_commit_status: boolean
  readonly resources: 'DEFAULT' | 'NANO' | 'SMALL' | 'MEDIUM' | 'LARGE' | 'XLARGE' | 'X2LARGE' | 'CUSTOM'
  readonly remote_path: string | null
  readonly remote_ref: string | null
  readonly remote_branch: string | null
  readonly remote_project_name: string | null
  readonly remote_parameters: readonly {
    readonly key?: string
    readonly value?: string
  }[]
  readonly git_changeset_base: 'LATEST_RUN' | 'LATEST_RUN_MATCHING_REF' | 'PULL_REQUEST'
  readonly filesystem_changeset_base: 'DATE_MODIFIED' | 'CONTENTS'
  readonly cpu: 'X64' | 'ARM' | 'X86'
  readonly description_required: boolean
  readonly manage_variables_by_yaml: boolean
  readonly manage_permissions_by_yaml: boolean
  readonly project: ShortProject
  readonly creator: Member
  readonly actions: readonly Action[]
  readonly worker: string | null
  readonly permissions: PipelinePermissions
  readonly trigger_conditions: readonly TriggerCondition[]
  readonly variables: readonly Variable[]
  readonly pipelines: readonly ShortPipeline[]
}

export interface ApplyPipelinesBody {
  /** A buddy.yml in Base64 */
  readonly yaml: string
}

export interface Approval {
  /** Where this is, in the API */
  readonly url: string
  /** Where this is shown to people */
  readonly html_url: string
  /** Whether the caller is one of those who are asked */
  readonly may_answer: boolean
  readonly project: ShortProject
  readonly pipeline: ShortPipeline
  readonly execution: ShortExecution
  readonly action_execution: ActionExecution
}

export interface Approvers {
  readonly others: 'ALLOWED' | 'DENIED'
  readonly users: readonly {
    readonly id: number
    readonly access_level: 'ALLOWED' | 'DENIED'
  }[]
  readonly groups: readonly {
    readonly id: number
    readonly access_level: 'ALLOWED' | 'DENIED'
  }[]
}

export interface ApproversBody {
  readonly others?: 'ALLOWED' | 'DENIED'
  readonly users?: readonly {
    readonly id?: number
    readonly access_level: 'ALLOWED' | 'DENIED'
    readonly email?: string
  }[]
  readonly groups?: readonly {
    readonly id?: number
    readonly access_level: 'ALLOWED' | 'DENIED'
    readonly name?: string
  }[]
}

export type AtAction = {
  /** The workspace's domain */
  readonly workspace: Key
  /** The project's name */
  readonly project: Key
  /** The pipeline's number */
  readonly pipeline: Key
  /** The action's number */
  readonly action: Key
}

export type AtActionExecution = {
  /** The workspace's domain */
  readonly workspace: Key
  /** The project's name */
  readonly project: Key
  /** The pipeline's number */
  readonly pipeline: Key
  /** The execution's number in its pipeline */
  readonly execution: Key
  /** The action execution's id: 24 hexadecimal digits */
  readonly actionExecution: Key
}

export type AtExecution = {
  /** The workspace's domain */
  readonly workspace: Key
  /** The project's name */
  readonly project: Key
  /** The pipeline's number */
  readonly pipeline: Key
  /** The execution's number in its pipeline */
  readonly execution: Key
}

export type AtGroup = {
  /** The workspace's domain */
  readonly workspace: Key
  /** The group's number */
  readonly group: Key
}

export type AtGroupMember = {
  /** The workspace's domain */
  readonly workspace: Key
  /** The group's number */
  readonly group: Key
  /** The member's number */
  readonly groupMember: Key
}

export type AtIntegration = {
  /** The workspace's domain */
  readonly workspace: Key
  /** The integration's hash_id */
  readonly integration: Key
}

export type AtMember = {
  /** The workspace's domain */
  readonly workspace: Key
  /** The member's number */
  readonly member: Key
}

export type AtPipeline = {
  /** The workspace's domain */
  readonly workspace: Key
  /** The project's name */
  readonly project: Key
  /** The pipeline's number */
  readonly pipeline: Key
}

export type AtProject = {
  /** The workspace's domain */
  readonly workspace: Key
  /** The project's name */
  readonly project: Key
}

export type AtProjectGroup = {
  /** The workspace's domain */
  readonly workspace: Key
  /** The project's name */
  readonly project: Key
  /** The group's number */
  readonly projectGroup: Key
}

export type AtProjectMember = {
  /** The workspace's domain */
  readonly workspace: Key
  /** The project's name */
  readonly project: Key
  /** The member's number */
  readonly projectMember: Key
}

export type AtRanAction = {
  /** The workspace's domain */
  readonly workspace: Key
  /** The project's name */
  readonly project: Key
  /** The pipeline's number */
  readonly pipeline: Key
  /** The execution's number in its pipeline */
  readonly execution: Key
  /** The number of an action that was run */
  readonly ranAction: Key
}

export type AtSet = {
  /** The workspace's domain */
  readonly workspace: Key
  /** The permission set's number */
  readonly set: Key
}

export type AtToken = {
  /** The token's id */
  readonly token: Key
}

export type AtVariable = {
  /** The workspace's domain */
  readonly workspace: Key
  /** The variable's number */
  readonly variable: Key
}

export type AtWebhook = {
  /** The workspace's domain */
  readonly workspace: Key
  /** The webhook's number */
  readonly webhook: Key
}

export type AtWorkspace = {
  /** The workspace's domain */
  readonly workspace: Key
}

export interface BoardCell {
  readonly environment: string
  /** registry/repository:tag */
  readonly place: string
  readonly registry: string
  readonly repository: string
  /** The tag; a digest where the source is named by one */
  readonly name: string
  readonly state: 'SOURCE' | 'EMPTY' | 'IN_STEP' | 'BEHIND' | 'DRIFTED' | 'MISSING' | 'UNKNOWN'
  readonly digest: string | null
  readonly move: TagMove | null
  readonly seen_digest: string | null
  readonly seen_date: string | null
  readonly seen_error: string | null
  readonly underway: {
    readonly pipeline_id: number
    readonly execution_id: number
    readonly status: string
    /** Where this is shown to people */
    readonly execution_html_url: string
  } | null
  readonly promotions: readonly {
    readonly pipeline_id: number
    readonly pipeline_name: string
    readonly action_id: number
    /** The place that it promotes from */
    readonly source: string
  }[]
}

export interface EditActionBody {
  readonly name?: string
  readonly type?:
    | 'PROMOTE_IMAGE'
    | 'WAIT_FOR_APPLY'
    | 'WAIT_FOR_APPROVE'
    | 'WAIT_FOR_VARIABLES'
    | 'RUN_NEXT_PIPELINE'
  readonly trigger_time?:
    | 'ON_EVERY_EXECUTION'
    | 'ON_SUCCESS'
    | 'ON_FAILURE'
    | 'ON_BACK_TO_SUCCESS'
    | 'ON_WARNING'
    | 'ON_WAIT_FOR_APPROVE'
    | 'ON_TERMINATE'
  readonly trigger_conditions?: readonly TriggerCondition[]
  readonly run_next?: 'WAIT_ON_SUCCESS' | 'IN_SOFT_PARALLEL' | 'IN_HARD_PARALLEL'
  readonly run_only_on_first_failure?: boolean
  readonly disabled?: boolean
  readonly ignore_errors?: boolean
  readonly timeout?: number
  readonly retry_count?: number
  readonly retry_interval?: number
  readonly loop?: readonly string[]
  readonly variables?: readonly VariableOf[]
  readonly after_action_id?: number
  readonly same_location?: boolean
  /** Whether signatures, SBOMs and attestations come along. true: they are looked for each time. Not given: they come along when the image is copied */
  readonly copy_referrers?: boolean
  /** Of an index, what is for these platforms alone, like linux/arm64; its digest changes where the target takes no part of one. Empty: all of it */
  readonly platforms?: readonly string[]
  readonly src?: ImageDefinition
  readonly dest?: ImageDefinition
  readonly comment?: string
  readonly permissions?: ApproversBody
  readonly prevent_self_approval?: boolean
  readonly next_pipeline_id?: number
  readonly next_project_name?: string
  readonly next_pipeline_name?: string
  readonly wait?: boolean
  readonly priority?: 'LOW' | 'NORMAL' | 'HIGH'
  readonly identifier?: string
  readonly revision?: string
  readonly specific_revision?: string
  readonly clear_cache?: boolean
  readonly refresh?: boolean
}

export interface EditGroupBody {
  readonly name?: string
  readonly description?: string
  readonly auto_assign_to_new_projects?: boolean
  readonly auto_assign_permission_set_id?: number
}

export interface EditGroupMemberBody {
  readonly status?: 'MEMBER' | 'MANAGER'
}

export interface EditIntegrationBody {
  readonly name?: string
  readonly type?:
    | 'DOCKER_HUB'
    | 'AMAZON'
    | 'GOOGLE_SERVICE_ACCOUNT'
    | 'GIT_HUB'
    | 'GIT_LAB'
    | 'DIGITAL_OCEAN'
    | 'AZURE_CLOUD'
    | 'BITBUCKET'
    | 'GOOGLE'
    | 'SLACK'
    | 'MODULUS'
    | 'HEROKU'
    | 'SHOPIFY'
    | 'GIT_HUB_ENTERPRISE'
    | 'GIT_LAB_ENTERPRISE'
    | 'PUSHOVER'
    | 'PUSHBULLET'
    | 'RACKSPACE'
    | 'CUSTOM'
    | 'CLOUDFLARE'
    | 'NEW_RELIC'
    | 'SENTRY'
    | 'ROLLBAR'
    | 'DATADOG'
    | 'DO_SPACES'
    | 'HONEYBADGER'
    | 'VULTR'
    | 'SENTRY_ENTERPRISE'
    | 'LOGGLY'
    | 'HIP_CHAT'
    | 'FIREBASE'
    | 'TELEGRAM'
    | 'AZURE'
    | 'UPCLOUD'
    | 'GHOST_INSPECTOR'
    | 'NETLIFY'
    | 'MICROSOFT_TEAMS'
    | 'GOOGLE_PLAY_STORE'
    | 'APP_STORE'
    | 'GIT_HUB_APP'
    | 'GIT_HUB_APP_ENTERPRISE'
    | 'GIT_HUB_API'
    | 'ATOP'
    | 'SNYK'
    | 'STACK_HAWK'
    | 'BLACKFIRE'
    | 'BACKBLAZE'
    | 'ONE_LOGIN'
    | 'OKTA'
    | 'CONTENTFUL'
    | 'JIRA'
  /** Taken on one after the other, the first with the keys */
  readonly role_assumptions?: readonly {
    readonly arn: string
    readonly external_id?: string
    /** In seconds */
    readonly duration?: number
  }[]
  readonly identifier?: string
  readonly auth_type?:
    | 'DEFAULT'
    | 'OAUTH'
    | 'TOKEN'
    | 'API_KEY'
    | 'APP'
    | 'APP_SPRYKER'
    | 'TOKEN_APP_EXTENSION'
    | 'OIDC'
    | 'TRUSTED'
    | 'APP_RW'
  readonly scope?: 'WORKSPACE' | 'PROJECT' | 'ENVIRONMENT'
  readonly project_name?: string
  readonly permissions?: {
    readonly others?: 'DENIED' | 'USE_ONLY' | 'MANAGE'
    readonly users?: readonly {
      readonly id: number
      readonly access_level: 'DENIED' | 'USE_ONLY' | 'MANAGE'
    }[]
    readonly groups?: readonly {
      readonly id: number
      readonly access_level: 'DENIED' | 'USE_ONLY' | 'MANAGE'
    }[]
    readonly admins?: 'DENIED' | 'USE_ONLY' | 'MANAGE'
  }
  readonly all_pipelines_allowed?: boolean
  readonly allowed_pipelines?: readonly {
    readonly id: number
  }[]
  readonly username?: string
  readonly password?: string
  readonly token?: string
  readonly access_key?: string
  readonly access_key_id?: string
  readonly secret_key?: string
  readonly secret_access_key?: string
  readonly session_token?: string
  readonly region?: string
  readonly api_key?: string
  readonly tenant_id?: string
  readonly shop?: string
  readonly email?: string
  readonly partner_token?: string
  readonly config?: string
  readonly host_url?: string
  readonly app_id?: string
  readonly google_project?: string
  readonly webhook_address?: string
  readonly audience?: string
  readonly atop_url?: string
}

export interface EditMemberBody {
  readonly admin?: boolean
  readonly auto_assign_to_new_projects?: boolean
  readonly auto_assign_permission_set_id?: number
}

export interface EditPermissionSetBody {
  readonly name?: string
  readonly description?: string
  readonly repository_access_level?:
    | 'DENIED'
    | 'READ_ONLY'
    | 'USE_ONLY'
    | 'RUN_ONLY'
    | 'READ_WRITE'
    | 'MANAGE'
  readonly pipeline_access_level?: 'DENIED' | 'READ_ONLY' | 'USE_ONLY' | 'RUN_ONLY' | 'READ_WRITE' | 'MANAGE'
  readonly sandbox_access_level?: 'DENIED' | 'READ_ONLY' | 'USE_ONLY' | 'RUN_ONLY' | 'READ_WRITE' | 'MANAGE'
  readonly project_team_access_level?:
    | 'DENIED'
    | 'READ_ONLY'
    | 'USE_ONLY'
    | 'RUN_ONLY'
    | 'READ_WRITE'
    | 'MANAGE'
  readonly environment_access_level?:
    | 'DENIED'
    | 'READ_ONLY'
    | 'USE_ONLY'
    | 'RUN_ONLY'
    | 'READ_WRITE'
    | 'MANAGE'
  readonly target_access_level?: 'DENIED' | 'READ_ONLY' | 'USE_ONLY' | 'RUN_ONLY' | 'READ_WRITE' | 'MANAGE'
}

export interface EditPipelineBody {
  readonly name?: string
  /** A buddy.yml in Base64 */
  readonly yaml?: string
  readonly identifier?: string
  readonly priority?: 'LOW' | 'NORMAL' | 'HIGH'
  readonly disabled?: boolean
  readonly disabled_reason?: string
  readonly permissions?: {
    readonly others?: 'DEFAULT' | 'DENIED' | 'READ_ONLY' | 'RUN_ONLY' | 'READ_WRITE'
    readonly users?: readonly {
      readonly id: number
      readonly access_level: 'DEFAULT' | 'DENIED' | 'READ_ONLY' | 'RUN_ONLY' | 'READ_WRITE'
    }[]
    readonly groups?: readonly {
      readonly id: number
      readonly access_level: 'DEFAULT' | 'DENIED' | 'READ_ONLY' | 'RUN_ONLY' | 'READ_WRITE'
    }[]
  }
  readonly on?: 'CLICK' | 'EVENT' | 'SCHEDULE'
  readonly events?: readonly PipelineEvent[]
  readonly start_date?: string
  /** Minutes */
  readonly delay?: number
  readonly cron?: string
  readonly timezone?: string
  readonly paused?: boolean
  readonly concurrent_pipeline_runs?: boolean
  readonly terminate_stale_runs?: boolean
  readonly pause_on_repeated_failures?: number
  readonly loop?: readonly string[]
  readonly trigger_conditions?: readonly TriggerCondition[]
  readonly variables?: readonly VariableOf[]
  readonly definition_source?: 'LOCAL' | 'REMOTE'
  readonly git_config_ref?: 'NONE' | 'DYNAMIC' | 'FIXED'
  readonly git_config?: {
    readonly project?: string
    readonly branch?: string
    readonly path?: string
  }
  readonly refs?: readonly string[]
  readonly tags?: readonly string[]
  readonly folder?: string
  readonly target_site_url?: string
  readonly execution_message_template?: string
  readonly always_from_scratch?: boolean
  readonly ignore_fail_on_project_status?: boolean
  readonly no_skip_to_most_recent?: boolean
  readonly auto_clear_cache?: boolean
  readonly fetch_all_refs?: boolean
  readonly fail_on_prepare_env_warning?: boolean
  readonly clone_depth?: number
  readonly do_not_create_commit_status?: boolean
  readonly resources?: 'DEFAULT' | 'NANO' | 'SMALL' | 'MEDIUM' | 'LARGE' | 'XLARGE' | 'X2LARGE' | 'CUSTOM'
  readonly remote_path?: string
  readonly remote_ref?: string
  readonly remote_branch?: string
  readonly remote_project_name?: string
  readonly remote_parameters?: readonly {
    readonly key?: string
    readonly value?: string
  }[]
  readonly git_changeset_base?: 'LATEST_RUN' | 'LATEST_RUN_MATCHING_REF' | 'PULL_REQUEST'
  readonly filesystem_changeset_base?: 'DATE_MODIFIED' | 'CONTENTS'
  readonly cpu?: 'X64' | 'ARM' | 'X86'
  readonly description_required?: boolean
  readonly worker?: string
  readonly manage_variables_by_yaml?: boolean
  readonly manage_permissions_by_yaml?: boolean
}

export interface EditProfileBody {
  readonly name?: string
}

export interface EditProjectBody {
  readonly name?: string
  readonly display_name?: string
  readonly access?: 'PRIVATE' | 'PUBLIC'
  readonly integration?: {
    readonly hash_id: string
  }
  readonly custom_repo_pass?: string
  readonly external_project_id?: string
  readonly git_lab_project_id?: string
  readonly custom_repo_url?: string
  readonly custom_repo_user?: string
  readonly custom_repo_ssh_key_id?: number
  readonly fetch_submodules?: boolean
  readonly fetch_submodules_env_key?: string
  readonly allow_pull_requests?: boolean
  readonly update_default_branch_from_external?: boolean
  readonly without_repository?: boolean
  readonly status?: 'ACTIVE' | 'CLOSED'
}

export interface EditProjectGroupBody {
  readonly permission_set?: {
    readonly id: number
  }
}

export interface EditProjectMemberBody {
  readonly permission_set?: {
    readonly id: number
  }
}

export interface EditVariableBody {
  readonly key?: string
  readonly value?: string
  readonly type?:
    | 'VAR'
    | 'FILE'
    | 'SSH_KEY'
    | 'SSH_PUBLIC_KEY'
    | 'IOS_KEYCHAIN'
    | 'IOS_PROVISION_PROFILES'
    | 'GPG_KEY'
  readonly encrypted?: boolean
  readonly settable?: boolean
  readonly run_only_settable?: boolean
  readonly description?: string
  readonly file_place?: 'NONE' | 'CONTAINER'
  readonly file_path?: string
  readonly file_chmod?: string
  readonly passphrase?: string
  readonly password?: string
}

export interface EditWebhookBody {
  readonly target_url?: string
  readonly events?: readonly (
    | 'PUSH'
    | 'EXECUTION_STARTED'
    | 'EXECUTION_SUCCESSFUL'
    | 'EXECUTION_FAILED'
    | 'EXECUTION_FINISHED'
  )[]
  /** Their names; none: all */
  readonly projects?: readonly string[]
  /** Sent along in every body */
  readonly secret_key?: string
  /** whsec_ and 24 to 64 bytes in Base64. A new one replaces it; the old one signs too for a day */
  readonly signing_secret?: string
}

export interface EditWorkspaceBody {
  readonly name?: string
  readonly encryption_salt?: string
}

/** Why not */
export interface Errors {
  readonly errors: readonly {
    readonly message: string
    readonly code: string
    readonly field?: string
    /** In a text of pipelines, from 1 */
    readonly line?: number
    readonly column?: number
  }[]
}

export interface Execution {
  /** Where this is, in the API */
  readonly url: string
  /** Where this is shown to people */
  readonly html_url: string
  readonly id: number
  readonly status: string
  readonly start_date: string | null
  readonly finish_date: string | null
  readonly triggered_on: string
  readonly priority: 'LOW' | 'NORMAL' | 'HIGH'
  readonly comment: string | null
  readonly delay_until: string | null
  readonly refresh: boolean
  readonly clear_cache: boolean
  readonly branch: {
    readonly url: string | null
    readonly html_url: string | null
    readonly name: string
    readonly default: boolean | null
  } | null
  readonly tag: {
    readonly url: string | null
    readonly html_url: string | null
    readonly name: string
  } | null
  readonly pull_request: {
    readonly url: string | null
    readonly html_url: string | null
    readonly name: string
  } | null
  readonly from_revision: {
    readonly url: string | null
    readonly html_url: string | null
    readonly revision: string
    readonly author_date: string | null
    readonly commit_date: string | null
    readonly message: string | null
    readonly committer: string | null
    readonly author: string | null
  } | null
  readonly to_revision: {
    readonly url: string | null
    readonly html_url: string | null
    readonly revision: string
    readonly author_date: string | null
    readonly commit_date: string | null
    readonly message: string | null
    readonly committer: string | null
    readonly author: string | null
  } | null
  readonly environment: string | null
  readonly package_version: string | null
  readonly creator: Member
  readonly pipeline: ShortPipeline
  readonly action_executions: readonly ActionExecution[]
}

export interface FullAction {
  /** Where this is, in the API */
  readonly url: string
  readonly id: number
  readonly name: string
  readonly type:
    | 'PROMOTE_IMAGE'
    | 'WAIT_FOR_APPLY'
    | 'WAIT_FOR_APPROVE'
    | 'WAIT_FOR_VARIABLES'
    | 'RUN_NEXT_PIPELINE'
  readonly trigger_time:
    | 'ON_EVERY_EXECUTION'
    | 'ON_SUCCESS'
    | 'ON_FAILURE'
    | 'ON_BACK_TO_SUCCESS'
    | 'ON_WARNING'
    | 'ON_WAIT_FOR_APPROVE'
    | 'ON_TERMINATE'
  readonly trigger_conditions: readonly TriggerCondition[]
  readonly run_next: 'WAIT_ON_SUCCESS' | 'IN_SOFT_PARALLEL' | 'IN_HARD_PARALLEL'
  readonly run_only_on_first_failure: boolean
  readonly disabled: boolean
  readonly ignore_errors: boolean
  readonly timeout: number | null
  readonly retry_count: number | null
  readonly retry_interval: number | null
  readonly loop: readonly string[]
  readonly variables: readonly Readonly<Record<string, unknown>>[]
  readonly current_revision: string | null
  readonly same_location?: boolean
  readonly copy_referrers?: boolean | null
  /** Of an index, what is for these platforms alone, like linux/arm64; its digest changes where the target takes no part of one. Empty: all of it */
  readonly platforms?: readonly string[]
  readonly src?: ImageDefinitionView
  readonly dest?: ImageDefinitionView
  readonly comment?: string | null
  readonly permissions?: Approvers
  readonly prevent_self_approval?: boolean
  readonly next_project_name?: string
  readonly next_pipeline_name?: string
  readonly priority?: 'LOW' | 'NORMAL' | 'HIGH' | null
  readonly identifier?: string
  readonly revision?: string
  readonly specific_revision?: string
  readonly clear_cache?: boolean
  readonly refresh?: boolean
  /** Where this is shown to people */
  readonly html_url: string
  readonly last_execution_status: string
  readonly pipeline: ShortPipeline
}

export interface FullMember {
  /** Where this is, in the API */
  readonly url: string
  /** Where this is shown to people */
  readonly html_url: string
  readonly id: number
  readonly name: string
  readonly avatar_url: string | null
  readonly admin: boolean
  readonly workspace_owner: boolean
  readonly email: string | null
  readonly auto_assign_to_new_projects: boolean
  readonly auto_assign_permission_set_id: number | null
}

export interface GetActionExecutionLogAnswer {
  readonly url: string
  readonly html_url: string
  readonly offset: number
  readonly element_count: number
  readonly total_element_count: number
  readonly logs: readonly string[]
}

export type GetActionExecutionLogQuery = {
  readonly offset?: string | number | boolean | undefined
  readonly limit?: string | number | boolean | undefined
}

export interface GetActionLogAnswer {
  readonly status: string
  readonly progress: number
  readonly start_date: string | null
  readonly finish_date: string | null
  readonly action: RanAction
  readonly log: readonly string[]
}

export interface GetHealthAnswer {
  readonly status: string
}

export interface GetIdentifiersAnswer {
  /** Where this is, in the API */
  readonly url: string
  /** Where this is shown to people */
  readonly html_url: string
  readonly domain: string
  readonly project_identifier: string | null
  readonly pipeline_id: number | null
  readonly environment_id: string | null
  readonly pkg_id: number | null
  readonly pkg_version_id: number | null
  readonly sandbox_id: string | null
}

export type GetIdentifiersQuery = {
  /** The project's name */
  readonly project?: string | number | boolean | undefined
  /** The pipeline's identifier, in that project */
  readonly pipeline?: string | number | boolean | undefined
  readonly environment?: string | number | boolean | undefined
  readonly package?: string | number | boolean | undefined
  readonly package_version?: string | number | boolean | undefined
  readonly sandbox?: string | number | boolean | undefined
}

export interface GetProjectBoardAnswer {
  /** Where this is, in the API */
  readonly url: string
  /** Where this is shown to people */
  readonly html_url: string
  readonly look_date: string | null
  readonly environments: readonly string[]
  readonly images: readonly {
    readonly image: string
    readonly cells: readonly BoardCell[]
  }[]
}

export interface GetReadinessAnswer {
  readonly status: string
}

export interface GetServiceAnswer {
  readonly name: string
  readonly version: string
  readonly description: string
}

export interface Group {
  /** Where this is, in the API */
  readonly url: string
  /** Where this is shown to people */
  readonly html_url: string
  readonly id: number
  readonly name: string
  readonly description: string | null
  readonly auto_assign_to_new_projects: boolean
  readonly auto_assign_permission_set_id: number | null
}

export interface GroupMember {
  /** Where this is, in the API */
  readonly url: string
  /** Where this is shown to people */
  readonly html_url: string
  readonly id: number
  readonly name: string
  readonly avatar_url: string | null
  readonly admin: boolean
  readonly workspace_owner: boolean
  readonly email: string | null
  readonly auto_assign_to_new_projects: boolean
  readonly auto_assign_permission_set_id: number | null
  readonly status: 'MEMBER' | 'MANAGER'
}

export interface ImageDefinition {
  readonly docker_registry?:
    | 'DOCKER_HUB'
    | 'AMAZON_ECR'
    | 'GOOGLE_ARTIFACT_REGISTRY'
    | 'GOOGLE_GCR'
    | 'GIT_HUB_CONTAINER_REGISTRY'
    | 'GITHUB_CONTAINER_REGISTRY'
    | 'DIGITAL_OCEAN_CONTAINER_REGISTRY'
    | 'ARTIFACT_REGISTRY'
    | 'OTHER'
    | 'NONE'
  readonly image?: string
  readonly registry?: string
  readonly tag?: string
  /** An integration's identifier; or an object with its hash_id or identifier */
  readonly integration?:
    | string
    | {
        readonly hash_id?: string
        readonly identifier?: string
      }
  readonly region?: string
  readonly username?: string
  readonly login?: string
  readonly password?: string
  /** Of a target at AMAZON_ECR: make its repository when it is missing */
  readonly create_repository?: boolean
}

export interface ImageDefinitionView {
  readonly docker_registry:
    | 'DOCKER_HUB'
    | 'AMAZON_ECR'
    | 'GOOGLE_ARTIFACT_REGISTRY'
    | 'GOOGLE_GCR'
    | 'GIT_HUB_CONTAINER_REGISTRY'
    | 'GITHUB_CONTAINER_REGISTRY'
    | 'DIGITAL_OCEAN_CONTAINER_REGISTRY'
    | 'ARTIFACT_REGISTRY'
    | 'OTHER'
    | 'NONE'
  readonly image?: string
  readonly registry?: string
  readonly tag?: string
  /** The integration's identifier */
  readonly integration?: string
  readonly region?: string
  readonly login?: string
  /** The same as login */
  readonly username?: string
  readonly create_repository?: boolean
}

export interface Integration {
  /** Where this is, in the API */
  readonly url: string
  /** Where this is shown to people */
  readonly html_url: string
  readonly hash_id: string
  readonly identifier: string
  readonly name: string
  readonly type:
    | 'DOCKER_HUB'
    | 'AMAZON'
    | 'GOOGLE_SERVICE_ACCOUNT'
    | 'GIT_HUB'
    | 'GIT_LAB'
    | 'DIGITAL_OCEAN'
    | 'AZURE_CLOUD'
    | 'BITBUCKET'
    | 'GOOGLE'
    | 'SLACK'
    | 'MODULUS'
    | 'HEROKU'
    | 'SHOPIFY'
    | 'GIT_HUB_ENTERPRISE'
    | 'GIT_LAB_ENTERPRISE'
    | 'PUSHOVER'
    | 'PUSHBULLET'
    | 'RACKSPACE'
    | 'CUSTOM'
    | 'CLOUDFLARE'
    | 'NEW_RELIC'
    | 'SENTRY'
    | 'ROLLBAR'
    | 'DATADOG'
    | 'DO_SPACES'
    | 'HONEYBADGER'
    | 'VULTR'
    | 'SENTRY_ENTERPRISE'
    | 'LOGGLY'
    | 'HIP_CHAT'
    | 'FIREBASE'
    | 'TELEGRAM'
    | 'AZURE'
    | 'UPCLOUD'
    | 'GHOST_INSPECTOR'
    | 'NETLIFY'
    | 'MICROSOFT_TEAMS'
    | 'GOOGLE_PLAY_STORE'
    | 'APP_STORE'
    | 'GIT_HUB_APP'
    | 'GIT_HUB_APP_ENTERPRISE'
    | 'GIT_HUB_API'
    | 'ATOP'
    | 'SNYK'
    | 'STACK_HAWK'
    | 'BLACKFIRE'
    | 'BACKBLAZE'
    | 'ONE_LOGIN'
    | 'OKTA'
    | 'CONTENTFUL'
    | 'JIRA'
  readonly auth_type: string
  readonly scope: 'WORKSPACE' | 'PROJECT' | 'ENVIRONMENT'
  readonly project_name: string | null
  readonly app_id: string | null
  readonly google_project: string | null
  readonly host_url: string | null
  readonly webhook_address: string | null
  readonly audience: string | null
  readonly atop_url: string | null
  readonly permissions: IntegrationPermissions
  readonly all_pipelines_allowed: boolean
  readonly allowed_pipelines: readonly {
    /** Where this is, in the API */
    readonly url: string
    /** Where this is shown to people */
    readonly html_url: string
    readonly id: number
    readonly identifier: string
    readonly name: string
  }[]
}

export interface IntegrationPermission {
  readonly id: number
  readonly access_level: 'DENIED' | 'USE_ONLY' | 'MANAGE'
}

export interface IntegrationPermissions {
  readonly others: 'DENIED' | 'USE_ONLY' | 'MANAGE'
  readonly users: readonly IntegrationPermission[]
  readonly groups: readonly IntegrationPermission[]
  readonly admins: 'DENIED' | 'USE_ONLY' | 'MANAGE'
}

export interface ListActionsAnswer {
  /** Where this is, in the API */
  readonly url: string
  /** Where this is shown to people */
  readonly html_url: string
  readonly actions: readonly Action[]
}

export type ListActionsQuery = {
  /** From 1; without it and per_page all of the list */
  readonly page?: string | number | boolean | undefined
  /** 50 at most; 20 where only page is given */
  readonly per_page?: string | number | boolean | undefined
}

export interface ListApprovalsAnswer {
  /** Where this is, in the API */
  readonly url: string
  /** Where this is shown to people */
  readonly html_url: string
  readonly approvals: readonly Approval[]
}

export type ListApprovalsQuery = {
  /** From 1; without it and per_page all of the list */
  readonly page?: string | number | boolean | undefined
  /** 50 at most; 20 where only page is given */
  readonly per_page?: string | number | boolean | undefined
}

export interface ListExecutionsAnswer {
  readonly url: string
  readonly html_url: string
  readonly page: number
  readonly page_size: number
  readonly total_page_count: number
  readonly element_count: number
  readonly total_element_count: number
  readonly executions: readonly ShortExecution[]
}

export type ListExecutionsQuery = {
  /** From 1 */
  readonly page?: string | number | boolean | undefined
  /** 50 at most */
  readonly per_page?: string | number | boolean | undefined
  /** id */
  readonly sort_by?: string | number | boolean | undefined
  /** ASC or DESC */
  readonly sort_direction?: string | number | boolean | undefined
}

export interface ListGroupMembersAnswer {
  /** Where this is, in the API */
  readonly url: string
  /** Where this is shown to people */
  readonly html_url: string
  readonly members: readonly GroupMember[]
}

export type ListGroupMembersQuery = {
  /** From 1; without it and per_page all of the list */
  readonly page?: string | number | boolean | undefined
  /** 50 at most; 20 where only page is given */
  readonly per_page?: string | number | boolean | undefined
}

export interface ListGroupsAnswer {
  /** Where this is, in the API */
  readonly url: string
  /** Where this is shown to people */
  readonly html_url: string
  readonly groups: readonly Group[]
}

export type ListGroupsQuery = {
  /** From 1; without it and per_page all of the list */
  readonly page?: string | number | boolean | undefined
  /** 50 at most; 20 where only page is given */
  readonly per_page?: string | number | boolean | undefined
}

export interface ListIntegrationsAnswer {
  /** Where this is, in the API */
  readonly url: string
  /** Where this is shown to people */
  readonly html_url: string
  readonly integrations: readonly Integration[]
}

export type ListIntegrationsQuery = {
  /** From 1; without it and per_page all of the list */
  readonly page?: string | number | boolean | undefined
  /** 50 at most; 20 where only page is given */
  readonly per_page?: string | number | boolean | undefined
}

export interface ListMembersAnswer {
  /** Where this is, in the API */
  readonly url: string
  /** Where this is shown to people */
  readonly html_url: string
  readonly members: readonly FullMember[]
}

export type ListMembersQuery = {
  /** From 1 */
  readonly page?: string | number | boolean | undefined
  /** 50 at most */
  readonly per_page?: string | number | boolean | undefined
  /** id or name */
  readonly sort_by?: string | number | boolean | undefined
  /** ASC or DESC */
  readonly sort_direction?: string | number | boolean | undefined
}

export interface ListPermissionSetsAnswer {
  /** Where this is, in the API */
  readonly url: string
  /** Where this is shown to people */
  readonly html_url: string
  readonly permission_sets: readonly PermissionSet[]
}

export type ListPermissionSetsQuery = {
  /** From 1; without it and per_page all of the list */
  readonly page?: string | number | boolean | undefined
  /** 50 at most; 20 where only page is given */
  readonly per_page?: string | number | boolean | undefined
}

export interface ListPipelinesAnswer {
  /** Where this is, in the API */
  readonly url: string
  /** Where this is shown to people */
  readonly html_url: string
  readonly pipelines: readonly ShortPipeline[]
}

export type ListPipelinesQuery = {
  /** From 1 */
  readonly page?: string | number | boolean | undefined
  /** 50 at most */
  readonly per_page?: string | number | boolean | undefined
  /** id or name */
  readonly sort_by?: string | number | boolean | undefined
  /** ASC or DESC */
  readonly sort_direction?: string | number | boolean | undefined
}

export interface ListProjectGroupsAnswer {
  /** Where this is, in the API */
  readonly url: string
  /** Where this is shown to people */
  readonly html_url: string
  readonly groups: readonly ProjectGroup[]
}

export type ListProjectGroupsQuery = {
  /** From 1; without it and per_page all of the list */
  readonly page?: string | number | boolean | undefined
  /** 50 at most; 20 where only page is given */
  readonly per_page?: string | number | boolean | undefined
}

export interface ListProjectHistoryAnswer {
  /** Where this is, in the API */
  readonly url: string
  /** Where this is shown to people */
  readonly html_url: string
  readonly page: number
  readonly page_size: number
  readonly total_page_count: number
  readonly element_count: number
  readonly total_element_count: number
  readonly moves: readonly PastMove[]
}

export type ListProjectHistoryQuery = {
  /** From 1 */
  readonly page?: string | number | boolean | undefined
  /** 50 at most */
  readonly per_page?: string | number | boolean | undefined
  /** id */
  readonly sort_by?: string | number | boolean | undefined
  /** ASC or DESC */
  readonly sort_direction?: string | number | boolean | undefined
  readonly place?: string | number | boolean | undefined
  readonly tag?: string | number | boolean | undefined
  readonly digest?: string | number | boolean | undefined
  readonly image?: string | number | boolean | undefined
  readonly person?: string | number | boolean | undefined
}

export interface ListProjectMembersAnswer {
  /** Where this is, in the API */
  readonly url: string
  /** Where this is shown to people */
  readonly html_url: string
  readonly members: readonly ProjectMember[]
}

export type ListProjectMembersQuery = {
  /** From 1 */
  readonly page?: string | number | boolean | undefined
  /** 50 at most */
  readonly per_page?: string | number | boolean | undefined
  /** id or name */
  readonly sort_by?: string | number | boolean | undefined
  /** ASC or DESC */
  readonly sort_direction?: string | number | boolean | undefined
}

export interface ListProjectsAnswer {
  /** Where this is, in the API */
  readonly url: string
  /** Where this is shown to people */
  readonly html_url: string
  readonly projects: readonly ShortProject[]
}

export type ListProjectsQuery = {
  /** From 1 */
  readonly page?: string | number | boolean | undefined
  /** 50 at most */
  readonly per_page?: string | number | boolean | undefined
  /** name or create_date or repository_size */
  readonly sort_by?: string | number | boolean | undefined
  /** ASC or DESC */
  readonly sort_direction?: string | number | boolean | undefined
  /** ACTIVE or CLOSED */
  readonly status?: string | number | boolean | undefined
  /** true: only those that the caller is in */
  readonly membership?: string | number | boolean | undefined
}

export interface ListTokensAnswer {
  /** Where this is, in the API */
  readonly url: string
  /** Where this is shown to people */
  readonly html_url: string
  readonly access_tokens: readonly Token[]
}

export type ListTokensQuery = {
  /** From 1; without it and per_page all of the list */
  readonly page?: string | number | boolean | undefined
  /** 50 at most; 20 where only page is given */
  readonly per_page?: string | number | boolean | undefined
}

export interface ListUserIntegrationsAnswer {
  /** Where this is, in the API */
  readonly url: string
  /** Where this is shown to people */
  readonly html_url: string
  readonly integrations: readonly Integration[]
}

export type ListUserIntegrationsQuery = {
  /** From 1; without it and per_page all of the list */
  readonly page?: string | number | boolean | undefined
  /** 50 at most; 20 where only page is given */
  readonly per_page?: string | number | boolean | undefined
}

export interface ListVariablesAnswer {
  /** Where this is, in the API */
  readonly url: string
  /** Where this is shown to people */
  readonly html_url: string
  readonly variables: readonly Variable[]
}

export type ListVariablesQuery = {
  readonly project_name?: string | number | boolean | undefined
  readonly projectName?: string | number | boolean | undefined
  readonly pipeline_id?: string | number | boolean | undefined
  readonly pipelineId?: string | number | boolean | undefined
  readonly action_id?: string | number | boolean | undefined
  readonly actionId?: string | number | boolean | undefined
  readonly environment_id?: string | number | boolean | undefined
  readonly environmentId?: string | number | boolean | undefined
  /** From 1; without it and per_page all of the list */
  readonly page?: string | number | boolean | undefined
  /** 50 at most; 20 where only page is given */
  readonly per_page?: string | number | boolean | undefined
}

export interface ListWebhooksAnswer {
  /** Where this is, in the API */
  readonly url: string
  /** Where this is shown to people */
  readonly html_url: string
  readonly webhooks: readonly Webhook[]
}

export type ListWebhooksQuery = {
  /** From 1; without it and per_page all of the list */
  readonly page?: string | number | boolean | undefined
  /** 50 at most; 20 where only page is given */
  readonly per_page?: string | number | boolean | undefined
}

export interface ListWorkspacesAnswer {
  /** Where this is, in the API */
  readonly url: string
  /** Where this is shown to people */
  readonly html_url: string
  readonly workspaces: readonly ShortWorkspace[]
}

export type ListWorkspacesQuery = {
  /** From 1; without it and per_page all of the list */
  readonly page?: string | number | boolean | undefined
  /** 50 at most; 20 where only page is given */
  readonly per_page?: string | number | boolean | undefined
}

export interface MakePipelineTriggerKeyAnswer {
  /** Where this is, in the API */
  readonly url: string
  /** Where this is shown to people */
  readonly html_url: string
  /** Shown this once */
  readonly token: string
  /** Runs the pipeline, if it has a WEBHOOK event */
  readonly webhook_url: string
  /** For a registry to tell of pushes, for PUSH_IMAGE events */
  readonly registry_webhook_url: string
  /** Base32, for events with totp */
  readonly totp_secret: string
  /** The same for an authenticator app */
  readonly totp_url: string
  /** For registries, for events that are signed */
  readonly secret: string
}

export interface Member {
  /** Where this is, in the API */
  readonly url: string
  /** Where this is shown to people */
  readonly html_url: string
  readonly id: number
  readonly name: string
  readonly avatar_url: string | null
  readonly admin: boolean
  readonly workspace_owner: boolean
}

export interface OperateExecutionBody {
  readonly operation:
    | 'CANCEL'
    | 'RETRY'
    | 'APPLY'
    | 'APPLY_VARIABLES'
    | 'SET_VARIABLES'
    | 'RUN_DELAYED'
    | 'APPROVE_VT'
  /** The action execution that is answered, or its action; what is asked unless given */
  readonly approve_action_id?: string | number
  readonly variables?: readonly {
    readonly key: string
    readonly value?: string
    readonly encrypted?: boolean
  }[]
  readonly comment?: string
}

export interface PastMove {
  readonly id: number
  /** The reference in full */
  readonly source: string
  /** The reference in full */
  readonly target: string
  /** registry/repository:tag */
  readonly place: string
  readonly tag: string
  readonly digest: string
  readonly previous_digest: string | null
  readonly date: string
  readonly promoted_by: Member
  readonly pipeline_id: number
  readonly pipeline_name: string
  readonly action_id: number
  readonly execution_id: number
  /** Where this is, in the API */
  readonly execution_url: string
  /** Where this is shown to people */
  readonly execution_html_url: string
  /** What the tag named before, another tool had put there */
  readonly outside: boolean
}

export interface PermissionSet {
  /** Where this is, in the API */
  readonly url: string
  /** Where this is shown to people */
  readonly html_url: string
  readonly id: number
  readonly name: string
  readonly description: string | null
  readonly type: 'DEVELOPER' | 'READ_ONLY' | 'PROJECT_MANAGER' | 'CUSTOM'
  readonly repository_access_level: 'DENIED' | 'READ_ONLY' | 'USE_ONLY' | 'RUN_ONLY' | 'READ_WRITE' | 'MANAGE'
  readonly pipeline_access_level: 'DENIED' | 'READ_ONLY' | 'USE_ONLY' | 'RUN_ONLY' | 'READ_WRITE' | 'MANAGE'
  readonly sandbox_access_level: 'DENIED' | 'READ_ONLY' | 'USE_ONLY' | 'RUN_ONLY' | 'READ_WRITE' | 'MANAGE'
  readonly project_team_access_level:
    | 'DENIED'
    | 'READ_ONLY'
    | 'USE_ONLY'
    | 'RUN_ONLY'
    | 'READ_WRITE'
    | 'MANAGE'
  readonly environment_access_level:
    | 'DENIED'
    | 'READ_ONLY'
    | 'USE_ONLY'
    | 'RUN_ONLY'
    | 'READ_WRITE'
    | 'MANAGE'
  readonly target_access_level: 'DENIED' | 'READ_ONLY' | 'USE_ONLY' | 'RUN_ONLY' | 'READ_WRITE' | 'MANAGE'
}

export interface Pipeline {
  /** Where this is, in the API */
  readonly url: string
  /** Where this is shown to people */
  readonly html_url: string
  readonly id: number
  readonly identifier: string
  readonly name: string
  readonly priority: 'LOW' | 'NORMAL' | 'HIGH'
  readonly disabled: boolean
  readonly disabled_reason: string | null
  readonly paused: boolean
  readonly concurrent_pipeline_runs: boolean
  readonly terminate_stale_runs: boolean
  readonly pause_on_repeated_failures: number
  readonly loop: readonly string[]
  readonly last_execution_status: string
  readonly last_execution_revision: string | null
  readonly create_date: string
  readonly stale: boolean
  readonly waiting_for_push: boolean
  readonly on: 'CLICK' | 'EVENT' | 'SCHEDULE'
  readonly events: readonly PipelineEvent[]
  readonly definition_source: 'LOCAL' | 'REMOTE'
  readonly git_config_ref: 'NONE' | 'DYNAMIC' | 'FIXED'
  readonly git_config: {
    readonly project?: string
    readonly branch?: string
    readonly path?: string
  } | null
  readonly refs: readonly string[]
  readonly tags: readonly string[]
  readonly folder: string | null
  readonly target_site_url: string | null
  readonly execution_message_template: string | null
  readonly always_from_scratch: boolean
  readonly ignore_fail_on_project_status: boolean
  readonly no_skip_to_most_recent: boolean
  readonly auto_clear_cache: boolean
  readonly fetch_all_refs: boolean
  readonly fail_on_prepare_env_warning: boolean
  readonly clone_depth: number | null
  readonly do_not_create_commit_status: boolean
  readonly resources: 'DEFAULT' | 'NANO' | 'SMALL' | 'MEDIUM' | 'LARGE' | 'XLARGE' | 'X2LARGE' | 'CUSTOM'
  readonly remote_path: string | null
  readonly remote_ref: string | null
  readonly remote_branch: string | null
  readonly remote_project_name: string | null
  readonly remote_parameters: readonly {
    readonly key?: string
    readonly value?: string
  }[]
  readonly git_changeset_base: 'LATEST_RUN' | 'LATEST_RUN_MATCHING_REF' | 'PULL_REQUEST'
  readonly filesystem_changeset_base: 'DATE_MODIFIED' | 'CONTENTS'
  readonly cpu: 'X64' | 'ARM' | 'X86'
  readonly description_required: boolean
  readonly manage_variables_by_yaml: boolean
  readonly manage_permissions_by_yaml: boolean
  readonly project: ShortProject
  readonly creator: Member
  readonly actions: readonly Action[]
  readonly worker: string | null
  readonly permissions: PipelinePermissions
  readonly trigger_conditions: readonly TriggerCondition[]
  readonly variables: readonly Variable[]
}

export interface PipelineEvent {
  readonly type:
    | 'PUSH'
    | 'CREATE_REF'
    | 'DELETE_REF'
    | 'PULL_REQUEST'
    | 'SCHEDULE'
    | 'PUBLISH_PACKAGE_VERSION'
    | 'DELETE_PACKAGE_VERSION'
    | 'CREATE_PACKAGE_VERSION'
    | 'WEBHOOK'
    | 'EMAIL'
    | 'PUSH_IMAGE'
  readonly start_date?: string
  /** Minutes */
  readonly delay?: number
  readonly cron?: string
  readonly timezone?: string
  readonly totp?: boolean
  readonly images?: readonly string[]
  readonly tags?: readonly string[]
  readonly signed?: boolean
  readonly refs?: readonly string[]
  readonly events?: readonly string[]
  readonly branches?: readonly string[]
  readonly packages?: readonly Readonly<Record<string, unknown>>[]
  readonly environment?: string
  readonly prefix?: string
  readonly whitelist?: readonly string[]
}

export interface PipelinePermission {
  readonly id: number
  readonly access_level: 'DEFAULT' | 'DENIED' | 'READ_ONLY' | 'RUN_ONLY' | 'READ_WRITE'
}

export interface PipelinePermissions {
  readonly others: 'DEFAULT' | 'DENIED' | 'READ_ONLY' | 'RUN_ONLY' | 'READ_WRITE'
  readonly users: readonly PipelinePermission[]
  readonly groups: readonly PipelinePermission[]
}

export interface PipelinesAsYaml {
  /** Where this is, in the API */
  readonly url: string
  /** Where this is shown to people */
  readonly html_url: string
  /** In Base64 */
  readonly yaml: string
}

export interface PipelinesChange {
  /** Where this is, in the API */
  readonly url: string
  /** Where this is shown to people */
  readonly html_url: string
  readonly changed: boolean
  /** In Base64 */
  readonly yaml: string
  /** In Base64 */
  readonly previous_yaml: string
  /** From one to the other, line by line, in the unified form */
  readonly diff: string
}

export interface PlanPipelineAnswer {
  /** Where this is, in the API */
  readonly url: string
  /** Where this is shown to people */
  readonly html_url: string
  readonly plan: readonly PlannedPromotion[]
}

export interface PlannedPromotion {
  readonly action_id: number
  readonly action_execution_id: string | null
  readonly name: string
  readonly source: string | null
  readonly target: string | null
  readonly digest: string | null
  readonly previous_digest: string | null
  readonly moves: {
    readonly mount: number
    readonly copy: number
    readonly put: number
    readonly tag: number
  }
  readonly bytes_to_send: number
  readonly bytes_to_mount: number
  readonly bytes_present: number
  readonly error_message: string | null
  readonly error_code: string | null
  readonly error_side: string | null
}

export interface PreviewPipelineScheduleAnswer {
  /** Where this is, in the API */
  readonly url: string
  /** Where this is shown to people */
  readonly html_url: string
  readonly next_runs: readonly string[]
}

export interface PreviewPipelineScheduleBody {
  readonly start_date?: string
  /** Minutes */
  readonly delay?: number
  readonly cron?: string
  readonly timezone?: string
}

export interface Profile {
  /** Where this is, in the API */
  readonly url: string
  /** Where this is shown to people */
  readonly html_url: string
  readonly id: number
  readonly name: string
  readonly avatar_url: string | null
  readonly workspaces_url: string
}

export interface Project {
  /** Where this is, in the API */
  readonly url: string
  /** Where this is shown to people */
  readonly html_url: string
  readonly name: string
  readonly display_name: string
  readonly status: 'ACTIVE' | 'CLOSED'
  readonly access: 'PRIVATE' | 'PUBLIC'
  readonly create_date: string
  readonly created_by: Member
  readonly http_repository: string | null
  readonly ssh_repository: string | null
  readonly default_branch: string | null
  readonly integration: {
    readonly hash_id: string
  } | null
  readonly external_project_id: string | null
  readonly git_lab_project_id: string | null
  readonly custom_repo_url: string | null
  readonly custom_repo_user: string | null
  readonly custom_repo_ssh_key_id: number | null
  readonly fetch_submodules: boolean
  readonly fetch_submodules_env_key: string | null
  readonly allow_pull_requests: boolean
  readonly update_default_branch_from_external: boolean
  readonly without_repository: boolean
}

export interface ProjectGroup {
  /** Where this is, in the API */
  readonly url: string
  /** Where this is shown to people */
  readonly html_url: string
  readonly id: number
  readonly name: string
  readonly description: string | null
  readonly auto_assign_to_new_projects: boolean
  readonly auto_assign_permission_set_id: number | null
  readonly permission_set: PermissionSet
}

export interface ProjectMember {
  /** Where this is, in the API */
  readonly url: string
  /** Where this is shown to people */
  readonly html_url: string
  readonly id: number
  readonly name: string
  readonly avatar_url: string | null
  readonly admin: boolean
  readonly workspace_owner: boolean
  readonly email: string | null
  readonly auto_assign_to_new_projects: boolean
  readonly auto_assign_permission_set_id: number | null
  readonly permission_set: PermissionSet
}

export interface Promotion {
  /** The reference in full */
  readonly source: string
  /** The reference in full */
  readonly target: string
  readonly digest: string
  readonly previous_digest: string | null
  readonly bytes_sent: number
  readonly bytes_mounted: number
  readonly bytes_present: number
  readonly requests: number
  readonly phases:
    | readonly {
        readonly phase: 'PLAN' | 'COPY' | 'PUT' | 'TAG' | 'VERIFY'
        readonly duration_ms: number
      }[]
    | null
}

export interface RanAction {
  /** Where this is, in the API */
  readonly url: string
  readonly id: number
  readonly name: string
  readonly type:
    | 'PROMOTE_IMAGE'
    | 'WAIT_FOR_APPLY'
    | 'WAIT_FOR_APPROVE'
    | 'WAIT_FOR_VARIABLES'
    | 'RUN_NEXT_PIPELINE'
  readonly trigger_time:
    | 'ON_EVERY_EXECUTION'
    | 'ON_SUCCESS'
    | 'ON_FAILURE'
    | 'ON_BACK_TO_SUCCESS'
    | 'ON_WARNING'
    | 'ON_WAIT_FOR_APPROVE'
    | 'ON_TERMINATE'
  readonly trigger_conditions: readonly TriggerCondition[]
  readonly run_next: 'WAIT_ON_SUCCESS' | 'IN_SOFT_PARALLEL' | 'IN_HARD_PARALLEL'
  readonly run_only_on_first_failure: boolean
  readonly disabled: boolean
  readonly ignore_errors: boolean
  readonly timeout: number | null
  readonly retry_count: number | null
  readonly retry_interval: number | null
  readonly loop: readonly string[]
  readonly variables: readonly Readonly<Record<string, unknown>>[]
  readonly current_revision: string | null
  readonly same_location?: boolean
  readonly copy_referrers?: boolean | null
  /** Of an index, what is for these platforms alone, like linux/arm64; its digest changes where the target takes no part of one. Empty: all of it */
  readonly platforms?: readonly string[]
  readonly src?: ImageDefinitionView
  readonly dest?: ImageDefinitionView
  readonly comment?: string | null
  readonly permissions?: Approvers
  readonly prevent_self_approval?: boolean
  readonly next_project_name?: string
  readonly next_pipeline_name?: string
  readonly priority?: 'LOW' | 'NORMAL' | 'HIGH' | null
  readonly identifier?: string
  readonly revision?: string
  readonly specific_revision?: string
  readonly clear_cache?: boolean
  readonly refresh?: boolean
}

export interface Run {
  readonly comment?: string
  readonly priority?: 'LOW' | 'NORMAL' | 'HIGH'
  readonly actions_to_run?: readonly number[]
  readonly delay_until?: string
  readonly variables?: readonly {
    readonly key: string
    readonly value?: string
    readonly encrypted?: boolean
  }[]
  readonly branch?: {
    readonly name: string
  }
  /** The older clients send its name alone */
  readonly tag?:
    | {
        readonly name: string
      }
    | string
  readonly pull_request?: {
    readonly name: string
  }
  readonly from_revision?: {
    readonly revision: string
  }
  readonly to_revision?: {
    readonly revision: string
  }
  /** From scratch */
  readonly refresh?: boolean
  readonly clear_cache?: boolean
  readonly environment?: string
  /** A package and its version: name:version */
  readonly package_version?: string
  /** The digests that a plan has shown: these actions promote them and no others */
  readonly expected?: readonly {
    readonly action_id: number
    readonly digest: string
  }[]
  /** Put the tag of this promotion back to what it has put there before, and do nothing else */
  readonly rollback?: {
    readonly action_id: number
    readonly digest: string
  }
}

export interface ShortExecution {
  /** Where this is, in the API */
  readonly url: string
  /** Where this is shown to people */
  readonly html_url: string
  readonly id: number
  readonly status: string
  readonly start_date: string | null
  readonly finish_date: string | null
  readonly triggered_on: string
  readonly priority: 'LOW' | 'NORMAL' | 'HIGH'
  readonly comment: string | null
  readonly delay_until: string | null
  readonly refresh: boolean
  readonly clear_cache: boolean
  readonly branch: {
    readonly url: string | null
    readonly html_url: string | null
    readonly name: string
    readonly default: boolean | null
  } | null
  readonly tag: {
    readonly url: string | null
    readonly html_url: string | null
    readonly name: string
  } | null
  readonly pull_request: {
    readonly url: string | null
    readonly html_url: string | null
    readonly name: string
  } | null
  readonly from_revision: {
    readonly url: string | null
    readonly html_url: string | null
    readonly revision: string
    readonly author_date: string | null
    readonly commit_date: string | null
    readonly message: string | null
    readonly committer: string | null
    readonly author: string | null
  } | null
  readonly to_revision: {
    readonly url: string | null
    readonly html_url: string | null
    readonly revision: string
    readonly author_date: string | null
    readonly commit_date: string | null
    readonly message: string | null
    readonly committer: string | null
    readonly author: string | null
  } | null
  readonly environment: string | null
  readonly package_version: string | null
}

export interface ShortPipeline {
  /** Where this is, in the API */
  readonly url: string
  /** Where this is shown to people */
  readonly html_url: string
  readonly id: number
  readonly identifier: string
  readonly name: string
  readonly priority: 'LOW' | 'NORMAL' | 'HIGH'
  readonly disabled: boolean
  readonly disabled_reason: string | null
  readonly paused: boolean
  readonly concurrent_pipeline_runs: boolean
  readonly terminate_stale_runs: boolean
  readonly pause_on_repeated_failures: number
  readonly loop: readonly string[]
  readonly last_execution_status: string
  readonly last_execution_revision: string | null
  readonly create_date: string
  readonly stale: boolean
  readonly waiting_for_push: boolean
  readonly on: 'CLICK' | 'EVENT' | 'SCHEDULE'
  readonly events: readonly PipelineEvent[]
  readonly definition_source: 'LOCAL' | 'REMOTE'
  readonly git_config_ref: 'NONE' | 'DYNAMIC' | 'FIXED'
  readonly git_config: {
    readonly project?: string
    readonly branch?: string
    readonly path?: string
  } | null
  readonly refs: readonly string[]
  readonly tags: readonly string[]
  readonly folder: string | null
  readonly target_site_url: string | null
  readonly execution_message_template: string | null
  readonly always_from_scratch: boolean
  readonly ignore_fail_on_project_status: boolean
  readonly no_skip_to_most_recent: boolean
  readonly auto_clear_cache: boolean
  readonly fetch_all_refs: boolean
  readonly fail_on_prepare_env_warning: boolean
  readonly clone_depth: number | null
  readonly do_not_create_commit_status: boolean
  readonly resources: 'DEFAULT' | 'NANO' | 'SMALL' | 'MEDIUM' | 'LARGE' | 'XLARGE' | 'X2LARGE' | 'CUSTOM'
  readonly remote_path: string | null
  readonly remote_ref: string | null
  readonly remote_branch: string | null
  readonly remote_project_name: string | null
  readonly remote_parameters: readonly {
    readonly key?: string
    readonly value?: string
  }[]
  readonly git_changeset_base: 'LATEST_RUN' | 'LATEST_RUN_MATCHING_REF' | 'PULL_REQUEST'
  readonly filesystem_changeset_base: 'DATE_MODIFIED' | 'CONTENTS'
  readonly cpu: 'X64' | 'ARM' | 'X86'
  readonly description_required: boolean
  readonly manage_variables_by_yaml: boolean
  readonly manage_permissions_by_yaml: boolean
}

export interface ShortProject {
  /** Where this is, in the API */
  readonly url: string
  /** Where this is shown to people */
  readonly html_url: string
  readonly name: string
  readonly display_name: string
  readonly status: 'ACTIVE' | 'CLOSED'
  readonly access: 'PRIVATE' | 'PUBLIC'
  readonly create_date: string
}

export interface ShortWorkspace {
  /** Where this is, in the API */
  readonly url: string
  /** Where this is shown to people */
  readonly html_url: string
  readonly id: number
  readonly name: string
  readonly domain: string
}

export interface TagMove {
  readonly id: number
  /** The reference in full */
  readonly source: string
  /** The reference in full */
  readonly target: string
  /** registry/repository:tag */
  readonly place: string
  readonly tag: string
  readonly digest: string
  readonly previous_digest: string | null
  readonly date: string
  readonly promoted_by: Member
  readonly pipeline_id: number
  readonly pipeline_name: string
  readonly action_id: number
  readonly execution_id: number
  /** Where this is, in the API */
  readonly execution_url: string
  /** Where this is shown to people */
  readonly execution_html_url: string
}

export interface TestIntegrationAnswer {
  /** Where this is, in the API */
  readonly url: string
  /** failed: one of the steps did */
  readonly status: 'ok' | 'failed'
  readonly registry: string | null
  readonly repository: string | null
  readonly steps: readonly {
    readonly step: 'name' | 'connection' | 'tls' | 'credentials' | 'pull' | 'push' | 'repository' | 'quota'
    readonly status: 'ok' | 'failed' | 'skipped'
    readonly code: string | null
    readonly message: string
    readonly advice: string | null
  }[]
}

export interface TestIntegrationBody {
  /** Without one, what is true of the whole registry */
  readonly image?: string
  readonly registry?: string
  readonly region?: string
  /** Whether to begin an upload and give it up again, which nothing else shows; true unless given */
  readonly push?: boolean
}

export interface Token {
  /** Where this is, in the API */
  readonly url: string
  /** Where this is shown to people */
  readonly html_url: string
  readonly id: string
  readonly name: string
  readonly expires_at: string | null
  readonly scopes: readonly string[]
  readonly ip_restrictions: readonly string[]
  readonly workspace_restrictions: readonly string[]
  /** Only in the answer that makes it */
  readonly token?: string
}

export interface TriggerCondition {
  /** All of a list are to be met; OR begins another group, and one group is enough */
  readonly trigger_condition:
    | 'ALWAYS'
    | 'OR'
    | 'ON_CHANGE'
    | 'ON_CHANGE_AT_PATH'
    | 'VAR_IS'
    | 'VAR_IS_NOT'
    | 'VAR_CONTAINS'
    | 'VAR_NOT_CONTAINS'
    | 'VAR_LESS_THAN'
    | 'VAR_LESS_THAN_OR_EQUAL'
    | 'VAR_GREATER_THAN'
    | 'VAR_GREATER_THAN_OR_EQUAL'
    | 'DATETIME'
    | 'DAY'
    | 'HOUR'
    | 'SUCCESS_PIPELINE'
    | 'TRIGGERING_USER_IS'
    | 'TRIGGERING_USER_IS_NOT'
    | 'TRIGGERING_USER_IS_IN_GROUP'
    | 'TRIGGERING_USER_IS_NOT_IN_GROUP'
    | 'ACTION_STATUS_IS'
    | 'ACTION_STATUS_IS_NOT'
  readonly trigger_condition_paths?: readonly string[]
  readonly trigger_variable_key?: string
  readonly trigger_variable_value?: string
  readonly trigger_days?: readonly number[]
  readonly trigger_hours?: readonly number[]
  readonly timezone?: string
  /** The same as timezone */
  readonly zone_id?: string
  readonly trigger_project_name?: string
  readonly trigger_pipeline_name?: string
  readonly trigger_user?: string
  readonly trigger_group?: string
  readonly trigger_action_name?: string
  readonly trigger_status?: 'SUCCESSFUL' | 'SKIPPED' | 'SUPRESSED' | 'FAILED'
}

export interface TriggerExecutionByPushAnswer {
  readonly executions: readonly ShortExecution[]
}

export type TriggerExecutionByPushQuery = {
  readonly token?: string | number | boolean | undefined
}

export type TriggerGetExecutionQuery = {
  readonly token?: string | number | boolean | undefined
}

export type TriggerPostExecutionQuery = {
  readonly token?: string | number | boolean | undefined
}

export interface TryPipelineBody {
  /** A buddy.yml in Base64 */
  readonly yaml: string
}

export interface TryPipelinesBody {
  /** A buddy.yml in Base64 */
  readonly yaml: string
}

export interface Variable {
  /** Where this is, in the API */
  readonly url: string
  /** Where this is shown to people */
  readonly html_url: string
  readonly id: number
  readonly key: string
  /** `!encrypted …` where it is secret */
  readonly value: string
  readonly type:
    | 'VAR'
    | 'FILE'
    | 'SSH_KEY'
    | 'SSH_PUBLIC_KEY'
    | 'IOS_KEYCHAIN'
    | 'IOS_PROVISION_PROFILES'
    | 'GPG_KEY'
  readonly encrypted: boolean
  readonly settable: boolean
  readonly run_only_settable: boolean
  readonly description: string | null
  readonly file_place: 'NONE' | 'CONTAINER'
  readonly file_path: string | null
  readonly file_chmod: string | null
  readonly checksum: string | null
  readonly public_value: string | null
  readonly key_fingerprint: string | null
  readonly key_identifier: string | null
  readonly init_path: string | null
  readonly defaults: string | null
  readonly binary: boolean
  readonly project: {
    readonly name: string
  } | null
  readonly pipeline: {
    readonly id: number
  } | null
  readonly action: {
    readonly id: number
  } | null
  readonly environment: {
    readonly id: string
  } | null
}

export interface VariableOf {
  readonly key: string
  readonly value?: string
  readonly type?:
    | 'VAR'
    | 'FILE'
    | 'SSH_KEY'
    | 'SSH_PUBLIC_KEY'
    | 'IOS_KEYCHAIN'
    | 'IOS_PROVISION_PROFILES'
    | 'GPG_KEY'
  readonly encrypted?: boolean
  readonly settable?: boolean
  readonly run_only_settable?: boolean
  readonly description?: string
  readonly file_place?: 'NONE' | 'CONTAINER'
  readonly file_path?: string
  readonly file_chmod?: string
  readonly passphrase?: string
  readonly password?: string
}

export interface Webhook {
  /** Where this is, in the API */
  readonly url: string
  /** Where this is shown to people */
  readonly html_url: string
  readonly id: number
  readonly target_url: string
  readonly secret_key: string | null
  /** Only in the answer that sets it */
  readonly signing_secret?: string
  readonly projects: readonly string[]
  readonly events: readonly (
    | 'PUSH'
    | 'EXECUTION_STARTED'
    | 'EXECUTION_SUCCESSFUL'
    | 'EXECUTION_FAILED'
    | 'EXECUTION_FINISHED'
  )[]
  readonly requests: readonly {
    readonly post_date: string
    /** 0 where no answer came */
    readonly response_status: string
    /** What was sent, the secret key left out */
    readonly body: string
  }[]
}

export interface Workspace {
  /** Where this is, in the API */
  readonly url: string
  /** Where this is shown to people */
  readonly html_url: string
  readonly id: number
  readonly name: string
  readonly domain: string
  readonly owner_id: number
  readonly frozen: boolean
  readonly create_date: string
  readonly default_pipeline_resource: string
  readonly sso_enabled: boolean
  readonly public_pipelines_disabled: boolean
}
