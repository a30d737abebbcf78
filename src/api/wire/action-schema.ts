import { Type } from 'typebox'
import type { Action } from '#model'
import { Conditions } from './condition.ts'
import { ImageBody, ImageView } from './image.ts'
import { ShortPipelineView } from './pipeline.ts'
import { ApproversView, questionMembers } from './question.ts'
import { Anything, HtmlUrl, Id, Name, Nullable, optional, Text, Url, Whole, Word } from './schema.ts'
import { VariableBodies } from './variable.ts'
import { PRIORITIES, RUN_NEXT, TRIGGER_TIMES } from './words.ts'

/** The types of actions that there are; one has a second name. */
export const ACTION_TYPES = {
  PROMOTE_IMAGE: 'promote-image',
  WAIT_FOR_APPLY: 'wait-for-apply',
  WAIT_FOR_APPROVE: 'wait-for-apply',
  WAIT_FOR_VARIABLES: 'wait-for-variables',
  RUN_NEXT_PIPELINE: 'run-next-pipeline',
} as const satisfies Record<string, Action['type']>

/** Kept and given back. A text of pipelines knows an action by its `identifier`; the others, of RUN_NEXT_PIPELINE, have no effect here. */
export const ACTION_EXTRAS = {
  identifier: Name,
  revision: Text,
  specific_revision: Text,
  clear_cache: Type.Boolean(),
  refresh: Type.Boolean(),
}

const Platforms = Type.Array(Type.String({ maxLength: 100 }), {
  maxItems: 100,
  description:
    'Of an index, what is for these platforms alone, like linux/arm64; its digest changes where the target takes no part of one. Empty: all of it',
})

const members = {
  trigger_time: Type.Optional(Word(TRIGGER_TIMES)),
  trigger_conditions: Type.Optional(Conditions),
  run_next: Type.Optional(Word(RUN_NEXT)),
  run_only_on_first_failure: Type.Optional(Type.Boolean()),
  disabled: Type.Optional(Type.Boolean()),
  ignore_errors: Type.Optional(Type.Boolean()),
  timeout: Type.Optional(Whole),
  retry_count: Type.Optional(Type.Integer({ minimum: 0, maximum: 1000 })),
  retry_interval: Type.Optional(Whole),
  loop: Type.Optional(Type.Array(Name, { maxItems: 10 })),
  variables: Type.Optional(VariableBodies),
  after_action_id: Type.Optional(Whole),
  same_location: Type.Optional(Type.Boolean()),
  copy_referrers: Type.Optional(
    Type.Boolean({
      description:
        'Whether signatures, SBOMs and attestations come along. true: they are looked for each time. Not given: they come along when the image is copied',
    }),
  ),
  platforms: Type.Optional(Platforms),
  src: Type.Optional(ImageBody),
  dest: Type.Optional(ImageBody),
  ...questionMembers,
  next_pipeline_id: Type.Optional(Id),
  next_project_name: Type.Optional(Text),
  next_pipeline_name: Type.Optional(Name),
  wait: Type.Optional(Type.Boolean()),
  priority: Type.Optional(Word(PRIORITIES)),
  ...optional(ACTION_EXTRAS),
}
export const ActionBody = Type.Object({ name: Name, type: Word(ACTION_TYPES), ...members })
export const ActionPatch = Type.Object({
  name: Type.Optional(Name),
  type: Type.Optional(Word(ACTION_TYPES)),
  ...members,
})

/** An action as it was when it ran. What it has beside the common members depends on its type. */
export const RanActionView = Type.Object(
  {
    url: Url,
    id: Type.Integer(),
    name: Type.String(),
    type: Word(ACTION_TYPES),
    trigger_time: Word(TRIGGER_TIMES),
    trigger_conditions: Conditions,
    run_next: Word(RUN_NEXT),
    run_only_on_first_failure: Type.Boolean(),
    disabled: Type.Boolean(),
    ignore_errors: Type.Boolean(),
    timeout: Nullable(Whole),
    retry_count: Nullable(Type.Integer()),
    retry_interval: Nullable(Whole),
    loop: Type.Array(Type.String()),
    variables: Type.Array(Anything),
    current_revision: Nullable(Type.String()),
    same_location: Type.Optional(Type.Boolean()),
    copy_referrers: Type.Optional(Nullable(Type.Boolean())),
    platforms: Type.Optional(Platforms),
    src: Type.Optional(ImageView),
    dest: Type.Optional(ImageView),
    comment: Type.Optional(Nullable(Type.String())),
    permissions: Type.Optional(ApproversView),
    prevent_self_approval: Type.Optional(Type.Boolean()),
    next_project_name: Type.Optional(Type.String()),
    next_pipeline_name: Type.Optional(Type.String()),
    priority: Type.Optional(Nullable(Word(PRIORITIES))),
    ...optional(ACTION_EXTRAS),
  },
  { title: 'RanAction' },
)
/** As in lists. */
export const ActionView = Type.Object(
  {
    ...RanActionView.properties,
    html_url: HtmlUrl,
    last_execution_status: Type.String(),
  },
  { title: 'Action' },
)
export const FullActionView = Type.Object(
  { ...ActionView.properties, pipeline: ShortPipelineView },
  { title: 'FullAction' },
)
