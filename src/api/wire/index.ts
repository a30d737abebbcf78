/** What the API answers, as types: for those who speak to it and have no other business here. */
import type { Static } from 'typebox'
import type * as action from './action-schema.ts'

export type { ProgressEvent } from './events.ts'

import type * as approval from './approval.ts'
import type * as board from './board.ts'
import type * as execution from './execution.ts'
import type * as fullPipeline from './full-pipeline.ts'
import type * as group from './group.ts'
import type * as integration from './integration.ts'
import type * as member from './member.ts'
import type * as permissionSet from './permission-set.ts'
import type * as pipeline from './pipeline.ts'
import type * as plan from './plan.ts'
import type * as schema from './schema.ts'
import type * as session from './session.ts'
import type * as token from './token.ts'
import type * as trial from './trial.ts'
import type * as trigger from './trigger.ts'
import type * as variable from './variable.ts'
import type * as webhook from './webhook.ts'
import type * as workspace from './workspace.ts'

export type BoardView = Static<typeof board.BoardView>
export type BoardCellView = BoardView['images'][number]['cells'][number]
export type HistoryView = Static<typeof board.HistoryView>
export type PastMoveView = HistoryView['moves'][number]
export type ErrorsView = Static<typeof schema.Errors>
export type SessionView = Static<typeof session.SessionView>
export type ShortWorkspaceView = Static<typeof workspace.ShortWorkspaceView>
export type WorkspaceView = Static<typeof workspace.WorkspaceView>
export type ShortProjectView = Static<typeof workspace.ShortProjectView>
export type ProjectView = Static<typeof workspace.ProjectView>
export type ShortPipelineView = Static<typeof pipeline.ShortPipelineView>
export type PipelineView = Static<typeof fullPipeline.PipelineView> & {
  readonly variables: readonly VariableView[]
}
export type ActionBody = Static<typeof action.ActionBody>
export type ActionView = Static<typeof action.ActionView>
export type FullActionView = Static<typeof action.FullActionView>
export type RanActionView = Static<typeof action.RanActionView>
export type ShortExecutionView = Static<typeof execution.ShortExecutionView>
export type ExecutionView = Static<typeof execution.ExecutionView>
export type ActionExecutionView = Static<typeof execution.ActionExecutionView>
export type IntegrationView = Static<typeof integration.IntegrationView>
export type TriggerKeyView = Static<typeof trigger.TriggerKeyView>
export type TokenView = Static<typeof token.TokenView>
export type WebhookView = Static<typeof webhook.WebhookView>
export type TrialView = Static<typeof trial.TrialView>
export type MemberView = Static<typeof member.MemberView>
export type GroupView = Static<typeof group.GroupView>
export type PermissionSetView = Static<typeof permissionSet.PermissionSetView>
export type ProjectMemberView = MemberView & { readonly permission_set: PermissionSetView }
export type ProjectGroupView = GroupView & { readonly permission_set: PermissionSetView }
export type ApprovalView = Static<typeof approval.ApprovalView>
export type PlannedView = Static<typeof plan.PlannedView>
export type VariableView = Static<typeof variable.VariableView>
export type BindingView = Static<typeof variable.BindingView>
